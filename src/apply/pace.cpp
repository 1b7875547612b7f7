#include "apply/pace.h"

#include <algorithm>

namespace flotsam {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kStep = std::chrono::milliseconds(200);
// A store counts with some burst of its own. Who takes all of it at the start is refused by the first jitter
// afterwards.
constexpr nanoseconds kCredit = kStep;
constexpr double kRateMin = 1.0;
constexpr double kRaise = 0.05;
constexpr std::uint64_t kBatchMax = 1000;

}  // namespace

Pace::Pace(std::uint64_t keys_a_second_max, Clock& clock)
    : clock_(clock),
      rate_max_(static_cast<double>(std::max<std::uint64_t>(keys_a_second_max, 1))),
      rate_(rate_max_),
      ready_at_(clock.monotonic()) {}

void Pace::wait(const Cancel& cancel, std::optional<Timestamp> deadline) {
  while (!cancel.requested() && !(deadline && clock_.now() >= *deadline)) {
    const nanoseconds left = ready_at_ - clock_.monotonic();
    if (left <= nanoseconds(0)) return;
    clock_.sleep_for(std::min(left, kStep));
  }
}

void Pace::spend(std::uint64_t keys) {
  const nanoseconds cost(static_cast<std::int64_t>(static_cast<double>(keys) * 1e9 / rate_));
  ready_at_ = std::max(ready_at_, clock_.monotonic() - kCredit) + cost;
}

void Pace::throttled() {
  rate_ = std::max(rate_ / 2, kRateMin);
  // The credit of a faster time is no credit any more.
  hold_off(nanoseconds(0));
}

void Pace::went_well() {
  rate_ = std::min(rate_ + rate_max_ * kRaise, rate_max_);
}

void Pace::hold_off(nanoseconds duration) {
  ready_at_ = std::max(ready_at_, clock_.monotonic() + duration);
}

std::uint64_t Pace::batch_max() const {
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rate_), 1, kBatchMax);
}

}  // namespace flotsam
