#include "store/s3/s3_holdings.h"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <system_error>
#include <thread>

#include "base/bytes.h"
#include "base/check.h"
#include "model/scope.h"
#include "store/s3/page_walk.h"

namespace flotsam {

Result<QuarantineAddress> parse_quarantine_url(std::string_view url) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorCode::invalid_argument, fmt::format("quarantine {} {}", in_quotes(url), what),
                "write it like \"s3://my-bucket/.flotsam-quarantine/\"");
  };
  if (!url.starts_with("s3://")) return refuse("does not begin with s3://, as that of a bucket must");
  const std::string_view rest = url.substr(5);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size())
    return refuse("does not name a bucket and a folder in it");
  QuarantineAddress address{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
  if (!address.prefix.ends_with('/')) return refuse("does not end in \"/\"");
  if (!is_own(KeyView(address.prefix)))
    return refuse("has no path part that begins \".flotsam-\": a scan would judge what lies in it");
  return address;
}

Result<std::unique_ptr<S3Holdings>> S3Holdings::open(const StoreOptions& options,
                                                     const std::optional<std::string>& quarantine,
                                                     const StoreContext& context, const S3Tuning& tuning) {
  auto holdings = std::unique_ptr<S3Holdings>(new S3Holdings());
  FLOTSAM_ASSIGN(holdings->place_, open_s3_place(options, context, tuning));
  holdings->transports_ = holdings->place_->patient_transports();
  if (!quarantine) return holdings;
  FLOTSAM_ASSIGN(holdings->quarantine_, parse_quarantine_url(*quarantine));
  if (holdings->quarantine_->bucket == holdings->bucket()) return holdings;
  StoreOptions other = options;
  other.url = "s3://" + holdings->quarantine_->bucket;
  other.listable_prefix = holdings->quarantine_->prefix;
  FLOTSAM_ASSIGN(holdings->other_, open_s3_place(other, context, tuning));
  holdings->other_transports_ = holdings->other_->patient_transports();
  return holdings;
}

Result<StoreFacts> S3Holdings::facts() {
  FLOTSAM_ASSIGN(StoreFacts facts, place_->facts(&object_lock_));
  clock_ahead_ = facts.clock - facts.local_clock;
  return facts;
}

const QuarantineAddress& S3Holdings::quarantine() const {
  CHECK(quarantine_);
  return *quarantine_;
}

Key S3Holdings::key_in_quarantine(std::string_view run_id, KeyView key) const {
  CHECK(!run_id.empty() && run_id.find('/') == std::string_view::npos && !key.empty());
  return Key(fmt::format("{}{}/{}", quarantine().prefix, run_id, key.bytes()));
}

std::optional<Key> S3Holdings::quarantined_key(std::string_view run_id, KeyView key) const {
  Key place = key_in_quarantine(run_id, key);
  if (place.bytes().size() > kKeyBytesMax) return std::nullopt;
  return place;
}

bool S3Holdings::is_in_quarantine(KeyView key) const {
  const std::string& prefix = quarantine().prefix;
  return key.bytes().starts_with(prefix) && key.bytes().size() > prefix.size();
}

S3Hands& S3Holdings::hands_of(std::size_t number) {
  while (hands_.size() <= number) {
    auto store = std::make_unique<S3Client>(place_->session(), transports_->make(), nullptr);
    auto other =
        other_ ? std::make_unique<S3Client>(other_->session(), other_transports_->make(), nullptr) : nullptr;
    hands_.push_back(std::make_unique<S3Hands>(std::move(store), std::move(other)));
  }
  return *hands_[number];
}

void S3Holdings::find_regions() {
  if (regions_found_) return;
  regions_found_ = true;
  const auto ask = [](S3Client& client) {
    HttpResponse response;
    (void)client.get(sub_resource_parameters("versioning"), response,
                     [](HttpResponse&) -> Result<void> { return {}; });
  };
  ask(hands().store());
  if (other_) ask(hands().quarantine());
}

void S3Holdings::for_each(std::size_t count, const std::function<void(S3Hands&, std::size_t)>& work) {
  if (count == 0) return;
  std::atomic<std::size_t> next{0};
  const auto run = [&](S3Hands& hands) {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(hands, i);
  };
  const std::size_t workers = std::min<std::size_t>(count, std::max(1U, tuning().connections));
  hands_of(workers - 1);
  std::vector<std::jthread> threads;
  try {
    threads.reserve(workers);
    for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(run, std::ref(*hands_[i]));
  } catch (const std::system_error&) {
    log().debug("no more threads are to be had: going on with fewer connections");
  }
  run(*hands_[0]);
}

/// The runs that have left something in the quarantine, sorted. Their folders come in another order where a
/// name goes on behind another one with a character before "/".
Result<std::vector<std::string>> S3Holdings::runs_in_quarantine(S3Client& client) {
  const std::string& prefix = quarantine_->prefix;
  std::vector<std::string> runs;
  PageWalk walk(
      client, quarantine_place().bucket(),
      {.prefix = prefix, .start_after = "", .token = "", .delimiter = "/", .max_keys = tuning().page_keys},
      tuning().empty_pages_max);
  while (!walk.is_done()) {
    FLOTSAM_ASSIGN(const ListingPage* page, walk.next());
    for (const std::string_view folder : page->common_prefixes) {
      std::string run(folder.substr(prefix.size()));
      if (run.ends_with('/')) run.pop_back();
      if (!run.empty()) runs.push_back(std::move(run));
    }
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

Result<void> S3Holdings::list_run(S3Client& client, const std::string& run,
                                  const std::function<Result<void>(const QuarantinedObject&)>& use) {
  const std::string folder = quarantine_->prefix + run + "/";
  PageWalk walk(
      client, quarantine_place().bucket(),
      {.prefix = folder, .start_after = "", .token = "", .delimiter = "", .max_keys = tuning().page_keys},
      tuning().empty_pages_max);
  while (!walk.is_done()) {
    FLOTSAM_ASSIGN(const ListingPage* page, walk.next());
    for (const ObjectView& object : page->objects) {
      const std::string_view key = object.key.bytes().substr(folder.size());
      if (key.empty()) continue;  // a marker of the folder itself
      FLOTSAM_TRY(use({run, Key(std::string(key)), Object::of(object)}));
    }
  }
  return {};
}

Result<void> S3Holdings::list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                                         const Cancel* cancel) {
  if (!quarantine_) return {};
  S3Place& place = quarantine_place();
  S3Client client(place.session(), place.transports(cancel)->make(), cancel);
  const auto context = [&] {
    return fmt::format("while listing the quarantine s3://{}/{}", place.bucket(),
                       to_printable(quarantine_->prefix));
  };
  const auto runs = runs_in_quarantine(client);
  if (!runs) return fail(runs.error(), context());
  for (const std::string& run : *runs)
    if (auto listed = list_run(client, run, use); !listed) return fail(std::move(listed).error(), context());
  return {};
}

}  // namespace flotsam
