#pragma once

#include <cstdint>

#include "base/time.h"

namespace flotsam {

__extension__ using WideUnsigned = unsigned __int128;

/// A percentage in hundredths of a percent (10 % = 1000), so that guards compare integers.
struct Percent {
  std::uint32_t hundredths = 0;
  static constexpr Percent of_whole(std::uint32_t percent) { return Percent{percent * 100}; }
  double value() const { return static_cast<double>(hundredths) / 100.0; }
  friend constexpr auto operator<=>(Percent, Percent) = default;
};

/// True where part / whole >= limit, exactly; a part of 0 never reaches a ceiling.
constexpr bool reaches(std::uint64_t part, std::uint64_t whole, Percent limit) {
  return part > 0 &&
         static_cast<WideUnsigned>(part) * 10000U >= static_cast<WideUnsigned>(whole) * limit.hundredths;
}
/// True where part / whole < limit, exactly: a floor.
constexpr bool falls_below(std::uint64_t part, std::uint64_t whole, Percent limit) {
  return static_cast<WideUnsigned>(part) * 10000U < static_cast<WideUnsigned>(whole) * limit.hundredths;
}

/// The limits of SPEC §5 with their defaults.
struct GuardLimits {
  Percent resolution = Percent::of_whole(90);
  Percent orphan_percent = Percent::of_whole(10);
  Percent shape_percent = Percent::of_whole(90);
  Percent suspects = Percent::of_whole(1);
  std::uint64_t max_deletions = 1000;
  std::uint64_t max_bytes = 100ULL << 30U;
  Percent reference_drop = Percent::of_whole(5);
  std::uint64_t sightings = 1;
  Seconds plan_age{24 * 3600};
  Percent recheck = Percent::of_whole(1);
};

}  // namespace flotsam
