#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "model/delete_method.h"

namespace flotsam {

/// How much the next batch of an apply may hold. Whether to go on (references, lock, deadline, cancel) is
/// asked between batches alone, so none may last: 1, 10, 100, then up to 1,000 objects, as far as the last
/// batch's speed fits in a minute; after one that took longer at most half of it.
class BatchSize {
 public:
  static constexpr std::uint64_t kObjectsMax = 1000;
  /// Of a quarantine, which copies: planned bytes of a batch of more than one object.
  static constexpr std::uint64_t kCopiedBytesMax = std::uint64_t{1} << 30U;

  explicit BatchSize(DeleteMethod method) : method_(method) {}

  std::uint64_t objects() const { return objects_; }
  /// How many of `queue` (in its order, `object.size_bytes` each) fit in one batch of at most `objects_max`;
  /// at least one where there is any.
  template <typename Queue>
  std::size_t fitting(const Queue& queue, std::uint64_t objects_max) const {
    std::size_t count = 0;
    std::uint64_t bytes = 0;
    for (const auto& candidate : queue) {
      const std::uint64_t size = candidate.object.size_bytes;
      if (count >= objects_max) break;
      if (count > 0 && method_ == DeleteMethod::quarantine && size > kCopiedBytesMax - bytes) break;
      ++count;
      bytes = size > kCopiedBytesMax - bytes ? kCopiedBytesMax : bytes + size;
    }
    return count;
  }

  enum class Growth { allowed, none };
  /// A batch of so many objects, at least one, took so long.
  void learn(std::uint64_t objects, std::chrono::nanoseconds took, Growth growth);

 private:
  DeleteMethod method_;
  std::uint64_t objects_ = 1;
};

}  // namespace flotsam
