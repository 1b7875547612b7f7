#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/time.h"
#include "model/glob.h"
#include "model/resolver.h"
#include "model/restored_keys.h"
#include "model/scope.h"
#include "scan/result.h"

namespace flotsam {

/// One [[references]] block.
struct SourceRules {
  SourceQuery query;
  ResolverRules resolver;
  bool outside_ignored = false;  ///< outside = "ignore"
  bool spelling_exact = false;   ///< spelling = "exact": it makes no suspects
  bool may_be_empty = false;
};

/// One database and the blocks read from it, in one snapshot.
struct DatabaseRules {
  ReferenceDatabase* database = nullptr;
  std::vector<SourceRules> sources;
};

/// What the configuration says of deleting, as far as guards rule on it.
struct DeleteRules {
  std::string method = "auto";  ///< "auto" | "version" | "quarantine" | "permanent"
  bool has_quarantine = false;
  std::string quarantine_prefix;  ///< inside the same bucket; empty where it is elsewhere
  int undo_days = 30;
  std::optional<bool> store_honours_conditions;  ///< from a recorded probe
};

/// The last scan of this scope that no guard refused, or that was applied: for reference-drop.
struct Baseline {
  Timestamp at;
  std::string id;
  std::map<std::string, std::uint64_t> distinct_keys;  ///< by source name
};

/// Remembers which objects earlier scans found unreferenced (guard `sightings`). Asked in rising key order,
/// once an unreferenced object.
class SightingLedger {
 public:
  virtual ~SightingLedger() = default;
  /// How many scans, this one included and each min_age apart, saw this object unreferenced and unchanged.
  virtual Result<std::uint64_t> sighted(const ObjectView& object) = 0;
};

struct ScanRules {
  std::string store_url;
  std::string bucket;  ///< for canonical spelling; empty for a directory
  Scope scope = Scope::whole_bucket();
  std::vector<Glob> candidates;  ///< empty: all
  std::vector<Glob> protect;
  std::vector<Glob> disposable;
  RestoredKeys restored;  ///< brought back less than undo_days ago: protected
  Seconds min_age{7 * 86400};
  std::uint64_t memory_bytes = 1ULL << 30U;
  GuardLimits limits;
  DeleteRules deletion;
  std::vector<DatabaseRules> databases;  ///< read in this order
  unsigned connections = 0;
};

struct ScanWorld {
  Lister* lister = nullptr;
  Clock* clock = nullptr;
  Log* log = nullptr;
  Progress* progress = nullptr;
  const Cancel* cancel = nullptr;
  std::filesystem::path spool_folder;  ///< for unlinked temporary files
  std::optional<StoreFacts> store;     ///< facts() of the lister, asked just now; else scan() asks itself
  std::optional<Baseline> baseline;
  SightingLedger* sightings = nullptr;     ///< needed where limits.sightings > 1
  std::optional<std::uint64_t> hash_seed;  ///< fixed by tests; else random. Never changes a result
  /// Receives every object of a wanted verdict in key order after the listing (`scan --list`); the verdicts
  /// wanted:
  std::vector<Verdict> wanted;
  std::function<Result<void>(Verdict, const ObjectView&, std::string_view shape)> on_object;
  /// Receives every dangling key in byte order, with its source's name (`scan --list dangling=`), where set.
  std::function<Result<void>(std::string_view key, std::string_view source)> on_dangling;
};

/// The dry run (SPEC §4–6): takes the store's clock, reads all references, lists the scope, judges every
/// object, rules on the guards. Deletes nothing and cannot.
///
/// Errors: any doubt about references or listing, with what was seen; then there is no result. refused with
/// the figure where the references need more than memory_bytes. Memory grows with references, not with
/// objects.
Result<ScanResult> scan(const ScanRules& rules, ScanWorld& world);

}  // namespace flotsam
