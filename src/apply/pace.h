#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/cancel.h"
#include "base/time.h"

namespace flotsam {

/// Keys a second: a schedule of tokens with a fifth of a second's credit, halved where the store asks for
/// less and then raised again by a twentieth of the full rate a batch.
class Pace {
 public:
  Pace(std::uint64_t keys_a_second_max, Clock& clock);

  /// Blocks until the next batch may begin, in steps of at most 200 ms, or until `cancel` or the deadline.
  /// The caller looks at both afterwards.
  void wait(const Cancel& cancel, std::optional<Timestamp> deadline);
  /// So many keys are sent now.
  void spend(std::uint64_t keys);
  void throttled();
  void went_well();
  /// Blocks besides, as wait() does: after a failure of the store.
  void hold_off(std::chrono::nanoseconds duration);

  /// About what a second takes: no larger batch is wise, or its burst would be no pace at all.
  std::uint64_t batch_max() const;
  double rate() const { return rate_; }

 private:
  Clock& clock_;
  double rate_max_;
  double rate_;
  std::chrono::nanoseconds ready_at_;
};

}  // namespace flotsam
