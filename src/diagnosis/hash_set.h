#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flotsam {

/// A frozen set of hashes that answers in which place one stands; most that are absent cost one bit of a
/// small map.
class HashSet {
 public:
  static constexpr std::size_t kAbsent = SIZE_MAX;

  HashSet() = default;
  explicit HashSet(std::vector<std::uint64_t> hashes) : sorted_(std::move(hashes)) {
    std::sort(sorted_.begin(), sorted_.end());
    sorted_.erase(std::unique(sorted_.begin(), sorted_.end()), sorted_.end());
    table_.assign(std::bit_ceil(2 * sorted_.size() + 1), 0);
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
      map_[sorted_[i] >> 49U] |= 1ULL << ((sorted_[i] >> 43U) & 63U);
      std::size_t at = sorted_[i] & (table_.size() - 1);
      while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
      table_[at] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::size_t size() const { return sorted_.size(); }
  /// 0 … size() - 1, or kAbsent.
  std::size_t find(std::uint64_t hash) const {
    if (((map_[hash >> 49U] >> ((hash >> 43U) & 63U)) & 1U) == 0) return kAbsent;
    for (std::size_t at = hash & (table_.size() - 1); table_[at] != 0; at = (at + 1) & (table_.size() - 1))
      if (sorted_[table_[at] - 1] == hash) return table_[at] - 1;
    return kAbsent;
  }
  bool contains(std::uint64_t hash) const { return find(hash) != kAbsent; }

 private:
  std::vector<std::uint64_t> sorted_;
  std::vector<std::uint64_t> map_ = std::vector<std::uint64_t>(1U << 15U);
  std::vector<std::uint32_t> table_ = std::vector<std::uint32_t>(1);
};

}  // namespace flotsam
