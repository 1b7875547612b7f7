#include "apply/apply_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "apply/recoverability.h"
#include "base/bytes.h"
#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::size_t kBatchMax = BatchSize::kObjectsMax;
constexpr std::uint64_t kFailuresInRow = 5;
constexpr std::uint64_t kFailuresMin = 5;
constexpr std::uint64_t kFruitlessMax = 10;
constexpr std::uint64_t kHoldOffDoublings = 5;

std::unexpected<Error> not_this_plan(std::string message, std::string hint) {
  Error error;
  error.code = ErrorCode::corrupt;
  error.message = std::move(message);
  error.hint = std::move(hint);
  error.service_code = "Plan";
  return std::unexpected(std::move(error));
}

/// An error as one sentence of a result.
std::string to_sentence(const Error& error) {
  std::string out = error.message;
  for (const std::string& line : error.context) out += " " + line;
  if (!error.hint.empty()) out += ". " + error.hint;
  return out;
}

}  // namespace

ApplyRun::ApplyRun(const AuthorisedPlan& plan, const ApplyRules& rules, ApplyWorld& world, ScopeLock& lock)
    : plan_(plan),
      rules_(rules),
      world_(world),
      lock_(lock),
      ledger_(plan.plan().objects()),
      pages_(plan.plan()),
      references_(plan, rules, world, pages_),
      settling_(plan.plan(), pages_, *world.state, *world.log),
      pace_(rules.max_rate, *world.clock),
      size_(rules.method) {}

RemoveOptions ApplyRun::options() const {
  RemoveOptions options;
  options.method = rules_.method;
  options.condition = rules_.condition;
  options.run_id = header().id;
  return options;
}

std::string ApplyRun::quarantine() const {
  return rules_.method == DeleteMethod::quarantine ? rules_.quarantine : std::string();
}

std::unexpected<Error> ApplyRun::stop(RunStatus status, std::string sentence) {
  stop_ = Stop{status, std::move(sentence)};
  return fail(ErrorCode::interrupted, stop_->sentence);
}

Result<ApplyResult> ApplyRun::go() {
  return finish(work());
}

Result<void> ApplyRun::work() {
  FLOTSAM_TRY(check_not_undone());
  FLOTSAM_TRY(take_up_journal());
  if (was_finished_) return {};
  FLOTSAM_TRY(reconcile());
  FLOTSAM_TRY(check_nothing_for_good());
  if (journal_ && ledger_.is_finished()) return {};
  FLOTSAM_TRY(read_references());
  FLOTSAM_TRY(begin_journal());
  return delete_all();
}

Result<void> ApplyRun::check_not_undone() {
  JournalVisitor any;
  auto undone = read_journal(*world_.state, journal_name(header().id + ".undo"), any);
  if (!undone) return fail(std::move(undone).error(), "while looking whether the plan was undone");
  if (!*undone) return {};
  return not_this_plan(
      fmt::format("the plan {} is spent: an undo of it was begun, and what it deleted is or will be back",
                  in_quotes(header().id)),
      "Make a new plan: flotsam scan.");
}

// What an earlier run of this plan left. Two methods never share a journal: undo goes by its header.
Result<void> ApplyRun::take_up_journal() {
  FLOTSAM_ASSIGN(const bool begun, ledger_.read(*world_.state, plan()));
  if (!begun) return {};
  if (ledger_.is_finished() && ledger_.last_end() == to_string(RunStatus::ok)) {
    was_finished_ = true;
    return {};
  }
  const JournalHeader& before = *ledger_.header();
  if (before.method != rules_.method || before.quarantine != quarantine())
    return not_this_plan(
        fmt::format("the journal of the plan {} was begun with the method {}{}, and {}{} is in force now",
                    in_quotes(header().id), to_string(before.method),
                    before.quarantine.empty() ? "" : " to " + in_quotes(before.quarantine),
                    to_string(rules_.method), quarantine().empty() ? "" : " to " + in_quotes(quarantine())),
        "Set [delete] back to go on with this plan, or make a new one: flotsam scan.");
  step("journal");
  FLOTSAM_ASSIGN(journal_, JournalWriter::open(*world_.state, before));
  batches_.emplace(world_, options(), *journal_, ledger_);
  return {};
}

