#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "dataset.h"

namespace flotsam::bench {

/// How many keys a second a partition takes: a bucket of tokens that holds one second's worth. Any thread.
class KeyRate {
 public:
  /// 0: no limit.
  explicit KeyRate(double keys_per_second) : rate_(keys_per_second), tokens_(keys_per_second) {}
  bool take(std::uint64_t keys);

 private:
  double rate_;
  std::mutex mutex_;
  double tokens_;
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::now();
};

/// What the synthetic S3 does with HEAD and DeleteObjects: the bucket keeps versions, so a deletion puts a
/// marker over the object. Which objects are under one is a bit each; listings, which are rendered once, go
/// on showing them.
class Deletions {
 public:
  Deletions(const Dataset& dataset, double keys_per_second);

  /// The headers of a HEAD's answer, each with its line break; nothing: no such object.
  std::optional<std::string> head(std::string_view key) const;
  /// DeleteObjects: the answer's body, or nothing where it is too fast (SlowDown). Every key must be an
  /// object's.
  std::optional<std::string> remove(std::string_view body);

  std::uint64_t removed() const { return removed_.load(); }
  std::uint64_t refused() const { return refused_.load(); }

 private:
  std::optional<std::uint64_t> rank_of(std::string_view key) const;

  const Dataset& dataset_;
  KeyRate rate_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> gone_;  ///< a bit an object
  std::atomic<std::uint64_t> removed_{0}, refused_{0}, markers_{0};
};

}  // namespace flotsam::bench
