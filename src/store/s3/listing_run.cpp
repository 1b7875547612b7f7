#include "store/s3/listing_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

/// Ranges a connection: so many that the last ones to end are small, so few that half-empty last pages cost
/// little.
constexpr std::size_t kRangesPerConnection = 4;

bool ends_listing(ErrorCode code) {
  return code == ErrorCode::interrupted || code == ErrorCode::unavailable ||
         code == ErrorCode::permission_denied || code == ErrorCode::not_found;
}

}  // namespace

ListingRun::ListingRun(S3Session& session, const Scope& scope, const ListingOptions& options,
                       ListingSink& sink)
    : session_(session),
      scope_(scope),
      options_(options),
      sink_(sink),
      connections_(options.connections == 0 ? session.tuning().connections : options.connections),
      threads_max_(connections_) {}

void ListingRun::add_heads() {
  std::vector<KeyRange> heads;
  std::string lower_bound;
  for (const std::string& prefix : scope_.prefixes()) {
    heads.push_back(
        KeyRange{.prefix = prefix, .after = "", .upto = std::nullopt, .lower_bound = lower_bound});
    // Prefixes are sorted and none contains another: every key of the next one is behind the end of this one.
    if (!prefix.empty()) lower_bound = end_of_prefix(prefix);
  }
  queue_.add(std::move(heads));
}

void ListingRun::fail_with(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  stop_.request();
  queue_.stop();
}

Result<void> ListingRun::list_one(RangeLister& lister, const KeyRange& range) {
  RangeSink& sink = sink_.open_range(KeyView(range.lower_bound));
  FLOTSAM_ASSIGN(RangeEnds ends, lister.list(range, sink, [&](KeyRange& rest, const PageSample& sample) {
    return split(lister, rest, sample);
  }));
  const std::lock_guard lock(mutex_);
  if (!ends.after.empty() || ends.upto) ends_.push_back(std::move(ends));
  return {};
}

void ListingRun::work(RangeLister& lister) {
  while (const auto range = queue_.take()) {
    if (auto listed = list_one(lister, *range); !listed) fail_with(std::move(listed).error());
    queue_.complete();
  }
}

/// Where the rest of a prefix may be cut: known keys, else the folders that one grouped page shows.
Result<std::vector<std::string>> ListingRun::find_cuts(RangeLister& lister, const KeyRange& range,
                                                       const PageSample& sample) {
  std::vector<std::string> candidates =
      choose_cuts(options_.cut_points, range.prefix, "", options_.cut_points.size());
  auto inside = choose_cuts(candidates, range.prefix, sample.last, candidates.size());
  std::size_t passed = candidates.size() - inside.size();
  if (inside.empty()) {
    const auto page = lister.glance({.prefix = range.prefix,
                                     .start_after = sample.last,
                                     .token = "",
                                     .delimiter = "/",
                                     .max_keys = session_.tuning().page_keys});
    if (!page) {
      if (page.error().code == ErrorCode::interrupted) return std::unexpected<Error>(page.error());
      session_.log().debug(fmt::format("no folders to split by: {}", page.error().message));
      return std::vector<std::string>{};
    }
    candidates.assign((*page)->common_prefixes.begin(), (*page)->common_prefixes.end());
    inside = choose_cuts(candidates, range.prefix, sample.last, candidates.size());
    passed = sample.groups;
  }
  std::size_t most = kRangesPerConnection * connections_;
  const unsigned range_pages = session_.tuning().range_pages_min;
  if (passed > 0 && range_pages > 0)  // the first page tells how many pages the rest may have
    most = std::min(most, inside.size() / passed / range_pages);
  return choose_cuts(inside, range.prefix, sample.last, most);
}

Result<bool> ListingRun::probe(RangeLister& lister, const KeyRange& range,
                               const PageSample::Neighbours& neighbours) {
  const auto page = lister.look(
      {.prefix = range.prefix, .start_after = neighbours.key, .token = "", .delimiter = "", .max_keys = 2});
  if (!page) {
    if (ends_listing(page.error().code)) return std::unexpected<Error>(page.error());
    return false;
  }
  auto object = (*page)->objects.begin();
  if (object != (*page)->objects.end() && object->key.bytes() == neighbours.key)
    ++object;  // inclusive: can be used
  return object != (*page)->objects.end() && object->key.bytes() == neighbours.next;
}

