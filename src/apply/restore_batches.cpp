#include "apply/restore_batches.h"

#include <fmt/format.h>
#include <utility>

#include "apply/ledger.h"
#include "base/check.h"
#include "base/text.h"

namespace flotsam {
namespace {

/// So many batches of which nothing came back end the run: the store does not restore.
constexpr unsigned kFruitlessMax = 3;

std::string_view to_journal(RestoreResult result) {
  switch (result) {
    case RestoreResult::restored:
    case RestoreResult::standing:
      return "restored";
    case RestoreResult::superseded:
      return "superseded";
    case RestoreResult::lost:
      return "lost";
    case RestoreResult::failed:
      return "failed";
  }
  check_failed("a result of restoring has a name", __FILE__, __LINE__);
}

std::string to_sentence(const Error& error) {
  std::string out = error.message;
  for (const std::string& line : error.context) out += " " + line;
  return out;
}

}  // namespace

std::string detail_of(const Remains& remains) {
  switch (remains.place) {
    case Remains::Place::marker:
      return "marker " + remains.marker_id;
    case Remains::Place::version:
      return "version " + remains.version_id;
    case Remains::Place::quarantine:
      return "quarantine " + remains.run_id;
  }
  check_failed("remains have a place", __FILE__, __LINE__);
}

std::unexpected<Error> RestoreBatches::stop(std::string sentence) {
  why_stopped_ = std::move(sentence);
  return fail(ErrorCode::interrupted, why_stopped_);
}

Result<void> RestoreBatches::check_stops() {
  if (world_.cancel->requested()) return stop("interrupted; what is left can be gone on with");
  if (world_.deadline && world_.clock->now() >= *world_.deadline)
    return stop("the time that was given is over; what is left can be gone on with");
  return lock_ != nullptr ? lock_->check() : Result<void>();
}

void RestoreBatches::superseded(const Key& key) {
  ++summary_.superseded_count;
  if (summary_.superseded.size() < kFailuresShown) summary_.superseded.push_back(key);
}

void RestoreBatches::failed(const Key& key, std::string code, std::string message) {
  ++summary_.failed_count;
  if (summary_.failed.size() < kFailuresShown)
    summary_.failed.push_back({key, std::move(code), std::move(message)});
}

void RestoreBatches::lost(const Key& key, std::string message) {
  ++summary_.lost;
  failed(key, "Lost", message.empty() ? "its bytes are nowhere any more" : std::move(message));
}

void RestoreBatches::count(const RestoreItem& item, const RestoreOutcome& outcome) {
  const Object& object = item.remains.object;
  switch (outcome.result) {
    case RestoreResult::restored:
    case RestoreResult::standing:
      ++summary_.restored;
      summary_.bytes += object.size_bytes;
      return;
    case RestoreResult::superseded:
      superseded(object.key);
      return;
    case RestoreResult::lost:
      lost(object.key, outcome.message);
      return;
    case RestoreResult::failed:
      failed(object.key, outcome.code.empty() ? "Failed" : outcome.code, outcome.message);
      return;
  }
}

Result<void> RestoreBatches::run(std::span<const RestoreItem> items, std::string_view verb) {
  if (items.empty()) return {};
  CHECK(items.size() <= kBatch);
  FLOTSAM_TRY(check_stops());
  if (journal_ != nullptr) {
    std::vector<JournalIntent> intents;
    for (const RestoreItem& item : items)
      intents.push_back({item.number, item.remains.object,
                         verb.empty() ? detail_of(item.remains) : std::string(verb) + item.remains.run_id});
    step("intent");
    if (auto written = journal_->intend(intents, world_.clock->now()); !written)
      return fail(std::move(written).error(), "while writing into the journal what is about to be restored");
  }
  std::vector<Remains> remains;
  for (const RestoreItem& item : items) remains.push_back(item.remains);
  step("restore");
  acted_ = acted_ || journal_ != nullptr;
  std::vector<RestoreOutcome> outcomes = world_.restorer->restore(
      remains, journal_ != nullptr ? Restorer::Mode::really : Restorer::Mode::dry_run);
  if (outcomes.size() != items.size())
    outcomes.assign(items.size(), RestoreOutcome{RestoreResult::failed, "Unknown",
                                                 "the store did not say what became of it"});
  std::size_t failures = 0;
  std::vector<JournalOutcome> lines;
  for (std::size_t i = 0; i < items.size(); ++i) {
    JournalOutcome line;
    line.number = items[i].number;
    line.result = std::string(to_journal(outcomes[i].result));
    line.version_id = items[i].remains.version_id;
    if (outcomes[i].result == RestoreResult::failed) {
      ++failures;
      line.code = outcomes[i].code;
      line.message = outcomes[i].message;
    }
    count(items[i], outcomes[i]);
    lines.push_back(std::move(line));
  }
  if (journal_ != nullptr) {
    step("outcome");
    if (auto written = journal_->settle(lines); !written)
      return fail(std::move(written).error(), "while writing what became of a batch into the journal");
  }
  world_.progress->advance(items.size());
  fruitless_ = failures == items.size() ? fruitless_ + 1 : 0;
  if (fruitless_ >= kFruitlessMax)
    return stop(fmt::format("the store brought nothing back in {} batches in a row", fruitless_));
  return {};
}

Result<RestoreResultSummary> finish_restore(Result<void> worked, const RestoreBatches& batches,
                                            JournalWriter* journal, RestoreWorld& world,
                                            RestoreResultSummary summary) {
  std::optional<Error> error;
  if (!worked) {
    if (!batches.why_stopped().empty()) {
      summary.status = RunStatus::partial;
      summary.stopped_by = batches.why_stopped();
    } else if (batches.has_acted()) {
      summary.status = worked.error().code == ErrorCode::interrupted ? RunStatus::partial : RunStatus::failed;
      summary.stopped_by = to_sentence(worked.error());
    } else {
      error = std::move(worked).error();
    }
  } else if (summary.failed_count > 0) {
    summary.status = RunStatus::partial;
    summary.stopped_by = fmt::format("{} could not be dealt with", counted(summary.failed_count, "object"));
  }
  if (journal != nullptr) {
    if (world.on_step) world.on_step("end");
    const RunStatus noted = error ? RunStatus::partial : summary.status;
    auto ended = journal->end({std::string(to_string(noted)), world.clock->now()});
    if (!ended && !error && summary.status != RunStatus::failed) {
      summary.status = RunStatus::failed;
      summary.stopped_by = to_sentence(ended.error());
    }
  }
  if (error) return std::unexpected(*std::move(error));
  return summary;
}

}  // namespace flotsam
