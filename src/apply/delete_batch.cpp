#include "apply/delete_batch.h"

#include <string_view>
#include <utility>

#include "base/check.h"

namespace flotsam {
namespace {

/// How often a deletion is tried in one run: where the store asked for less, and where it failed.
constexpr unsigned kThrottledMax = 10;
constexpr unsigned kTriesMax = 3;

std::vector<Object> objects_of(std::span<const Candidate> candidates) {
  std::vector<Object> objects;
  objects.reserve(candidates.size());
  for (const Candidate& candidate : candidates) objects.push_back(candidate.object);
  return objects;
}

bool goes_again(const Candidate& candidate, const RemoveOutcome& outcome) {
  if (outcome.throttled) return candidate.attempts < kThrottledMax;
  return outcome.retryable && candidate.attempts < kTriesMax;
}

/// A key that no quarantine can hold was never sent: it says nothing of the store's health.
bool counts_against_budget(const RemoveOutcome& outcome) {
  return outcome.code != "KeyTooLong";
}

JournalOutcome to_journal(std::uint64_t number, const RemoveOutcome& outcome) {
  JournalOutcome line;
  line.number = number;
  line.marker_id = outcome.marker_id;
  line.version_id = outcome.version_id;
  const bool is_unknown = outcome.result == RemoveResult::unknown;
  if (is_unknown || outcome.result == RemoveResult::failed) {
    line.result = "failed";
    line.code = is_unknown ? std::string(kUnknownCode) : outcome.code.empty() ? "Failed" : outcome.code;
    line.message = is_unknown && outcome.message.empty() ? "the store did not say what became of the deletion"
                                                         : outcome.message;
    // The code of what is not known is ours alone: a store that uses the word must not be taken for it.
    if (!is_unknown && line.code == kUnknownCode) line.code = "Failed";
  } else {
    line.result = std::string(to_string(outcome.result));
    if (outcome.result == RemoveResult::removed) {
      line.code = outcome.code;
      line.message = outcome.message;
    }
  }
  return line;
}

/// One outcome an object, whatever came back: what is missing is not known.
std::vector<RemoveOutcome> whole(std::vector<RemoveOutcome> outcomes, std::size_t objects) {
  if (outcomes.size() != objects) outcomes.assign(objects, RemoveOutcome{});
  return outcomes;
}

}  // namespace

Result<void> DeleteBatch::skip(std::span<const JournalSkip> skips) {
  if (skips.empty()) return {};
  step("skip");
  if (auto written = journal_.skip(skips); !written)
    return fail(std::move(written).error(), "while writing the journal");
  for (const JournalSkip& each : skips) {
    const auto reason = reason_of_journal(each.why);
    CHECK(reason.has_value());
    ledger_.skipped(each.number, *reason);
  }
  return {};
}

// What cannot be told is kept and not journalled: it was not tried, and a later run looks again.
Result<std::vector<Candidate>> DeleteBatch::look(std::vector<Candidate> candidates, BatchReport& report) {
  const std::vector<Object> objects = objects_of(candidates);
  auto looks = world_.remover->look(objects);
  if (!looks) return fail(std::move(looks).error(), "while looking at the objects that are to be deleted");
  if (looks->size() != objects.size())
    return fail(ErrorCode::internal, "the store did not say of every object what it is now");
  std::vector<Candidate> same;
  std::vector<JournalSkip> skips;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Look& seen = (*looks)[i];
    if (seen.state == LookState::same) {
      same.push_back(std::move(candidates[i]));
    } else if (seen.state == LookState::unknown) {
      ledger_.failed(candidates[i].number,
                     {candidates[i].object.key, "NotSeen",
                      seen.reason.empty() ? "what stands there now could not be told" : seen.reason});
      ++report.failed;
      ++report.failed_in_row;
    } else {
      skips.push_back({candidates[i].number, std::string(to_string(seen.state))});
    }
  }
  FLOTSAM_TRY(skip(skips));
  return same;
}

