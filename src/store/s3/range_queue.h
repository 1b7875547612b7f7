#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace flotsam {

/// Keys of one prefix in (after, upto]: a key that equals a cut belongs to the range on its left.
struct KeyRange {
  std::string prefix;
  std::string after;  ///< begins with the prefix and is longer; empty: from the start of the prefix
  std::optional<std::string> upto;  ///< nothing: to the end of the prefix
  std::string lower_bound;          ///< for ListingSink::open_range: every key of the range is greater
};

/// Which ranges are still to be listed, and by whom. Workers take ranges and may add parts of their own while
/// they work; when a way to steal from a range under way comes, it comes behind take(). Thread-safe.
class RangeQueue {
 public:
  /// More work. What is added while a range is under way is taken before the queue counts as drained.
  void add(std::vector<KeyRange> ranges);
  /// A range to list, or nothing once none can come any more: all are complete, or stop() was called. Blocks
  /// meanwhile.
  std::optional<KeyRange> take();
  /// One range that was taken is complete.
  void complete();
  /// Nothing more is given out.
  void stop();

  /// Ranges waiting and under way.
  std::size_t open() const;
  bool is_drained() const;
  /// Blocks until something was added, all is drained, or so long.
  void wait_for_change(std::chrono::milliseconds at_most);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<KeyRange> waiting_;
  std::size_t under_way_ = 0;
  bool stopped_ = false;
};

/// Chooses at most `count` cuts from `candidates` (sorted), evenly, all of them legal bounds behind `after`
/// and inside `prefix`. A candidate is cut short before its first character that a bound must not hold; what
/// it then says too little of is left out. A hint shapes the work and never the result.
std::vector<std::string> choose_cuts(const std::vector<std::string>& candidates, std::string_view prefix,
                                     std::string_view after, std::size_t count);

/// The longest start of `key` that every store takes as start-after: well-formed UTF-8 without controls and
/// noncharacters, without "%" and "+" (there are stores that decode twice), at most 1,024 bytes.
std::string_view legal_bound_of(std::string_view key);

/// The smallest string greater than every key with this prefix (not empty, its last byte below 0xFF): a lower
/// bound for what follows the prefix.
std::string end_of_prefix(std::string_view prefix);

}  // namespace flotsam
