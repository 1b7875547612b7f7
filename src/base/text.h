#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flotsam {

/// An integer with thousands separators for people: 5089 → "5,089".
std::string with_separators(std::uint64_t value);

/// Bytes for people in 1,024-steps with one decimal: "1.4 GiB", below 1 KiB "312 B".
std::string to_human_bytes(std::uint64_t bytes);

/// A duration for people in its largest exact unit: 604800 → "7d", 90 → "90s", 5400 → "90m".
std::string to_human_seconds(std::int64_t seconds);

/// part of whole in percent with one decimal, rounded half up, as an exact count of tenths; never 0 or 1000
/// unless the share is exactly 0 or 1 (then it is 1 or 999). 0 where whole is 0. Computed in integers.
std::uint64_t to_percent_tenths(std::uint64_t part, std::uint64_t whole);

/// to_percent_tenths as text: "0.3", "100.0".
std::string to_percent(std::uint64_t part, std::uint64_t whole);

/// "1 object", "5,089 objects": count with separators and the noun, which takes an s.
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace flotsam
