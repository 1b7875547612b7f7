#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/state.h"
#include "base/time.h"
#include "model/verdict.h"
#include "plan/run_results.h"
#include "scan/scan.h"
#include "store/remover.h"
#include "store/restorer.h"

namespace flotsam {

struct RestoreWorld {
  Restorer* restorer = nullptr;
  Remover* remover = nullptr;  ///< purge alone
  State* state = nullptr;
  Clock* clock = nullptr;
  Log* log = nullptr;
  Progress* progress = nullptr;
  const Cancel* cancel = nullptr;
  std::optional<Timestamp> deadline;
  std::function<void(const char* step)> on_step;
};

struct UndoRequest {
  std::string journal_id;
  bool dry_run = false;
  std::string store_url,
      store_identity;  ///< of now: another store's journal is refused (corrupt, service_code "Plan": exit 6),
                       ///< but for the same directory (apply/same_store.h), which is warned of
  std::vector<std::string> prefixes;
  /// delete.quarantine of now, where known: a journal that moved to another one is refused (corrupt,
  /// service_code "Plan"), for there its objects would pass for lost.
  std::optional<std::string> quarantine;
};

/// Puts back exactly what the journal says was deleted, or may have been (an intent without an outcome, once
/// it is told what became of it). Journalled in ID.undo; from its first line on the plan is spent.
/// Repeatable: what stands already is counted as restored. Errors: not_found / corrupt (exit 6); refused for
/// a journal of `permanent` (exit 1) or of another kind; "Locked" (7).
Result<RestoreResultSummary> undo(const UndoRequest& request, RestoreWorld& world);

/// One dangling reference whose object can be brought back.
struct Rescuable {
  Remains remains;
  std::string source;  ///< of the reference
};

struct RescueRequest {
  std::string store_url, store_identity, config_digest;
  std::vector<std::string> prefixes;
  std::optional<std::uint64_t> expect;
  std::vector<std::pair<std::string, std::string>> dangling;  ///< key, source; sorted by key, each key once
};

struct RescueResult {
  std::uint64_t dangling = 0;  ///< distinct keys that were looked for
  std::uint64_t found = 0;
  std::uint64_t bytes = 0;
  std::vector<Rescuable> sample;                 ///< the first 1,000 found
  std::optional<RestoreResultSummary> restored;  ///< with a right `expect`
};

/// Looks for the bytes of every dangling key; with the right `expect` brings them back, journalled. A wrong
/// one: refused with service_code "Expect" (exit 4). `on_found` receives each.
Result<RescueResult> rescue(const RescueRequest& request, RestoreWorld& world,
                            const std::function<Result<void>(const Rescuable&)>& on_found);

struct PurgeRequest {
  std::string store_url, store_identity, config_digest;
  std::vector<std::string> prefixes;
  int undo_days = 30;
  std::optional<std::uint64_t> expect;
  /// Verdict of now of each key, as if its object stood there: by a fresh full reading of the references.
  /// What is referenced or derived goes back, an orphan goes for good, and what is in doubt stays where it
  /// is.
  std::function<Result<std::vector<Verdict>>(std::span<const Key> keys)> judge;
};

struct PurgeResult {
  std::uint64_t quarantined = 0;         ///< all objects in the quarantine
  std::uint64_t due = 0, due_bytes = 0;  ///< go for good: older than undo_days by their journal, unreferenced
  std::uint64_t referenced = 0;          ///< due, but referenced again: go back
  std::uint64_t kept = 0;     ///< due, but no orphans by the rules and references of now: left alone
  std::uint64_t unknown = 0;  ///< no journal of this state tells when they were moved: left alone
  std::vector<QuarantinedObject> sample;  ///< of the due, at most 20
  std::optional<RestoreResultSummary> done;
};

/// Lists the quarantine and, with the right `expect` (= what goes for good), purges it, journalled. A wrong
/// one: refused, service_code "Expect".
Result<PurgeResult> purge(const PurgeRequest& request, RestoreWorld& world);

}  // namespace flotsam
