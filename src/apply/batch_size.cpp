#include "apply/batch_size.h"

#include <algorithm>

namespace flotsam {
namespace {

constexpr std::uint64_t kGrowth = 10;
constexpr std::chrono::nanoseconds kLongest = std::chrono::minutes(1);

}  // namespace

void BatchSize::learn(std::uint64_t objects, std::chrono::nanoseconds took, Growth growth) {
  std::uint64_t next = growth == Growth::allowed ? objects_ * kGrowth : objects_;
  if (took > std::chrono::nanoseconds(0)) {
    const double in_time = static_cast<double>(objects) *
                           (static_cast<double>(kLongest.count()) / static_cast<double>(took.count()));
    if (in_time < static_cast<double>(next)) next = static_cast<std::uint64_t>(in_time);
  }
  if (took > kLongest) next = std::min(next, objects / 2);
  objects_ = std::clamp<std::uint64_t>(next, 1, kObjectsMax);
}

}  // namespace flotsam
