#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "apply/ledger.h"
#include "apply/move_times.h"
#include "apply/restore_batches.h"
#include "apply/undo.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "plan/journal.h"
#include "plan/lock.h"

namespace flotsam {
namespace {

constexpr std::size_t kSampleMax = 20;
constexpr std::size_t kIdBytes = 16;

/// What lies in a quarantine, sorted by what purge does with it.
struct Sorted {
  std::vector<QuarantinedObject> discard, give_back;
};

class PurgeRun {
 public:
  PurgeRun(const PurgeRequest& request, RestoreWorld& world) : request_(request), world_(world) {}

  Result<void> look();
  Result<RestoreResultSummary> act(ScopeLock& lock);
  PurgeResult& result() { return result_; }

 private:
  using UseSorted = std::function<Result<void>(const Sorted&)>;
  /// Lists the quarantine once and gives what is due, at most a batch at a time.
  Result<void> sort_all(PurgeResult& counts, const UseSorted& use);
  Result<void> sort_batch(std::vector<QuarantinedObject>& due, PurgeResult& counts, const UseSorted& use);
  Result<void> act_on(const Sorted& sorted, RestoreBatches& batches);
  Result<void> discard(const Sorted& sorted, RestoreBatches& batches);
  Result<void> give_back(const Sorted& sorted, RestoreBatches& batches);
  void count(const QuarantinedObject& object, const RemoveOutcome& outcome, RestoreBatches& batches);
  void step(const char* name) const {
    if (world_.on_step) world_.on_step(name);
  }