Result<void> ApplyRun::reconcile() {
  if (ledger_.unsettled().empty()) return {};
  step("prepare");
  FLOTSAM_TRY(world_.remover->prepare(options()));
  std::map<Timestamp, std::vector<Candidate>> by_batch;
  for (const auto& [number, intent] : ledger_.unsettled())
    by_batch[intent.at].push_back({number, intent.object, 0});
  for (const auto& [since, candidates] : by_batch) {
    for (std::size_t at = 0; at < candidates.size(); at += kBatchMax) {
      FLOTSAM_TRY(world_.cancel->check());
      const std::span<const Candidate> chunk(candidates.data() + at,
                                             std::min(kBatchMax, candidates.size() - at));
      FLOTSAM_TRY(batches_->reconcile(chunk, since));
    }
  }
  return {};
}

std::string ApplyRun::for_good_sentence() const {
  return fmt::format("{} may be for good: {}", counted(ledger_.for_good(), "deletion"),
                     ledger_.why_for_good());
}

// The store does not keep what it says that it keeps: whatever is deleted next may be lost as well.
Result<void> ApplyRun::check_nothing_for_good() {
  if (ledger_.for_good() == 0) return {};
  return stop(RunStatus::failed,
              fmt::format("{}. By this plan nothing more is deleted: find out what became of the store's "
                          "versions, then make a new one: flotsam scan.",
                          for_good_sentence()));
}

// The guard `recoverable` by the store of now: a lifecycle rule may be new, versions may be gone.
void ApplyRun::rule_recoverable() {
  const Recoverability found = recoverability_of(rules_.method, *rules_.scan, references_.facts(),
                                                 header().prefixes, rules_.undo_days);
  if (found.refusal.empty()) return;
  const bool overridden = found.overridable && plan_.overrides_guard("recoverable");
  if (!overridden) {
    refusals_.push_back({"recoverable", false, found.refusal});
    return;
  }
  const auto same = [](const AppliedGuard& guard) { return guard.id == "recoverable"; };
  if (std::none_of(plan_.guards().begin(), plan_.guards().end(), same) &&
      std::none_of(overridden_.begin(), overridden_.end(), same))
    overridden_.push_back({"recoverable", true, found.refusal});
}

Result<void> ApplyRun::read_references() {
  step("references");
  FLOTSAM_TRY(references_.read());
  refusals_ = references_.refusals();
  rule_recoverable();
  if (has_refusals()) {
    std::string ids;
    for (const AppliedGuard& guard : refusals_) ids += (ids.empty() ? "" : ", ") + guard.id;
    return stop(RunStatus::refused, fmt::format("refused by {}", ids));
  }
  step("prepare");
  FLOTSAM_TRY(world_.remover->prepare(options()));
  if (!journal_) return {};
  step("note");
  return journal_->note("references", references_.to_note());
}

// A journal begins only when the first reading let the plan pass: it says that plan-age was ruled on.
Result<void> ApplyRun::begin_journal() {
  if (journal_) return {};
  JournalHeader begun;
  begun.kind = JournalKind::apply;
  begun.id = header().id;
  begun.created_at = world_.clock->now();
  begun.plan_digest = plan().digest();
  begun.store_url = header().store_url;
  begun.store_identity = header().store_identity;
  begun.prefixes = header().prefixes;
  begun.config_digest = rules_.config_digest;
  begun.method = rules_.method;
  begun.quarantine = quarantine();
  begun.condition = std::string(to_string(rules_.condition));
  begun.undo_days = rules_.undo_days;
  begun.expected = plan().objects();
  begun.overrides = plan_.overrides();
  step("journal");
  FLOTSAM_ASSIGN(journal_, JournalWriter::open(*world_.state, begun));
  batches_.emplace(world_, options(), *journal_, ledger_);
  return journal_->note("references", references_.to_note());
}

std::uint64_t ApplyRun::batch_size() const {
  return std::min(size_.objects(), pace_.batch_max());
}

Result<void> ApplyRun::delete_all() {
  world_.progress->phase("deleting", "objects", ledger_.to_do());
  const auto take_page = [&](std::uint64_t first, std::span<const Object> page) -> Result<void> {
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (!ledger_.is_to_do(first + i)) continue;
      waiting_.push_back({first + i, page[i], 0});
      while (waiting_.size() >= batch_size()) FLOTSAM_TRY(next_batch());
    }
    return {};
  };
  FLOTSAM_TRY(pages_.read(take_page));
  while (!waiting_.empty() || !again_.empty()) FLOTSAM_TRY(next_batch());
  return {};
}

