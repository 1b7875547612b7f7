#pragma once

/// What apply, undo, rescue, purge, history and unlock say: values, each with a renderer for `--json` (one
/// compact JSON object; to_pretty_json() indents it) and one for a person.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/delete_method.h"
#include "plan/history.h"
#include "plan/lock.h"
#include "plan/run_results.h"
#include "report/report.h"

namespace flotsam {

/// The object of SPEC §7 (docs/schema/apply.schema.json): its fields in SPEC's order, and after them what
/// else is known. Keys are UTF-8 strings or {"base64"}.
std::string to_json(const ApplyResult& result);

/// For a person: what was deleted and until when that can be undone, what was left alone and why, what
/// failed, and what to type next. Commands name the plan by `shown_plan`, else by its id.
std::string to_text(const ApplyResult& result, const TextStyle& style);

/// What a person sees before the number is asked for. Nothing was deleted yet by this run.
struct ApplyPrompt {
  std::string report;    ///< of the scan that wrote the plan (SPEC §6)
  std::string evidence;  ///< of the same
  std::string plan_id;
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::string store_url;
  DeleteMethod method = DeleteMethod::none;  ///< in force now
  std::string quarantine;                    ///< where the method is quarantine, if it is to be named
  int undo_days = 0;
  std::vector<AppliedGuard> overridden;
  bool resumes = false;  ///< an earlier run of this plan is gone on with
};

/// The page, and as its last line, without a line break, the question for the number of objects. Errors:
/// corrupt where the report or the evidence cannot be read.
Result<std::string> apply_prompt(const ApplyPrompt& prompt, const TextStyle& style);

struct UndoReport {
  RestoreResultSummary result;
  bool dry_run = false;
  std::string asked;  ///< the journal as the person named it: for the command that goes on
};
std::string to_json(const UndoReport& report);  ///< docs/schema/restore.schema.json, as the next two
std::string to_text(const UndoReport& report, const TextStyle& style);

/// What rescue found, and what it brought back where `expect` was right.
struct RescueReport {
  struct Found {
    Key key;
    std::uint64_t size_bytes = 0;
    std::string place;   ///< "marker", "version" or "quarantine": where its bytes are
    std::string source;  ///< of the reference that needs it
  };
  std::uint64_t dangling = 0;  ///< distinct needed keys under which nothing stands
  std::uint64_t found = 0;
  std::uint64_t bytes = 0;  ///< of the found
  std::vector<Found> sample;
  std::optional<RestoreResultSummary> restored;
};
std::string to_json(const RescueReport& report);
std::string to_text(const RescueReport& report, const TextStyle& style);

/// What purge found in the quarantine, and what it removed for good where `expect` was right.
struct PurgeReport {
  struct Due {
    Key key;
    std::uint64_t size_bytes = 0;
    std::string run_id;  ///< of the journal that moved it
  };
  std::uint64_t quarantined = 0;
  std::uint64_t due = 0, due_bytes = 0;  ///< go for good
  std::uint64_t referenced = 0;          ///< due, but referenced again: go back
  std::uint64_t kept = 0;                ///< due, but in doubt by the rules and references of now: left alone
  std::uint64_t unknown = 0;             ///< no journal of this state tells when they were moved: left alone
  int undo_days = 0;
  std::vector<Due> sample;
  bool refused = false;  ///< by a guard of the scan that comes first: nothing was looked at
  std::vector<AppliedGuard> guards;
  std::optional<RestoreResultSummary> done;
};
std::string to_json(const PurgeReport& report);
std::string to_text(const PurgeReport& report, const TextStyle& style);

/// Who holds the scopes of a store, or whose locks were broken just now.
struct LockReport {
  std::vector<LockHolder> holders;
  bool broken = false;
  std::string store_url;
  Timestamp now;  ///< machine's clock: which leases have expired
};
std::string to_json(const LockReport& report);  ///< docs/schema/locks.schema.json
std::string to_text(const LockReport& report, const TextStyle& style);

/// The runs that the state remembers, oldest first.
struct HistoryReport {
  std::vector<HistoryEntry> runs;
};
std::string to_json(const HistoryReport& report);  ///< docs/schema/history.schema.json
/// A table for each store and its prefixes, oldest run first, at most the last 50: figures, and how what is
/// unreferenced changed since the scan before.
std::string to_text(const HistoryReport& report, const TextStyle& style);

}  // namespace flotsam
