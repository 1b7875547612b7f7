#include "model/verdict.h"

namespace flotsam {
namespace {

constexpr std::array<std::string_view, kVerdictCount> kNames = {
    "referenced", "derived", "marker", "protected", "unrecognised", "young", "suspect", "orphan"};

}  // namespace

std::string_view to_string(Verdict verdict) {
  return kNames[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> verdict_of(std::string_view name) {
  for (const Verdict verdict : kAllVerdicts)
    if (to_string(verdict) == name) return verdict;
  return std::nullopt;
}

}  // namespace flotsam
