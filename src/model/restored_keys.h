#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace flotsam {

/// The keys that undo, rescue or purge brought back not long ago, as 8 bytes each. A collision of hashes
/// protects one object more, which keeps it. Filled, then sorted, then read from any thread.
class RestoredKeys {
 public:
  void add(std::string_view key) { hashes_.push_back(hash_(key)); }
  /// After the last add().
  void sort() {
    std::sort(hashes_.begin(), hashes_.end());
    hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  }
  bool empty() const { return hashes_.empty(); }
  std::size_t size() const { return hashes_.size(); }
  bool contains(std::string_view key) const {
    return !hashes_.empty() && std::binary_search(hashes_.begin(), hashes_.end(), hash_(key));
  }

 private:
  KeyedHash hash_{0x666C6F7473616DULL};
  std::vector<std::uint64_t> hashes_;
};

}  // namespace flotsam
