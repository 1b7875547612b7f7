#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"

namespace flotsam {

/// What to do after a failed attempt of a *read* (deletes are never repeated here).
enum class RetryClass {
  final_,     ///< no use
  transient,  ///< connection, 5xx, 429: back off
  throttled,  ///< SlowDown, 503, 429: back off longer, fewer at once
};

struct RetryOptions {
  unsigned max_attempts = 5;
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds cap{20'000};
};

/// Exponential back-off with full jitter, honouring Retry-After, and a budget shared by all workers so that a
/// broken store is not hammered (a token bucket: each retry takes one, each success gives a part back).
/// Thread-safe.
class RetryPolicy {
 public:
  RetryPolicy(RetryOptions options, std::uint64_t jitter_seed);
  /// How long to wait before attempt number `attempt` + 1 (1 = the first has failed); nothing: give up.
  std::optional<std::chrono::milliseconds> wait_after(unsigned attempt, RetryClass kind,
                                                      std::optional<std::chrono::seconds> retry_after);
  void succeeded();
  std::uint64_t retries() const;

 private:
  std::chrono::milliseconds jittered(std::chrono::milliseconds limit);
  RetryOptions options_;
  mutable std::mutex mutex_;
  std::uint64_t state_;
  double tokens_ = 500;
  std::uint64_t retries_ = 0;
};

/// Sleeps in short steps so that a wish to stop is seen within 100 ms. Errors: interrupted.
Result<void> sleep_unless_cancelled(Clock& clock, std::chrono::milliseconds duration, const Cancel* cancel);

}  // namespace flotsam
