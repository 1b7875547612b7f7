#include "http/retry.h"

#include <algorithm>

#include "base/check.h"

namespace flotsam {
namespace {

constexpr double kTokensAtMost = 500;
constexpr double kTokensPerSuccess = 0.5;  // one failure in three can be borne for ever
constexpr int kThrottledFactor = 4;
constexpr std::chrono::milliseconds kLongestStep{50};

}  // namespace

RetryPolicy::RetryPolicy(RetryOptions options, std::uint64_t jitter_seed)
    : options_(options), state_(jitter_seed), tokens_(kTokensAtMost) {
  CHECK(options_.max_attempts >= 1 && options_.base.count() >= 0 && options_.cap.count() >= 0);
}

std::optional<std::chrono::milliseconds> RetryPolicy::wait_after(
    unsigned attempt, RetryClass kind, std::optional<std::chrono::seconds> retry_after) {
  if (kind == RetryClass::final_ || attempt >= options_.max_attempts) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  if (tokens_ < 1) return std::nullopt;
  tokens_ -= 1;
  ++retries_;
  std::chrono::milliseconds limit = std::min(options_.base, options_.cap);
  if (kind == RetryClass::throttled) limit = std::min(limit * kThrottledFactor, options_.cap);
  // Doubled step by step, so that no attempt number can overflow.
  for (unsigned i = 1; i < attempt && limit < options_.cap; ++i) limit = std::min(limit * 2, options_.cap);
  const std::chrono::milliseconds wait = jittered(limit);
  if (!retry_after || retry_after->count() <= 0) return wait;
  // What the server asks for, up to the cap, plus the jitter: many workers are told the same moment.
  const auto cap_seconds = std::chrono::ceil<std::chrono::seconds>(options_.cap);
  return std::min<std::chrono::milliseconds>(std::min(*retry_after, cap_seconds), options_.cap) + wait;
}

void RetryPolicy::succeeded() {
  const std::scoped_lock lock(mutex_);
  tokens_ = std::min(kTokensAtMost, tokens_ + kTokensPerSuccess);
}

std::uint64_t RetryPolicy::retries() const {
  const std::scoped_lock lock(mutex_);
  return retries_;
}

// A value of 0 … limit from splitmix64 (Steele, Lea, Flood 2014). The caller holds the mutex.
std::chrono::milliseconds RetryPolicy::jittered(std::chrono::milliseconds limit) {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  mixed ^= mixed >> 31U;
  const auto choices = static_cast<std::uint64_t>(limit.count()) + 1;
  return std::chrono::milliseconds(static_cast<std::int64_t>(mixed % choices));
}

Result<void> sleep_unless_cancelled(Clock& clock, std::chrono::milliseconds duration, const Cancel* cancel) {
  while (true) {
    if (cancel != nullptr) FLOTSAM_TRY(cancel->check());
    if (duration.count() <= 0) return {};
    const std::chrono::milliseconds step = std::min(duration, kLongestStep);
    clock.sleep_for(step);
    duration -= step;
  }
}

}  // namespace flotsam
