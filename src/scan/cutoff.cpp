#include "scan/cutoff.h"

#include <algorithm>
#include <fmt/format.h>

namespace flotsam {
namespace {

constexpr Seconds kClockAheadMax{86400};

}  // namespace

Result<void> check_clock(const StoreFacts& facts) {
  // Behind by any figure is careful; ahead would make what was written just now look old.
  if (facts.clock - facts.local_clock <= kClockAheadMax) return {};
  return fail(
      ErrorCode::corrupt,
      fmt::format("the store says that it is {}, and this machine that it is {}: ages cannot be judged by a "
                  "clock that may be ahead",
                  to_rfc3339(facts.clock), to_rfc3339(facts.local_clock)),
      "Correct the clock of this machine, or look at what answers in the store's place (a proxy, a load "
      "balancer).");
}

Timestamp cutoff_of(const StoreFacts& facts, const std::vector<ReadSource>& sources, Seconds min_age) {
  const auto ahead = std::max(facts.local_clock - facts.clock, std::chrono::nanoseconds(0));
  Timestamp moment = facts.clock;
  for (const ReadSource& source : sources)
    if (source.proof.true_at) moment = std::min(moment, *source.proof.true_at - ahead);
  // A minimum age beyond all dates keeps everything.
  const Seconds room = std::chrono::floor<Seconds>(moment) - std::chrono::ceil<Seconds>(Timestamp::min());
  return min_age >= room ? Timestamp::min() : moment - min_age;
}

}  // namespace flotsam
