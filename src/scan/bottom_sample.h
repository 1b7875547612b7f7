#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace flotsam {

/// The k texts of smallest rank, and no more bytes than a budget: the same for the same set of texts,
/// whatever the order and number of their arrivals. The rank is a hash with a fixed key, so that it is an
/// even sample. One thread.
class BottomSample {
 public:
  struct Item {
    std::uint64_t rank = 0;
    std::string text;
    friend auto operator<=>(const Item&, const Item&) = default;
  };

  BottomSample(std::size_t count_max, std::size_t bytes_max) : count_max_(count_max), bytes_max_(bytes_max) {}

  void offer(std::uint64_t rank, std::string_view text) {
    if (rank <= rank_max_) add(rank, text);
  }
  /// The sample by rising rank, each text once.
  const std::vector<Item>& items();

 private:
  void add(std::uint64_t rank, std::string_view text);
  void trim();

  std::size_t count_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t rank_max_ = std::numeric_limits<std::uint64_t>::max();
  std::vector<Item> items_;
  bool trimmed_ = true;
};

}  // namespace flotsam