// Whatever can end a run between two batches, in the order of its price.
Result<void> ApplyRun::wait_for_turn() {
  const auto check_stops = [&]() -> Result<void> {
    if (world_.cancel->requested())
      return stop(RunStatus::partial, "interrupted; the journal can be gone on with");
    if (world_.deadline && world_.clock->now() >= *world_.deadline)
      return stop(RunStatus::partial, "the time that was given is over; the journal can be gone on with");
    return {};
  };
  pace_.wait(*world_.cancel, world_.deadline);
  FLOTSAM_TRY(check_stops());
  if (references_.is_stale()) {
    FLOTSAM_TRY(read_references());
    FLOTSAM_TRY(check_stops());
  }
  return lock_.check();
}

Result<void> ApplyRun::next_batch() {
  FLOTSAM_TRY(wait_for_turn());
  std::deque<Candidate>& queue = waiting_.empty() || again_.size() >= kBatchMax ? again_ : waiting_;
  const std::size_t size = size_.fitting(queue, batch_size());
  std::vector<Candidate> candidates(
      std::make_move_iterator(queue.begin()),
      std::make_move_iterator(queue.begin() + static_cast<std::ptrdiff_t>(size)));
  queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(size));
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.number < b.number; });
  FLOTSAM_ASSIGN(std::vector<Candidate> batch, judged(std::move(candidates)));
  world_.progress->advance(size - batch.size());
  if (batch.empty()) return {};
  const std::size_t sent = batch.size();
  pace_.spend(sent);
  const auto began = world_.clock->monotonic();
  auto report = batches_->run(std::move(batch));
  if (!report) return std::unexpected(std::move(report).error());
  world_.progress->advance(sent - report->again.size());
  return learn_from(*report, sent, world_.clock->monotonic() - began);
}

// What is an orphan no longer drops out here, by the latest reading; the rest comes back.
Result<std::vector<Candidate>> ApplyRun::judged(std::vector<Candidate> candidates) {
  std::vector<ObjectView> views;
  for (const Candidate& candidate : candidates) views.push_back(candidate.object.view());
  const std::vector<Verdict> verdicts = references_.judge(views);
  std::vector<Candidate> orphans;
  std::vector<JournalSkip> skips;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i < verdicts.size() && verdicts[i] == Verdict::orphan) {
      FLOTSAM_ASSIGN(const bool settled, is_settled(candidates[i].object));
      if (settled) {
        orphans.push_back(std::move(candidates[i]));
      } else {
        skips.push_back({candidates[i].number, "settling"});
      }
      continue;
    }
    // A folder marker is never deleted, and results have no word of their own for it.
    const Verdict verdict = i < verdicts.size() ? verdicts[i] : Verdict::protected_;
    skips.push_back({candidates[i].number,
                     std::string(to_string(verdict == Verdict::marker ? Verdict::protected_ : verdict))});
  }
  FLOTSAM_TRY(batches_->skip(skips));
  return orphans;
}

Result<bool> ApplyRun::is_settled(const Object& object) {
  if (!is_multipart(object)) return true;
  if (references_.started_at() - header().created_at >= std::chrono::hours(1)) return true;
  FLOTSAM_ASSIGN(const Timestamp settled_at, settling_.settled_at(object));
  if (references_.started_at() >= settled_at) return true;
  const Timestamp whole = std::chrono::ceil<std::chrono::seconds>(settled_at);
  retry_after_ = std::max(retry_after_.value_or(whole), whole);
  return false;
}

Result<void> ApplyRun::learn_from(const BatchReport& report, std::uint64_t sent,
                                  std::chrono::nanoseconds took) {
  for (const Candidate& candidate : report.again) again_.push_back(candidate);
  FLOTSAM_TRY(check_nothing_for_good());
  const bool trouble = report.throttled || report.store_failed;
  if (report.throttled) {
    pace_.throttled();
  } else {
    pace_.went_well();
  }
  size_.learn(sent, took,
              trouble || report.failed > 0 ? BatchSize::Growth::none : BatchSize::Growth::allowed);
  fruitless_ = trouble && report.removed == 0 ? fruitless_ + 1 : 0;
  if (fruitless_ > 0) pace_.hold_off(std::chrono::seconds(1U << std::min(fruitless_ - 1, kHoldOffDoublings)));
  if (fruitless_ >= kFruitlessMax)
    return stop(RunStatus::failed,
                fmt::format("the store took no deletion in {} batches in a row", fruitless_));
  return check_budget(report);
}

