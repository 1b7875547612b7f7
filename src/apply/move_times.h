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

/// When objects of a quarantine were moved there: the time of the last batch in the journal of the apply that
/// was about to move them, whatever it says came of it (a run may be killed behind the copy, or leave a copy
/// of what changed meanwhile), never a time of the object. Holds the journal of one run, 16 bytes an object:
/// asked in the order of the runs.
class MoveTimes {
 public:
  struct Store {
    std::string url, identity;
  };
  MoveTimes(State& state, Log& log, Store store, std::vector<std::string> prefixes)
      : state_(state), log_(log), store_(std::move(store)), prefixes_(std::move(prefixes)) {}

  /// Nothing: no journal of this state tells. That is so of a journal that is missing or cannot be believed,
  /// of another store (but for the same directory, see apply/same_store.h), of keys outside the prefixes, and
  /// of an object that is not the one that was moved. Errors: those of the state.
  Result<std::optional<Timestamp>> moved_at(const QuarantinedObject& object);

 private:
  class Reader;
  Result<void> read(const std::string& run_id);
  std::uint64_t hash_of(std::string_view key, std::uint64_t size_bytes) const;

  State& state_;
  Log& log_;
  Store store_;  ///< of now
  std::vector<std::string> prefixes_;
  KeyedHash hash_{random_seed()};
  std::optional<std::string> run_id_;
  std::vector<std::pair<std::uint64_t, Timestamp>> moves_;  ///< sorted; the latest of equal hashes counts
};

}  // namespace flotsam
