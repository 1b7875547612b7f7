#include "apply/ledger.h"

#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

std::unexpected<Error> wrong_journal(std::string message) {
  Error error;
  error.code = ErrorCode::corrupt;
  error.message = std::move(message);
  error.hint = "Look at the journal in the state; a new plan (flotsam scan) begins a new one.";
  error.service_code = "Plan";
  return std::unexpected(std::move(error));
}

}  // namespace

std::optional<SkipReason> reason_of_journal(std::string_view word) {
  // A legal hold or a retention protects the object as a rule of ours does.
  if (word == "held") return SkipReason::protected_;
  return skip_reason_of(word);
}

/// Takes the lines of a journal into a ledger.
class Ledger::Reader final : public IntentReader {
 public:
  Reader(Ledger& ledger, const Plan& plan) : ledger_(ledger), plan_(plan) {}

  Result<void> header(const JournalHeader& header) override {
    const PlanHeader& plan = plan_.header();
    if (header.kind != JournalKind::apply || header.id != plan.id || header.plan_digest != plan_.digest())
      return wrong_journal(fmt::format("the journal of the plan {} is of another plan", in_quotes(plan.id)));
    if (header.store_identity != plan.store_identity)
      return wrong_journal(fmt::format("the journal of the plan {} is of another store: {}",
                                       in_quotes(plan.id), in_quotes(header.store_identity)));
    ledger_.header_ = header;
    return {};
  }

  Result<void> skip(const JournalSkip& skip) override {
    FLOTSAM_TRY(check(skip.number));
    const auto reason = reason_of_journal(skip.why);
    if (!reason)
      return wrong_journal(fmt::format("the journal skips an object for {}, which this flotsam does not know",
                                       in_quotes(skip.why)));
    ledger_.skipped(skip.number, *reason);
    ledger_.last_end_.clear();
    return {};
  }

  Result<void> end(const JournalEnd& end) override {
    ledger_.last_end_ = end.status;
    return {};
  }

 private:
  Result<void> check(std::uint64_t number) const {
    if (number < ledger_.planned()) return {};
    return wrong_journal(
        fmt::format("the journal speaks of object {}, and the plan holds {}", number, ledger_.planned()));
  }

  Result<void> intended(std::uint64_t number, const Intent& /*intent*/) override {
    FLOTSAM_TRY(check(number));
    ledger_.set(number, Fate::intended);
    ledger_.last_end_.clear();
    return {};
  }

  Result<void> settled(const Intent& intent, const JournalOutcome& outcome) override {
    FLOTSAM_TRY(check(outcome.number));
    if (outcome.result == "removed") {
      ledger_.removed(outcome.number, intent.object.size_bytes, outcome.code, outcome.message);
    } else if (outcome.result == "failed") {
      ledger_.failed(outcome.number, {intent.object.key, outcome.code, outcome.message});
    } else if (const auto reason = reason_of_journal(outcome.result)) {
      ledger_.skipped(outcome.number, *reason);
    } else {
      return wrong_journal(fmt::format("the journal tells the outcome {}, which this flotsam does not know",
                                       in_quotes(outcome.result)));
    }
    return {};
  }

  Ledger& ledger_;
  const Plan& plan_;
};

Ledger::Ledger(std::uint64_t planned) : fates_(planned) {
  counts_[static_cast<std::size_t>(Fate::untried)] = planned;
}

Result<bool> Ledger::read(State& state, const Plan& plan) {
  Reader reader(*this, plan);
  auto found = read_journal(state, journal_name(plan.header().id), reader);
  if (!found) return fail(std::move(found).error(), "while reading the journal of the plan");
  unsettled_ = reader.unsettled();
  first_batch_ = reader.first_batch();
  return *found && header_.has_value();
}

Ledger::Fate Ledger::fate_of(SkipReason reason) {
  return static_cast<Fate>(static_cast<unsigned char>(Fate::skipped) + static_cast<unsigned char>(reason));
}

void Ledger::set(std::uint64_t number, Fate fate) {
  CHECK(number < fates_.size());
  unsigned char& now = fates_[number];
  const Fate before = static_cast<Fate>(now);
  if (before == Fate::failed || before == Fate::unknown) failures_.erase(number);
  --counts_[now];
  now = static_cast<unsigned char>(fate);
  ++counts_[now];
}

bool Ledger::is_to_do(std::uint64_t number) const {
  CHECK(number < fates_.size());
  const Fate fate = static_cast<Fate>(fates_[number]);
  return fate == Fate::untried || fate == Fate::failed || fate == fate_of(SkipReason::settling);
}

std::uint64_t Ledger::to_do() const {
  return left() + failed_count() + count_of(fate_of(SkipReason::settling));
}

bool Ledger::is_finished() const {
  return to_do() == 0;
}

void Ledger::removed(std::uint64_t number, std::uint64_t size_bytes, std::string_view code,
                     std::string_view message) {
  // Undone removals do not come back into the ledger: a plan that was undone is spent.
  if (static_cast<Fate>(fates_.at(number)) != Fate::removed) {
    bytes_ += size_bytes;
    if (!code.empty() && for_good_++ == 0) why_for_good_ = message.empty() ? code : message;
  }
  set(number, Fate::removed);
}

void Ledger::skipped(std::uint64_t number, SkipReason reason) {
  set(number, fate_of(reason));
}

void Ledger::failed(std::uint64_t number, FailedObject failure) {
  set(number, failure.code == kUnknownCode ? Fate::unknown : Fate::failed);
  if (failures_.size() < kFailuresShown) failures_.emplace(number, std::move(failure));
}

void Ledger::put_back(std::uint64_t number) {
  set(number, Fate::untried);
}

void Ledger::fill(ApplyResult& result) const {
  result.planned = planned();
  result.deleted = deleted();
  result.bytes = bytes_;
  for (std::size_t i = 0; i < kSkipReasons; ++i)
    result.skipped[i] = count_of(fate_of(static_cast<SkipReason>(i)));
  result.failed.clear();
  for (const auto& [number, failure] : failures_) result.failed.push_back(failure);
  result.failed_count = failed_count();
  result.left = left();
}

}  // namespace flotsam