/// Splitting stands on start-after. There are stores that ignore it or decode it twice, so it is tried on
/// keys whose neighbours are known; two tries, because a bucket may change between two requests.
Result<bool> ListingRun::start_after_works(RangeLister& lister, const KeyRange& range,
                                           const PageSample& sample) {
  const std::lock_guard lock(probe_mutex_);
  if (start_after_works_) return *start_after_works_;
  if (sample.probes.empty()) return false;
  for (const PageSample::Neighbours& neighbours : sample.probes) {
    FLOTSAM_ASSIGN(const bool works, probe(lister, range, neighbours));
    start_after_works_ = works;
    if (works) return true;
  }
  session_.log().warn(
      "the store does not honour start-after: every prefix is listed by one connection, page by page");
  return false;
}

Result<void> ListingRun::split(RangeLister& lister, KeyRange& range, const PageSample& sample) {
  if (connections_ < 2) return {};
  FLOTSAM_ASSIGN(const std::vector<std::string> cuts, find_cuts(lister, range, sample));
  if (cuts.empty()) return {};
  FLOTSAM_ASSIGN(const bool works, start_after_works(lister, range, sample));
  if (!works) return {};
  std::vector<KeyRange> parts;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool is_last = i + 1 == cuts.size();
    parts.push_back(KeyRange{.prefix = range.prefix,
                             .after = cuts[i],
                             .upto = is_last ? std::nullopt : std::optional<std::string>(cuts[i + 1]),
                             .lower_bound = cuts[i]});
  }
  range.upto = cuts.front();
  queue_.add(std::move(parts));
  return {};
}

/// As many workers as there are ranges, up to the connections allowed. Only run()'s thread calls this.
Result<void> ListingRun::start_workers(TransportFactory& factory) {
  const std::size_t wanted = std::min(threads_max_, queue_.open());
  while (threads_.size() < wanted) {
    listers_.push_back(std::make_unique<RangeLister>(session_, factory.make(), &stop_));
    try {
      threads_.emplace_back([this, lister = listers_.back().get()] { work(*lister); });
    } catch (const std::system_error& error) {
      listers_.pop_back();
      if (threads_.empty())
        return fail(ErrorCode::unavailable, fmt::format("cannot start a thread: {}", error.what()));
      threads_max_ = threads_.size();
      return {};
    }
  }
  return {};
}

/// Both neighbours of a cut saw the first key behind it. Where the right one missed what the left one saw,
/// the key was deleted meanwhile, or the store skips keys behind a start-after: one more look tells.
Result<void> ListingRun::check_cuts() {
  std::sort(ends_.begin(), ends_.end(),
            [](const RangeEnds& a, const RangeEnds& b) { return a.after < b.after; });
  for (const RangeEnds& left : ends_) {
    if (!left.upto || !left.beyond) continue;
    const auto right =
        std::lower_bound(ends_.begin(), ends_.end(), *left.upto,
                         [](const RangeEnds& ends, const std::string& cut) { return ends.after < cut; });
    CHECK(right != ends_.end() && right->after == *left.upto);
    if (right->upto && *left.beyond > *right->upto) continue;  // the right range is empty, and rightly so
    if (right->first && *right->first <= *left.beyond) continue;
    FLOTSAM_ASSIGN(
        const ListingPage* page,
        listers_.front()->look(
            {.prefix = *left.beyond, .start_after = "", .token = "", .delimiter = "", .max_keys = 1}));
    if (page->objects.empty() || page->objects.front().key.bytes() != *left.beyond) continue;
    return fail(ErrorCode::corrupt,
                fmt::format("the store left out key {} when it was asked for the keys behind {}",
                            in_quotes(*left.beyond), in_quotes(*left.upto)),
                "the listing cannot be trusted: list with one connection");
  }
  return {};
}

Result<ListingProof> ListingRun::run(TransportFactory& factory) {
  CHECK(threads_.empty());
  ListingProof proof;
  proof.started_at = session_.clock().now();
  const std::uint64_t retries_before = session_.retry().retries();
  add_heads();
  while (!queue_.is_drained()) {
    if (options_.cancel != nullptr && options_.cancel->requested())
      fail_with(options_.cancel->check().error());
    else if (auto started = start_workers(factory); !started)
      fail_with(std::move(started).error());
    queue_.wait_for_change(std::chrono::milliseconds(50));
  }
  for (std::thread& thread : threads_) thread.join();
  if (error_) return std::unexpected<Error>(std::move(*error_));
  if (options_.cancel != nullptr) FLOTSAM_TRY(options_.cancel->check());
  FLOTSAM_TRY(check_cuts());
  for (const auto& lister : listers_) {
    proof.objects += lister->tally().objects;
    proof.skipped_own += lister->tally().skipped_own;
    proof.requests += lister->requests();
  }
  proof.retries = session_.retry().retries() - retries_before;
  proof.finished_at = session_.clock().now();
  return proof;
}

}  // namespace flotsam
