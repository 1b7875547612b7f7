#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "apply/restore_batches.h"
#include "apply/undo.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/scope.h"
#include "plan/journal.h"
#include "plan/lock.h"

namespace flotsam {
namespace {

constexpr std::size_t kSampleMax = 1000;
constexpr std::size_t kIdBytes = 16;

class RescueRun {
 public:
  using OnFound = std::function<Result<void>(const Rescuable&)>;
  RescueRun(const RescueRequest& request, RestoreWorld& world) : request_(request), world_(world) {}

  /// Looks for the bytes of every dangling key.
  Result<void> look(const OnFound& on_found);
  /// Brings back what look() found and what still can be brought back.
  Result<RestoreResultSummary> restore(ScopeLock& lock);
  RescueResult& result() { return result_; }

 private:
  /// The places of some of the keys, those outside the scope left out.
  Result<std::vector<std::optional<Remains>>> find(std::size_t from, std::size_t to);
  Result<void> restore_all(RestoreBatches& batches);
  bool is_in_scope(const std::string& key) const;

  const RescueRequest& request_;
  RestoreWorld& world_;
  RescueResult result_;
  std::vector<bool> found_;  ///< by the place in request_.dangling
};

bool RescueRun::is_in_scope(const std::string& key) const {
  return !key.empty() && !is_own(KeyView(key)) &&
         std::any_of(request_.prefixes.begin(), request_.prefixes.end(),
                     [&](const std::string& prefix) { return key.starts_with(prefix); });
}

Result<std::vector<std::optional<Remains>>> RescueRun::find(std::size_t from, std::size_t to) {
  std::vector<Key> keys;
  std::vector<std::size_t> places;
  std::vector<std::optional<Remains>> all(to - from);
  for (std::size_t i = from; i < to; ++i) {
    if (!is_in_scope(request_.dangling[i].first)) continue;
    keys.emplace_back(request_.dangling[i].first);
    places.push_back(i - from);
  }
  if (keys.empty()) return all;
  auto found = world_.restorer->find(keys);
  if (!found)
    return fail(std::move(found).error(), "while looking for the bytes of keys under which nothing stands");
  if (found->size() != keys.size())
    return fail(ErrorCode::internal, "the store did not say of every key where its bytes are");
  for (std::size_t i = 0; i < places.size(); ++i) {
    if ((*found)[i] && (*found)[i]->object.key != keys[i])
      return fail(ErrorCode::internal, "the store answered for another key than it was asked for");
    all[places[i]] = std::move((*found)[i]);
  }
  return all;
}

Result<void> RescueRun::look(const OnFound& on_found) {
  const std::size_t total = request_.dangling.size();
  world_.progress->phase("looking for lost objects", "keys", total);
  result_.dangling = total;
  found_.assign(total, false);
  for (std::size_t at = 0; at < total; at += RestoreBatches::kBatch) {
    FLOTSAM_TRY(world_.cancel->check());
    const std::size_t end = std::min(total, at + RestoreBatches::kBatch);
    FLOTSAM_ASSIGN(auto found, find(at, end));
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i]) continue;
      found_[at + i] = true;
      ++result_.found;
      result_.bytes += found[i]->object.size_bytes;
      const Rescuable rescuable{*std::move(found[i]), request_.dangling[at + i].second};
      if (on_found) FLOTSAM_TRY(on_found(rescuable));
      if (result_.sample.size() < kSampleMax) result_.sample.push_back(rescuable);
    }
    world_.progress->advance(end - at);
  }
  return {};
}

// The places are asked for again: under the lock, and just before. What was not found before stays as it is.
Result<void> RescueRun::restore_all(RestoreBatches& batches) {
  const std::size_t total = request_.dangling.size();
  std::vector<RestoreItem> items;
  for (std::size_t at = 0; at < total; at += RestoreBatches::kBatch) {
    FLOTSAM_TRY(batches.check_stops());
    const std::size_t end = std::min(total, at + RestoreBatches::kBatch);
    if (std::find(found_.begin() + static_cast<std::ptrdiff_t>(at),
                  found_.begin() + static_cast<std::ptrdiff_t>(end),
                  true) == found_.begin() + static_cast<std::ptrdiff_t>(end))
      continue;
    FLOTSAM_ASSIGN(auto found, find(at, end));
    items.clear();
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found_[at + i]) continue;
      if (found[i]) {
        items.push_back({at + i, *std::move(found[i])});
      } else {
        // It stands by now, or what could be brought back is gone: whoever did it was newer than our look.
        batches.superseded(Key(request_.dangling[at + i].first));
      }
    }
    FLOTSAM_TRY(batches.run(items));
  }
  return {};
}

Result<RestoreResultSummary> RescueRun::restore(ScopeLock& lock) {
  JournalHeader header;
  header.kind = JournalKind::rescue;
  header.id = random_hex(kIdBytes);
  header.created_at = world_.clock->now();
  header.store_url = request_.store_url;
  header.store_identity = request_.store_identity;
  header.prefixes = request_.prefixes;
  header.config_digest = request_.config_digest;
  header.expected = result_.found;
  if (world_.on_step) world_.on_step("journal");
  FLOTSAM_ASSIGN(JournalWriter journal, JournalWriter::open(*world_.state, header));
  world_.progress->phase("restoring", "objects", result_.found);
  RestoreResultSummary summary;
  summary.journal = world_.state->place_of(journal_name(header.id));
  RestoreBatches batches(world_, &journal, &lock, summary);
  auto worked = restore_all(batches);
  const std::uint64_t done = summary.restored + summary.superseded_count + summary.failed_count;
  summary.left = result_.found - std::min(result_.found, done);
  return finish_restore(std::move(worked), batches, &journal, world_, std::move(summary));
}

std::unexpected<Error> wrong_count(std::uint64_t said, std::uint64_t found) {
  Error error;
  error.code = ErrorCode::refused;
  error.message = fmt::format("--expect says {}, and {} can be brought back", said, counted(found, "object"));
  error.hint =
      fmt::format("Nothing was brought back. Look at the list again; if it is right: --expect {}.", found);
  error.service_code = "Expect";
  return std::unexpected(std::move(error));
}

}  // namespace

Result<RescueResult> rescue(const RescueRequest& request, RestoreWorld& world,
                            const std::function<Result<void>(const Rescuable&)>& on_found) {
  CHECK(world.restorer != nullptr && world.state != nullptr && world.clock != nullptr &&
        world.log != nullptr && world.progress != nullptr && world.cancel != nullptr &&
        !request.prefixes.empty());
  RescueRun run(request, world);
  std::optional<ScopeLock> lock;
  if (request.expect) {
    if (world.on_step) world.on_step("lock");
    FLOTSAM_ASSIGN(
        lock,
        ScopeLock::acquire(*world.state, {request.store_identity, request.prefixes, "rescue"}, *world.clock));
  }
  FLOTSAM_TRY(run.look(on_found));
  if (!request.expect) return std::move(run.result());
  if (*request.expect != run.result().found) return wrong_count(*request.expect, run.result().found);
  if (run.result().found > 0) {
    FLOTSAM_ASSIGN(run.result().restored, run.restore(*lock));
  } else {
    run.result().restored.emplace();
  }
  return std::move(run.result());
}

}  // namespace flotsam
