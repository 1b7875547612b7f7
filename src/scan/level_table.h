#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scan/result.h"

namespace flotsam {

/// Counts by name in bounded memory. Where there are more names than the cap, all names become coarser by a
/// level; the level in force is the smallest at which the whole set of names fits, so it depends neither on
/// the order of arrival nor on how tables were merged. One thread.
class LevelTable {
 public:
  /// Writes the name at `level` (> 0) of a name at level 0 or of any finer level to `out`. Coarsening never
  /// raises the number of distinct names; at `level_max` there must be few.
  using Coarsen = void (*)(std::string_view name, int level, std::string& out);
  static constexpr std::size_t kCap = 10000;

  LevelTable(Coarsen coarsen, int level_max, std::size_t cap = kCap)
      : coarsen_(coarsen), level_max_(level_max), cap_(cap) {}

  /// The row of a name as it is at level 0. Good until the next call.
  TallyRow& row(std::string_view name);
  /// Adds another table's counts; that one may stand at another level.
  void merge(const LevelTable& other);
  int level() const { return level_; }
  /// The name at the level in force.
  std::string name_of(std::string_view name) const;
  std::vector<TallyRow> rows() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Rows = std::unordered_map<std::string, TallyRow, Hash, std::equal_to<>>;

  TallyRow& place(std::string_view name);
  void coarsen_to(int level);
  void fit();

  Coarsen coarsen_;
  int level_max_;
  std::size_t cap_;
  int level_ = 0;
  Rows rows_;
  // Neighbours in key order mostly share a name.
  std::string last_name_;
  TallyRow* last_row_ = nullptr;
  std::string scratch_;
};

/// Adds the counts of `from` to `to`.
void add(TallyRow& to, const TallyRow& from);

}  // namespace flotsam
