#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

namespace flotsam {

/// One scan as history remembers it.
struct HistoryEntry {
  std::string id;
  Timestamp at;
  std::string store_url;
  std::string store_identity;
  std::vector<std::string> prefixes;
  std::string config_digest;
  std::string status;  ///< "ok" | "refused"
  std::uint64_t objects = 0, bytes = 0, orphans = 0, suspects = 0, planned = 0;
  std::map<std::string, std::uint64_t> distinct_keys;  ///< by source
};

/// `history.ndjson` in the state directory: one line a run with a digest of its own, appended and synced. A
/// torn last line (a crash) is ignored when reading and cut off before the next append; any other line that
/// cannot be read is corrupt.
class History {
 public:
  explicit History(std::filesystem::path state_dir);
  Result<void> append(const HistoryEntry& entry);
  Result<std::vector<HistoryEntry>> read() const;
  /// The newest entry with this store, prefixes and status "ok" (or that was applied).
  Result<std::optional<HistoryEntry>> last_good(const std::string& store_identity,
                                                const std::vector<std::string>& prefixes) const;

 private:
  std::filesystem::path path_;
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
