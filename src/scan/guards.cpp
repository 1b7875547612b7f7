#include "scan/guards.h"

#include <array>

namespace flotsam {
namespace {

constexpr std::array<Guard, 14> kGuards = {{
    {"references-empty", rule_references_empty, true},
    {"resolution", rule_resolution},
    {"unexpected-prefix", rule_unexpected_prefix},
    {"orphan-percent", rule_orphan_percent},
    {"shape-percent", rule_shape_percent},
    {"suspects", rule_suspects},
    {"max-deletions", rule_max_deletions},
    {"max-bytes", rule_max_bytes},
    {"reference-drop", rule_reference_drop, true},
    {"young-cliff", rule_young_cliff},
    {"rules-unused", rule_rules_unused},
    {"recoverable", rule_recoverable},
    {"conditional-delete", rule_conditional_delete},
    {"sightings", rule_sightings},
}};

template <typename Asked>
std::vector<GuardRuling> rulings_of(const GuardInput& input, Asked asked) {
  std::vector<GuardRuling> rulings;
  for (const Guard& guard : kGuards) {
    if (!asked(guard)) continue;
    rulings.push_back(guard.rule(input));
    rulings.back().id = guard.id;
  }
  return rulings;
}

}  // namespace

std::span<const Guard> all_scan_guards() {
  return kGuards;
}

std::vector<GuardRuling> rule_on(const GuardInput& input) {
  return rulings_of(input, [](const Guard&) { return true; });
}

std::vector<GuardRuling> rule_on_reading(const GuardInput& input) {
  return rulings_of(input, [](const Guard& guard) { return guard.of_reading; });
}

}  // namespace flotsam