  const PurgeRequest& request_;
  RestoreWorld& world_;
  PurgeResult result_;
  Timestamp now_ = world_.clock->now();  ///< one moment for both listings
  std::optional<JournalWriter> journal_;
  RestoreResultSummary summary_;
  std::uint64_t next_number_ = 0;
  std::uint64_t discards_ = 0;  ///< sent so far: never more than was approved
};

Result<void> PurgeRun::sort_batch(std::vector<QuarantinedObject>& due, PurgeResult& counts,
                                  const UseSorted& use) {
  if (due.empty()) return {};
  std::vector<Key> keys;
  for (const QuarantinedObject& object : due) keys.push_back(object.key);
  auto verdicts = request_.judge(keys);
  if (!verdicts) return fail(std::move(verdicts).error(), "while judging what lies in the quarantine");
  if (verdicts->size() != keys.size())
    return fail(ErrorCode::internal, "not every object in the quarantine was judged");
  Sorted sorted;
  for (std::size_t i = 0; i < due.size(); ++i) {
    const Verdict verdict = (*verdicts)[i];
    if (verdict == Verdict::referenced || verdict == Verdict::derived) {
      ++counts.referenced;
      sorted.give_back.push_back(std::move(due[i]));
      continue;
    }
    if (verdict != Verdict::orphan) {
      // Another spelling of it is referenced, or a rule of now keeps it: doubt about an object keeps the
      // object.
      ++counts.kept;
      continue;
    }
    ++counts.due;
    counts.due_bytes += due[i].stored.size_bytes;
    if (counts.sample.size() < kSampleMax) counts.sample.push_back(due[i]);
    sorted.discard.push_back(std::move(due[i]));
  }
  due.clear();
  return use ? use(sorted) : Result<void>();
}

Result<void> PurgeRun::sort_all(PurgeResult& counts, const UseSorted& use) {
  MoveTimes times(*world_.state, *world_.log, {request_.store_url, request_.store_identity},
                  request_.prefixes);
  const auto kept_for = std::chrono::hours(24) * std::max(request_.undo_days, 0);
  std::vector<QuarantinedObject> due;
  const auto take = [&](const QuarantinedObject& object) -> Result<void> {
    ++counts.quarantined;
    world_.progress->advance(1);
    FLOTSAM_ASSIGN(const std::optional<Timestamp> moved_at, times.moved_at(object));
    if (!moved_at) {
      ++counts.unknown;
      return {};
    }
    if (*moved_at + kept_for > now_) return {};
    due.push_back(object);
    return due.size() >= RestoreBatches::kBatch ? sort_batch(due, counts, use) : Result<void>();
  };
  FLOTSAM_TRY(world_.restorer->list_quarantine(take, *world_.cancel));
  return sort_batch(due, counts, use);
}

Result<void> PurgeRun::look() {
  world_.progress->phase("listing the quarantine", "objects", std::nullopt);
  return sort_all(result_, nullptr);
}

void PurgeRun::count(const QuarantinedObject& object, const RemoveOutcome& outcome, RestoreBatches& batches) {
  const auto code_or = [&](const char* code) {
    return outcome.code.empty() ? std::string(code) : outcome.code;
  };
  switch (outcome.result) {
    case RemoveResult::removed:
      ++summary_.purged;
      summary_.bytes += object.stored.size_bytes;
      return;
    case RemoveResult::gone:
      return;
    case RemoveResult::changed:
      batches.failed(object.key, "Changed", "it is not what was listed any more and was left alone");
      return;
    case RemoveResult::held:
      batches.failed(object.key, "Held", "a hold or a retention of the store protects it");
      return;
    case RemoveResult::failed:
      batches.failed(object.key, code_or("Failed"), outcome.message);
      return;
    case RemoveResult::unknown:
      batches.failed(object.key, code_or("Unknown"),
                     outcome.message.empty() ? "the store did not say what became of it" : outcome.message);
      return;
  }
}

JournalOutcome to_journal(std::uint64_t number, const RemoveOutcome& outcome) {
  JournalOutcome line;
  line.number = number;
  line.code = outcome.code;
  line.message = outcome.message;
  if (outcome.result == RemoveResult::removed) {
    line.result = "purged";
  } else if (outcome.result == RemoveResult::unknown) {
    line.result = "failed";
    line.code = "Unknown";
  } else {
    line.result = std::string(to_string(outcome.result));
  }
  return line;
}

Result<void> PurgeRun::discard(const Sorted& sorted, RestoreBatches& batches) {
  if (sorted.discard.empty()) return {};
  FLOTSAM_TRY(batches.check_stops());
  // What was not approved stays: the number that a person gave is the most that goes.
  discards_ += sorted.discard.size();
  if (discards_ > *request_.expect)
    return fail(ErrorCode::refused, "more is due in the quarantine than was approved; list it again",
                "Run flotsam purge again without --expect and look at the list.");
  std::vector<JournalIntent> intents;
  const std::uint64_t first = next_number_;
  for (const QuarantinedObject& object : sorted.discard) {
    Object named = object.stored;
    named.key = object.key;
    intents.push_back({next_number_++, std::move(named), "discard " + object.run_id});
  }
  step("intent");
  FLOTSAM_TRY(journal_->intend(intents, world_.clock->now()));
  step("discard");
  batches.note_act();
  std::vector<RemoveOutcome> outcomes = world_.remover->discard(sorted.discard);
  if (outcomes.size() != sorted.discard.size()) outcomes.assign(sorted.discard.size(), RemoveOutcome{});
  std::vector<JournalOutcome> lines;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    lines.push_back(to_journal(first + i, outcomes[i]));
    count(sorted.discard[i], outcomes[i], batches);
  }
  step("outcome");
  return journal_->settle(lines);
}

Result<void> PurgeRun::give_back(const Sorted& sorted, RestoreBatches& batches) {
  std::vector<RestoreItem> items;
  for (const QuarantinedObject& object : sorted.give_back) {
    RestoreItem& item = items.emplace_back();
    item.number = next_number_++;
    item.remains.place = Remains::Place::quarantine;
    item.remains.object = object.stored;
    item.remains.object.key = object.key;
    item.remains.run_id = object.run_id;
  }
  // The bytes of a purge are those that went for good.
  const std::uint64_t purged_bytes = summary_.bytes;
  const auto done = batches.run(items, "return ");
  summary_.bytes = purged_bytes;
  return done;
}

Result<void> PurgeRun::act_on(const Sorted& sorted, RestoreBatches& batches) {
  FLOTSAM_TRY(give_back(sorted, batches));
  return discard(sorted, batches);
}

Result<RestoreResultSummary> PurgeRun::act(ScopeLock& lock) {
  JournalHeader header;
  header.kind = JournalKind::purge;
  header.id = random_hex(kIdBytes);
  header.created_at = now_;
  header.store_url = request_.store_url;
  header.store_identity = request_.store_identity;
  header.prefixes = request_.prefixes;
  header.config_digest = request_.config_digest;
  header.undo_days = std::max(request_.undo_days, 0);
  header.expected = result_.due;
  step("journal");
  FLOTSAM_ASSIGN(journal_, JournalWriter::open(*world_.state, header));
  summary_.journal = world_.state->place_of(journal_name(header.id));
  world_.progress->phase("purging", "objects", std::nullopt);
  RestoreBatches batches(world_, &*journal_, &lock, summary_);
  PurgeResult again;
  auto worked = sort_all(again, [&](const Sorted& sorted) { return act_on(sorted, batches); });
  const std::uint64_t total = result_.due + result_.referenced;
  const std::uint64_t done =
      summary_.purged + summary_.restored + summary_.superseded_count + summary_.failed_count;
  if (!worked) summary_.left = total - std::min(total, done);
  return finish_restore(std::move(worked), batches, &*journal_, world_, std::move(summary_));
}

std::unexpected<Error> wrong_count(std::uint64_t said, const PurgeResult& found) {
  Error error;
  error.code = ErrorCode::refused;
  error.message =
      fmt::format("--expect says {}, and {} would go for good", said, counted(found.due, "object"));
  error.hint =
      fmt::format("Nothing was purged. Look at the list again; if it is right: --expect {}.", found.due);
  error.service_code = "Expect";
  return std::unexpected(std::move(error));
}

}  // namespace

Result<PurgeResult> purge(const PurgeRequest& request, RestoreWorld& world) {
  CHECK(world.restorer != nullptr && world.state != nullptr && world.clock != nullptr &&
        world.log != nullptr && world.progress != nullptr && world.cancel != nullptr && request.judge);
  PurgeRun run(request, world);
  std::optional<ScopeLock> lock;
  if (request.expect) {
    CHECK(world.remover != nullptr);
    if (world.on_step) world.on_step("lock");
    FLOTSAM_ASSIGN(lock, ScopeLock::acquire(*world.state, {request.store_identity, request.prefixes, "purge"},
                                            *world.clock));
  }
  FLOTSAM_TRY(run.look());
  if (!request.expect) return std::move(run.result());
  if (*request.expect != run.result().due) return wrong_count(*request.expect, run.result());
  if (run.result().due + run.result().referenced > 0) {
    FLOTSAM_ASSIGN(run.result().done, run.act(*lock));
  } else {
    run.result().done.emplace();
  }
  return std::move(run.result());
}

}  // namespace flotsam
