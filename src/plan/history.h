#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/state.h"
#include "base/time.h"
#include "model/object.h"

namespace flotsam {

/// One run as history remembers it.
struct HistoryEntry {
  std::string kind = "scan";  ///< "scan" | "apply" | "undo" | "rescue" | "purge"
  std::string id;             ///< scan: of its plan; else of its journal
  std::string of;  ///< apply: the id of the scan whose plan it is; undo: the id of the apply's journal
  Timestamp at;
  std::string store_url;
  std::string store_identity;
  std::vector<std::string> prefixes;
  std::string config_digest;
  std::string status;  ///< "ok" | "refused"; not of a scan: "partial" | "failed"
  std::uint64_t objects = 0, bytes = 0, orphans = 0, suspects = 0, planned = 0;
  std::map<std::string, std::uint64_t> distinct_keys;  ///< by source
  /// Objects. Of an apply its whole journal, earlier runs included; of the others this run.
  std::uint64_t deleted = 0, skipped = 0, failed = 0, restored = 0, purged = 0;
};

/// The log `history.ndjson` of the state: one line a run with a digest of its own, appended and synced. A
/// torn last line (a crash) is ignored when reading and cut off before the next append; any other line that
/// cannot be read is corrupt.
class History {
 public:
  explicit History(State& state) : state_(&state) {}
  /// The history of a state in a folder.
  explicit History(const std::filesystem::path& state_dir);
  /// Waits a few seconds for another run that is writing its own line. Errors: those of AppendLog.
  Result<void> append(const HistoryEntry& entry);
  /// Oldest first.
  Result<std::vector<HistoryEntry>> read() const;
  /// The newest scan of this store and these prefixes (in any order) that no guard refused, or whose plan was
  /// applied all the same.
  Result<std::optional<HistoryEntry>> last_good(const std::string& store_identity,
                                                const std::vector<std::string>& prefixes) const;

 private:
  std::shared_ptr<State> own_;  ///< nothing where the caller keeps the state
  State* state_;
};

/// The sightings of one configuration (guard `sightings`): a sorted NDJSON file in the state directory,
/// merged with the unreferenced objects of this scan as they come in key order; constant memory. Used through
/// scan's SightingLedger.
class SightingsFile {
 public:
  /// `now` is flotsam's own clock. A missing file means no sightings yet; a broken one is corrupt.
  static Result<std::unique_ptr<SightingsFile>> open(const std::filesystem::path& state_dir,
                                                     const std::string& config_digest, Timestamp now,
                                                     Seconds min_age);
  virtual ~SightingsFile() = default;
  /// See SightingLedger::sighted.
  virtual Result<std::uint64_t> sighted(const ObjectView& object) = 0;
  /// Makes the new record the current one (after the plan stands).
  virtual Result<void> commit() = 0;
};

}  // namespace flotsam
