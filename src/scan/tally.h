#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/object.h"
#include "model/scope.h"
#include "scan/level_table.h"
#include "scan/result.h"

namespace flotsam {

/// What the tallies depend on beside the objects.
struct TallyRules {
  const Scope* scope = nullptr;
  Timestamp clock;             ///< the store's: ages count from it
  Timestamp cutoff;            ///< younger ones take no part in young-cliff
  std::size_t rule_count = 0;  ///< protect, candidates and disposable globs together
  std::size_t set_count = 0;   ///< template sets of the index
};

/// What guard young-cliff compares: judged objects past the cutoff, of the last 30 days and older.
struct CliffCounts {
  std::uint64_t recent_judged = 0, recent_orphans = 0;
  std::uint64_t older_judged = 0, older_orphans = 0;
};

/// Adds up judged objects by verdict, shape, group, first path part, prefix, age and size. Sums commute: any
/// split over threads gives the same after merge(). One thread.
class Tally {
 public:
  explicit Tally(const TallyRules& rules);

  /// Whether the object comes in, or is taken back because its verdict changed.
  enum class Direction : bool { in, out };
  struct Observation {
    const ObjectView* object = nullptr;
    Verdict verdict = Verdict::orphan;
    bool disposable = false;
    /// An orphan that too few scans have seen: counted as young, but guards rule on it as on an orphan.
    bool held_back = false;
  };
  void count(const Observation& observation, Direction direction = Direction::in);
  /// Moves an object from one unreferenced verdict to the other: no other table changes.
  void move(std::uint64_t size_bytes, Verdict from, Verdict to);
  void merge(const Tally& other);

  int shape_level() const { return shapes_.level(); }
  /// Writes all tables to the result, sorted as it says.
  void write(ScanResult& result) const;
  const CliffCounts& cliff() const { return cliff_; }

  std::vector<std::uint64_t> rule_matches;    ///< objects a glob
  std::vector<std::uint64_t> derived_by_set;  ///< objects with verdict derived, by template set

 private:
  struct Bin {
    Count all;
    std::uint64_t orphans = 0;
  };
  void shape(KeyView key);
  void count_age(const Observation& observation, std::uint64_t one, std::uint64_t bytes);

  TallyRules rules_;
  std::array<Count, kVerdictCount> verdicts_{};
  LevelTable shapes_, groups_, first_parts_;
  std::vector<TallyRow> scope_prefixes_;
  std::vector<Bin> ages_, sizes_;
  CliffCounts cliff_;
  std::string shape_;  ///< of shaped_key_
  std::string shaped_key_;
};

/// True where the keys are alike but for the values of their digits. Such keys have the same shape: what is
/// blanked depends on which bytes are digits and not on which digits they are.
bool differ_in_digits_only(std::string_view a, std::string_view b);

/// The group of a key: its first two path parts ("books/515/"), one where it has no more, "(root)" for none.
std::string_view group_of(KeyView key);

}  // namespace flotsam
