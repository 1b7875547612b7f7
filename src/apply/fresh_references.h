#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/plan_pages.h"
#include "base/error.h"
#include "scan/rejudge.h"

namespace flotsam {

/// The references as apply reads them, and reads them again when they are old (SPEC §7, steps 2 and 5), with
/// all that must hold of a reading before anything is deleted by it.
class FreshReferences {
 public:
  FreshReferences(const AuthorisedPlan& plan, const ApplyRules& rules, ApplyWorld& world, PlanPages& pages);

  /// Asks the store for its facts, and the state for the keys that were brought back not long ago (an undo of
  /// another plan may have run since the caller read them), reads all references, compares the databases with
  /// the plan's, rules by the reading's own guards and by `recheck` over the whole plan. Where a guard
  /// refuses, refusals() names it. Errors: corrupt with service_code "Plan" for another store or database;
  /// those of Rejudge::read() and of read_restored_keys().
  Result<void> read();

  /// The guards of the last reading that refuse and are not overridden.
  const std::vector<AppliedGuard>& refusals() const { return refusals_; }
  /// Those of any reading that were overridden, each once.
  const std::vector<AppliedGuard>& overridden() const { return overridden_; }

  /// The snapshot is older than 5 minutes or three times what its reading took, whichever is longer.
  bool is_stale() const;

  /// In rising key order.
  std::vector<Verdict> judge(std::span<const ObjectView> objects);
  Timestamp started_at() const { return rejudge_->started_at(); }
  /// Of the store, asked just before the last reading.
  const StoreFacts& facts() const { return facts_; }
  /// What the last reading saw, as a JSON object: evidence for the journal.
  std::string to_note() const;

 private:
  Result<void> check_store();
  Result<void> check_databases() const;
  Result<void> rule_recheck();
  void rule(const std::string& id, bool overridable, const std::string& message);

  const AuthorisedPlan& plan_;
  const ApplyRules& rules_;
  ApplyWorld& world_;
  PlanPages& pages_;
  ScanRules scan_;  ///< the caller's, with the restored keys of the last reading
  StoreFacts facts_;
  std::optional<Rejudge> rejudge_;
  std::vector<AppliedGuard> refusals_, overridden_;
  std::chrono::nanoseconds began_{0};  ///< monotonic, just before the last reading
  std::chrono::nanoseconds took_{0};
};

}  // namespace flotsam
