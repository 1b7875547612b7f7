#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/batch_size.h"
#include "apply/delete_batch.h"
#include "apply/fresh_references.h"
#include "apply/ledger.h"
#include "apply/pace.h"
#include "apply/plan_pages.h"
#include "apply/settling.h"
#include "plan/journal.h"
#include "plan/lock.h"

namespace flotsam {

/// One run of apply() under its lock.
class ApplyRun {
 public:
  ApplyRun(const AuthorisedPlan& plan, const ApplyRules& rules, ApplyWorld& world, ScopeLock& lock);
  Result<ApplyResult> go();

 private:
  /// Why the run ends before the plan does.
  struct Stop {
    RunStatus status = RunStatus::partial;
    std::string sentence;
  };

  // In the order of a run; an error from any of them ends it, and stop_ says whether that is a result.
  Result<void> work();
  Result<void> check_not_undone();
  Result<void> take_up_journal();
  Result<void> reconcile();
  Result<void> check_nothing_for_good();
  Result<void> read_references();
  Result<void> begin_journal();
  Result<void> delete_all();
  Result<void> next_batch();
  Result<void> wait_for_turn();
  Result<std::vector<Candidate>> judged(std::vector<Candidate> candidates);
  Result<bool> is_settled(const Object& object);
  Result<void> learn_from(const BatchReport& report, std::uint64_t sent, std::chrono::nanoseconds took);
  Result<void> check_budget(const BatchReport& report);

  /// Ends the run with a result: the error that is returned is none of its own.
  std::unexpected<Error> stop(RunStatus status, std::string sentence);
  std::string for_good_sentence() const;
  void rule_recoverable();
  bool has_refusals() const { return !refusals_.empty(); }
  Result<ApplyResult> finish(Result<void> worked);
  ApplyResult to_result(RunStatus status);
  void tell_recoverable(ApplyResult& result);
  RemoveOptions options() const;
  std::string quarantine() const;  ///< where the method is that
  std::uint64_t batch_size() const;
  const Plan& plan() const { return plan_.plan(); }
  const PlanHeader& header() const { return plan_.plan().header(); }
  void step(const char* name) const {
    if (world_.on_step) world_.on_step(name);
  }

  const AuthorisedPlan& plan_;
  const ApplyRules& rules_;
  ApplyWorld& world_;
  ScopeLock& lock_;
  Ledger ledger_;
  PlanPages pages_;
  FreshReferences references_;
  Settling settling_;
  Pace pace_;
  std::optional<JournalWriter> journal_;
  std::optional<DeleteBatch> batches_;
  std::deque<Candidate> waiting_;  ///< in the order of the plan
  std::deque<Candidate> again_;    ///< put back
  std::vector<AppliedGuard> refusals_, overridden_;
  std::optional<Stop> stop_;
  std::optional<Timestamp> retry_after_;
  bool was_finished_ = false;  ///< an earlier run finished the plan: nothing is done
  BatchSize size_;
  std::uint64_t failed_ = 0;  ///< in this run, against the budget
  std::uint64_t failed_in_row_ = 0;
  std::uint64_t fruitless_ = 0;  ///< batches in a row that removed nothing because the store failed
};

}  // namespace flotsam
