#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/authorised_plan.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/state.h"
#include "base/time.h"
#include "plan/journal.h"
#include "plan/run_results.h"
#include "scan/rejudge.h"
#include "store/remover.h"

namespace flotsam {

/// What apply is told of the configuration.
struct ApplyRules {
  /// Its limits.recheck is that of the guard recheck. The keys that were brought back are read anew with
  /// every reading of the references, under the lock: its own do not count.
  const ScanRules* scan = nullptr;
  DeleteMethod method = DeleteMethod::none;  ///< in force now (method_in_force), not the plan's
  std::string quarantine;
  DeleteCondition condition = DeleteCondition::none;
  std::uint64_t max_rate = 1000;  ///< keys a second
  int undo_days = 30;
  std::vector<SourceIdentity> sources;  ///< of now
  std::string config_digest;
};

struct ApplyWorld {
  Remover* remover = nullptr;
  State* state = nullptr;
  Clock* clock = nullptr;
  Log* log = nullptr;
  Progress* progress = nullptr;
  const Cancel* cancel = nullptr;     ///< finishes the batch in flight, then stops: status partial
  std::optional<Timestamp> deadline;  ///< no batch is begun after it: status partial
  ScanWorld* scan = nullptr;          ///< for the readings of references
  /// Called before every step that can be torn by a crash, with its name: "lock", "references", "prepare",
  /// "journal", "note", "skip", "intent", "remove", "reconcile", "outcome", "end". Tests count and kill here.
  std::function<void(const char* step)> on_step;
};

/// Deletes what the plan names and is still an orphan and unchanged (SPEC §7), in its order: lock,
/// references, batches of look, intent, deletion, outcome; references again when the reading is old. Goes on
/// where an earlier run of the same plan stopped.
///
/// An ApplyResult with status refused (exit 4) where the reading of now or `recheck` says so; partial and
/// failed say what stopped it (exit 5, or 130 where cancelled). Errors: refused with service_code "Locked"
/// (exit 7); corrupt with service_code "Plan" (exit 6) for a database that is another than the plan's; those
/// of reading references and of the state (exit 1), before anything was deleted.
Result<ApplyResult> apply(const AuthorisedPlan& plan, const ApplyRules& rules, ApplyWorld& world);

}  // namespace flotsam
