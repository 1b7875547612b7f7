#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/state.h"
#include "base/time.h"
#include "store/quarantine.h"

namespace flotsam {

/// When objects of a quarantine were moved there: the time of their batch in the journal of the apply that
/// moved them, never a time of the object. Holds the journal of one run, 16 bytes an object: asked in the
/// order of the runs.
class MoveTimes {
 public:
  MoveTimes(State& state, Log& log, std::string store_identity, std::vector<std::string> prefixes)
      : state_(state),
        log_(log),
        store_identity_(std::move(store_identity)),
        prefixes_(std::move(prefixes)) {}

  /// Nothing: no journal of this state tells. That is so of a journal that is missing or cannot be believed,
  /// of another store, of keys outside the prefixes, and of an object that is not the one that was moved.
  /// Errors: those of the state.
  Result<std::optional<Timestamp>> moved_at(const QuarantinedObject& object);

 private:
  class Reader;
  Result<void> read(const std::string& run_id);
  std::uint64_t hash_of(std::string_view key, std::uint64_t size_bytes) const;

  State& state_;
  Log& log_;
  std::string store_identity_;
  std::vector<std::string> prefixes_;
  KeyedHash hash_{random_seed()};
  std::optional<std::string> run_id_;
  std::vector<std::pair<std::uint64_t, Timestamp>> moves_;  ///< sorted; the latest of equal hashes counts
};

}  // namespace flotsam