Result<void> ApplyRun::check_budget(const BatchReport& report) {
  failed_ += report.failed;
  failed_in_row_ = report.removed > 0 ? report.failed_in_row : failed_in_row_ + report.failed;
  if (failed_in_row_ >= kFailuresInRow)
    return stop(RunStatus::failed, fmt::format("{} failures in a row", failed_in_row_));
  if (failed_ >= kFailuresMin && failed_ * 100 > ledger_.planned())
    return stop(RunStatus::failed,
                fmt::format("{} of {} failed, which is more than 1 %", with_separators(failed_),
                            counted(ledger_.planned(), "object")));
  return {};
}

Result<ApplyResult> ApplyRun::finish(Result<void> worked) {
  if (was_finished_) return to_result(RunStatus::ok);
  std::optional<Error> error;
  if (!worked && !stop_) {
    if (batches_ && batches_->has_acted()) {
      const bool interrupted = worked.error().code == ErrorCode::interrupted;
      stop_ = Stop{interrupted ? RunStatus::partial : RunStatus::failed, to_sentence(worked.error())};
    } else {
      error = std::move(worked).error();
    }
  }
  // A batch of which the journal could not be written must not hide it.
  if (ledger_.for_good() > 0 && stop_ && stop_->sentence.find(for_good_sentence()) == std::string::npos) {
    stop_->status = RunStatus::failed;
    stop_->sentence = for_good_sentence() + "; " + stop_->sentence;
  }
  if (!stop_ && ledger_.failed_count() > 0)
    stop_ = Stop{RunStatus::partial,
                 fmt::format("{} could not be deleted", counted(ledger_.failed_count(), "object"))};
  RunStatus status = stop_ ? stop_->status : RunStatus::ok;
  if (journal_) {
    const bool is_failed = status == RunStatus::failed;
    const RunStatus noted = status == RunStatus::ok && !error ? RunStatus::ok
                            : is_failed                       ? RunStatus::failed
                                                              : RunStatus::partial;
    step("end");
    // After an error of the journal it takes no more lines, which the error at hand says already.
    auto ended = journal_->end({std::string(to_string(noted)), world_.clock->now()});
    if (!ended && !stop_ && !error) {
      stop_ = Stop{RunStatus::failed, to_sentence(ended.error())};
      status = RunStatus::failed;
    }
  }
  if (error) return std::unexpected(*std::move(error));
  return to_result(status);
}

ApplyResult ApplyRun::to_result(RunStatus status) {
  ApplyResult result;
  result.plan_id = header().id;
  result.method = rules_.method;
  ledger_.fill(result);
  if (ledger_.header() || journal_) result.journal = world_.state->place_of(journal_name(header().id));
  result.guards = plan_.guards();
  const auto add = [&](const std::vector<AppliedGuard>& guards) {
    result.guards.insert(result.guards.end(), guards.begin(), guards.end());
  };
  add(references_.overridden());
  add(overridden_);
  add(refusals_);
  result.retry_after = retry_after_;
  if (stop_) result.stopped_by = stop_->sentence;
  result.status = status;
  tell_recoverable(result);
  return result;
}

void ApplyRun::tell_recoverable(ApplyResult& result) {
  if (result.deleted == 0 || !ledger_.first_batch()) return;
  const DeleteMethod method = ledger_.header() ? ledger_.header()->method : rules_.method;
  result.method = method;
  if (ledger_.for_good() > 0) {
    result.recoverable_note = for_good_sentence();
    return;
  }
  auto facts = world_.remover->facts();
  if (!facts) {
    result.recoverable_note = "the store could not be asked for its lifecycle rules";
    return;
  }
  const Recoverability found =
      recoverability_of(method, *rules_.scan, *facts, header().prefixes, rules_.undo_days);
  // What was deleted first is lost first.
  if (found.kept) result.recoverable_until = *ledger_.first_batch() + *found.kept;
  result.recoverable_note = found.note;
}

}  // namespace flotsam
