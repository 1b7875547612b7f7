#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dataset.h"

namespace flotsam::bench {

/// How many keys, and the sum of their 128-bit hashes (XXH3, modulo 2^128): the same for the same keys in any
/// order and any split over threads; a key that is missing, twice or wrong changes it.
struct KeySum {
  std::uint64_t count = 0;
  std::uint64_t high = 0, low = 0;

  void add(std::string_view key);
  void add(const KeySum& other);
  std::string text() const;  ///< "1000 5f0c…": count and 32 hex digits
  friend bool operator==(const KeySum&, const KeySum&) = default;
};

/// What a scan of the data set must find.
struct Truth {
  KeySum objects, orphans, dangling;
  KeySum references;  ///< the keys that rows need, existing or not
};
Truth truth_of(const Dataset& dataset);

}  // namespace flotsam::bench
