#include "report/guard_units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::array<std::pair<std::string_view, GuardUnit>, 10> kUnits = {{
    {"resolution", GuardUnit::percent},
    {"orphan-percent", GuardUnit::percent},
    {"shape-percent", GuardUnit::percent},
    {"suspects", GuardUnit::percent},
    {"reference-drop", GuardUnit::percent},
    {"young-cliff", GuardUnit::percent},
    {"recheck", GuardUnit::percent},
    {"max-bytes", GuardUnit::bytes},
    {"recoverable", GuardUnit::seconds},
    {"plan-age", GuardUnit::seconds},
}};

constexpr std::array<std::string_view, 4> kStructural = {"references-empty", "resolution", "suspects",
                                                         "unexpected-prefix"};

/// Half up on what a person would call the value: 0.05 is a little less in binary.
std::string rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return fmt::format("{:.{}f}", std::floor(value * scale + 0.5 + 1e-9) / scale, decimals);
}

bool misleads(double shown, double value, std::optional<double> limit) {
  const auto moved_onto = [&](double mark) { return (shown == mark) != (value == mark); };
  const auto crossed = [&](double mark) { return (shown < mark) != (value < mark); };
  return moved_onto(0) || moved_onto(100) || (limit && (moved_onto(*limit) || crossed(*limit)));
}

}  // namespace

GuardUnit unit_of_guard(std::string_view id) {
  for (const auto& [guard, unit] : kUnits)
    if (guard == id) return unit;
  return GuardUnit::count;
}

bool is_structural(std::string_view guard_id) {
  return std::find(kStructural.begin(), kStructural.end(), guard_id) != kStructural.end();
}

std::string to_value_number(GuardUnit unit, double value, std::optional<double> limit) {
  if (unit != GuardUnit::percent) return fmt::format("{:.0f}", value);
  for (int decimals = 1; decimals < 6; ++decimals) {
    std::string text = rounded(value, decimals);
    if (!misleads(std::strtod(text.c_str(), nullptr), value, limit)) return text;
  }
  return rounded(value, 6);
}

std::string to_limit_number(double limit) {
  if (limit == std::floor(limit)) return fmt::format("{:.0f}", limit);
  return fmt::format("{}", limit);
}

std::string to_human_number(GuardUnit unit, std::string_view number) {
  if (unit == GuardUnit::percent) return std::string(number) + " %";
  const auto whole = parse_unsigned(number);
  if (!whole) return std::string(number);
  if (unit == GuardUnit::bytes) return to_human_bytes(*whole);
  if (unit == GuardUnit::seconds) return to_human_seconds(static_cast<std::int64_t>(*whole));
  return with_separators(*whole);
}

}  // namespace flotsam
