#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/undo.h"
#include "config/config.h"
#include "plan/history.h"
#include "plan/lock.h"
#include "plan/run_results.h"
#include "workflow/scan_workflow.h"

namespace flotsam {

struct UndoAsk {
  std::string journal;  ///< a file in the state's journals, an id, or its place
  std::filesystem::path working_folder;
  bool dry_run = false;
};
Result<RestoreResultSummary> run_undo(const Config& config, const UndoAsk& ask, World& world);

/// Scans for dangling references and looks for their bytes; with the right `expect` brings them back.
/// `on_found` receives each.
Result<RescueResult> run_rescue(const Config& config, std::optional<std::uint64_t> expect,
                                const std::function<Result<void>(const Rescuable&)>& on_found, World& world);

struct PurgeOutcome {
  PurgeResult result;
  bool refused = false;  ///< by a guard of the scan that comes first (exit 4): nothing was looked at
  std::vector<AppliedGuard> guards;
};
/// A full scan first; stops where references-empty, resolution or reference-drop refuses.
Result<PurgeOutcome> run_purge(const Config& config, std::optional<std::uint64_t> expect, World& world);

/// The runs of this state, oldest first.
Result<std::vector<HistoryEntry>> run_history(const Config& config, World& world);

/// Who holds the store's scopes; `force` breaks those that overlap this configuration's prefixes (they are
/// returned).
Result<std::vector<LockHolder>> run_unlock(const Config& config, bool force, World& world);

/// Probes the store and records what it learnt in the state; text lines for a person.
struct ProbeReport {
  std::string record;  ///< JSON object: findings and steps
  std::string place;   ///< where it was recorded
};
Result<ProbeReport> run_probe(const Config& config, World& world);

}  // namespace flotsam
