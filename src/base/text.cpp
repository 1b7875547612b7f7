#include "base/text.h"

#include <array>
#include <fmt/format.h>

namespace flotsam {

std::string with_separators(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string to_human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  std::uint64_t step = 1024;
  // 1,023.95 of a unit would be printed as 1024.0 of it: go to the next one before.
  while (unit + 1 < kUnits.size() && bytes / step >= 1024) {
    step *= 1024;
    ++unit;
  }
  double value = static_cast<double>(bytes) / static_cast<double>(step);
  if (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string to_human_seconds(std::int64_t seconds) {
  if (seconds < 0) return "-" + to_human_seconds(-seconds);
  struct Unit {
    std::int64_t seconds;
    char letter;
  };
  constexpr std::array<Unit, 4> kUnits = {{{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  for (const Unit& unit : kUnits)
    if (seconds >= unit.seconds && seconds % unit.seconds == 0)
      return fmt::format("{}{}", seconds / unit.seconds, unit.letter);
  return "0s";
}

std::uint64_t to_percent_tenths(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0 || part == 0) return 0;
  if (part >= whole) return part == whole ? 1000 : part / whole * 1000;
  __extension__ using Wide = unsigned __int128;
  const auto tenths =
      static_cast<std::uint64_t>((static_cast<Wide>(part) * 2000U + whole) / (static_cast<Wide>(whole) * 2U));
  if (tenths == 0) return 1;
  return tenths >= 1000 ? 999 : tenths;
}

std::string to_percent(std::uint64_t part, std::uint64_t whole) {
  const std::uint64_t tenths = to_percent_tenths(part, whole);
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", with_separators(count), noun, count == 1 ? "" : "s");
}

}  // namespace flotsam
