#include "store/s3/range_lister.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "model/scope.h"

namespace flotsam {
namespace {

std::unexpected<Error> distrust(std::string message) {
  return fail(ErrorCode::corrupt, std::move(message),
              "the listing cannot be trusted: check the store, and any proxy before it");
}

/// Cheap for the many: only a key that holds the name at all is taken apart.
bool is_own_key(KeyView key) {
  return key.bytes().find(".flotsam-") != std::string_view::npos && is_own(key);
}

PageSample sample_of(const ListingPage& page, std::string_view prefix) {
  PageSample sample;
  const auto& objects = page.objects;
  sample.last = std::string(objects.back().key.bytes());
  std::string_view group;
  for (const ObjectView& object : objects) {
    const std::string_view rest = object.key.bytes().substr(prefix.size());
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (sample.groups == 0 || part != group) ++sample.groups;
    group = part;
  }
  for (const std::size_t start : {objects.size() / 2, objects.size() / 4}) {
    for (std::size_t i = start; i + 1 < objects.size(); ++i) {
      const std::string_view key = objects[i].key.bytes();
      if (legal_bound_of(key).size() != key.size()) continue;
      sample.probes.push_back({std::string(key), std::string(objects[i + 1].key.bytes())});
      break;
    }
  }
  return sample;
}

}  // namespace

RangeLister::RangeLister(S3Session& session, std::unique_ptr<Transport> transport, const Cancel* cancel)
    : session_(session), client_(session, std::move(transport), cancel), parser_(session.address().bucket) {}

Result<void> RangeLister::fetch(const ListObjectsAsk& ask) {
  return client_.get(list_objects_parameters(ask), response_,
                     [&](HttpResponse& response) { return parser_.parse(ask, response.body, page_); });
}

Result<const ListingPage*> RangeLister::look(const ListObjectsAsk& ask) {
  FLOTSAM_TRY(fetch(ask));
  return &page_;
}

Result<const ListingPage*> RangeLister::glance(const ListObjectsAsk& ask) {
  client_.set_retries(false);
  client_.set_timeout(std::chrono::seconds(10));
  const auto fetched = fetch(ask);
  client_.set_retries(true);
  client_.set_timeout(kPageTimeout);
  FLOTSAM_TRY(fetched);
  return &page_;
}

/// Fits the page to what came before it: everything in it must be behind `last`.
Result<void> RangeLister::admit(const KeyRange& range, std::string_view last, bool is_first_page) {
  auto& objects = page_.objects;
  if (objects.empty() || last.empty()) return {};
  // Some stores take start-after as inclusive.
  if (is_first_page && objects.front().key.bytes() == range.after) objects.erase(objects.begin());
  if (objects.empty() || objects.front().key.bytes() > last) return {};
  return distrust(fmt::format("key {} comes in a page behind {}: keys must rise",
                              in_quotes(objects.front().key.bytes()), in_quotes(last)));
}

/// Bounds a sequence of pages that bring nothing new.
Result<void> RangeLister::note_progress(bool any_key, const std::string& token) {
  if (any_key) {
    idle_tokens_.clear();
    return {};
  }
  if (!page_.truncated) return {};
  if (!idle_tokens_.insert(token).second)
    return distrust("the store sends the same empty page again and again");
  if (idle_tokens_.size() > session_.tuning().empty_pages_max)
    return distrust(
        fmt::format("the store sent {} empty pages in a row and says that more follow", idle_tokens_.size()));
  return {};
}

Result<void> RangeLister::give(RangeSink& sink) {
  auto& objects = page_.objects;
  const auto own =
      std::remove_if(objects.begin(), objects.end(), [](const ObjectView& o) { return is_own_key(o.key); });
  tally_.skipped_own += static_cast<std::uint64_t>(objects.end() - own);
  objects.erase(own, objects.end());
  if (objects.empty()) return {};
  tally_.objects += objects.size();
  return sink.page(objects);
}

Result<RangeEnds> RangeLister::list(KeyRange range, RangeSink& sink, const Split& split) {
  RangeEnds ends{.after = range.after, .upto = range.upto, .first = std::nullopt, .beyond = std::nullopt};
  ListObjectsAsk ask{.prefix = range.prefix,
                     .start_after = range.after,
                     .token = "",
                     .delimiter = "",
                     .max_keys = session_.tuning().page_keys};
  std::string last = range.after;
  idle_tokens_.clear();
  bool may_split = range.after.empty() && !range.upto;
  for (std::uint64_t number = 1;; ++number) {
    const auto context = [&] {
      return fmt::format("while listing s3://{}/{} (page {}{})", session_.address().bucket, range.prefix,
                         number,
                         range.after.empty() ? "" : fmt::format(" behind {}", in_quotes(range.after)));
    };
    if (auto fetched = fetch(ask); !fetched) return fail(std::move(fetched).error(), context());
    if (auto admitted = admit(range, last, number == 1); !admitted)
      return fail(std::move(admitted).error(), context());
    auto& objects = page_.objects;
    if (range.upto) {
      const auto behind =
          std::upper_bound(objects.begin(), objects.end(), KeyView(*range.upto),
                           [](KeyView bound, const ObjectView& object) { return bound < object.key; });
      if (behind != objects.end()) ends.beyond = std::string(behind->key.bytes());
      objects.erase(behind, objects.end());
    }
    const bool any_key = !objects.empty();
    if (any_key && !ends.first) ends.first = std::string(objects.front().key.bytes());
    if (any_key) last.assign(objects.back().key.bytes());
    ask.token = page_.token;
    const bool is_done = ends.beyond || !page_.truncated || (range.upto && last == *range.upto);
    if (auto noted = note_progress(any_key, ask.token); !noted)
      return fail(std::move(noted).error(), context());
    const bool splits = may_split && any_key && !is_done;
    const PageSample sample = splits ? sample_of(page_, range.prefix) : PageSample{};
    FLOTSAM_TRY(give(sink));
    if (is_done) return ends;
    if (splits) {
      may_split = false;
      if (auto done = split(range, sample); !done) return fail(std::move(done).error(), context());
      CHECK(!range.upto || *range.upto > last);
      ends.upto = range.upto;
    }
  }
}

}  // namespace flotsam
