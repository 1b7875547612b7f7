#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace flotsam {

/// What a scan says of an object: exactly one, the first of SPEC §4 that fits. The order here is that order.
enum class Verdict : unsigned char {
  referenced,
  derived,
  marker,
  protected_,
  unrecognised,
  young,
  suspect,
  orphan
};

inline constexpr std::size_t kVerdictCount = 8;
inline constexpr std::array<Verdict, kVerdictCount> kAllVerdicts = {
    Verdict::referenced,   Verdict::derived, Verdict::marker,  Verdict::protected_,
    Verdict::unrecognised, Verdict::young,   Verdict::suspect, Verdict::orphan};

/// The name in output: "protected" for protected_.
std::string_view to_string(Verdict verdict);
std::optional<Verdict> verdict_of(std::string_view name);

/// `suspect` or `orphan`.
constexpr bool is_unreferenced(Verdict verdict) {
  return verdict == Verdict::suspect || verdict == Verdict::orphan;
}
/// `referenced`, `derived`, `suspect` or `orphan`.
constexpr bool is_judged(Verdict verdict) {
  return verdict == Verdict::referenced || verdict == Verdict::derived || is_unreferenced(verdict);
}

}  // namespace flotsam