void DeleteBatch::ask_again(std::span<const Candidate> batch, std::vector<RemoveOutcome>& outcomes,
                            Timestamp since) {
  std::vector<std::size_t> places;
  std::vector<Object> objects;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (outcomes[i].result != RemoveResult::unknown) continue;
    places.push_back(i);
    objects.push_back(batch[i].object);
  }
  if (places.empty()) return;
  step("reconcile");
  std::vector<RemoveOutcome> told =
      whole(world_.remover->reconcile(objects, options_, since), objects.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    RemoveOutcome& outcome = outcomes[places[i]];
    if (told[i].message.empty()) told[i].message = outcome.message;
    told[i].throttled = told[i].throttled || outcome.throttled;
    outcome = std::move(told[i]);
  }
}

void DeleteBatch::count(const Candidate& candidate, const RemoveOutcome& outcome, BatchReport& report) {
  if (outcome.result == RemoveResult::removed) {
    ledger_.removed(candidate.number, candidate.object.size_bytes, outcome.code, outcome.message);
    if (!outcome.code.empty()) ++report.for_good;
    ++report.removed;
    report.failed_in_row = 0;
    return;
  }
  if (outcome.result != RemoveResult::failed && outcome.result != RemoveResult::unknown) {
    ledger_.skipped(candidate.number, *reason_of_journal(to_string(outcome.result)));
    return;
  }
  report.throttled = report.throttled || outcome.throttled;
  report.store_failed = report.store_failed || (outcome.retryable && !outcome.throttled);
  if (outcome.result == RemoveResult::failed && goes_again(candidate, outcome)) {
    ledger_.put_back(candidate.number);
    report.again.push_back(candidate);
    return;
  }
  const JournalOutcome line = to_journal(candidate.number, outcome);
  ledger_.failed(candidate.number, {candidate.object.key, line.code, line.message});
  if (!counts_against_budget(outcome)) return;
  ++report.failed;
  ++report.failed_in_row;
}

Result<void> DeleteBatch::settle(std::span<const Candidate> batch, std::span<const RemoveOutcome> outcomes,
                                 BatchReport& report) {
  std::vector<JournalOutcome> lines;
  lines.reserve(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) lines.push_back(to_journal(batch[i].number, outcomes[i]));
  step("outcome");
  auto written = journal_.settle(lines);
  // What was removed is removed, whether or not it could be written down: the result says so.
  for (std::size_t i = 0; i < batch.size(); ++i) count(batch[i], outcomes[i], report);
  if (!written)
    return fail(std::move(written).error(), "while writing what became of a batch into the journal");
  return {};
}

Result<BatchReport> DeleteBatch::run(std::vector<Candidate> candidates) {
  BatchReport report;
  FLOTSAM_ASSIGN(std::vector<Candidate> batch, look(std::move(candidates), report));
  if (batch.empty()) return report;
  std::vector<JournalIntent> intents;
  intents.reserve(batch.size());
  for (Candidate& candidate : batch) {
    ++candidate.attempts;
    intents.push_back({candidate.number, candidate.object, {}});
  }
  const Timestamp since = world_.clock->now();
  step("intent");
  if (auto written = journal_.intend(intents, since); !written)
    return fail(std::move(written).error(), "while writing into the journal what is about to be deleted");
  ledger_.note_batch(since);
  step("remove");
  acted_ = true;
  const std::vector<Object> objects = objects_of(batch);
  std::vector<RemoveOutcome> outcomes = whole(world_.remover->remove(objects, options_), objects.size());
  ask_again(batch, outcomes, since);
  FLOTSAM_TRY(settle(batch, outcomes, report));
  return report;
}

Result<BatchReport> DeleteBatch::reconcile(std::span<const Candidate> candidates, Timestamp since) {
  BatchReport report;
  std::vector<RemoveOutcome> outcomes(candidates.size());
  ask_again(candidates, outcomes, since);
  FLOTSAM_TRY(settle(candidates, outcomes, report));
  return report;
}

}  // namespace flotsam
