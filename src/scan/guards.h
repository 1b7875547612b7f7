#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scan/sample_objects.h"
#include "scan/scan.h"
#include "scan/tally.h"

namespace flotsam {

/// When guards rule: on a scan, or on the reading of references that an apply begins (or goes on) with.
enum class RuledAt { scan, apply };

/// All that a guard may look at.
struct GuardInput {
  const ScanRules& rules;
  const ScanResult& found;  ///< complete but for its guards
  const std::optional<Baseline>& baseline;
  const CliffCounts& cliff;
  const std::vector<NearPair>& pairs;
  std::uint64_t held_back = 0;  ///< by sightings
  RuledAt ruled_at = RuledAt::scan;

  /// Those that sightings holds back included: they are young in the report, and no less unreferenced.
  std::uint64_t unreferenced() const {
    return found.of(Verdict::suspect).objects + found.of(Verdict::orphan).objects + held_back;
  }
  std::uint64_t judged() const {
    return found.of(Verdict::referenced).objects + found.of(Verdict::derived).objects + unreferenced();
  }
};

/// A row of the table of guards: its id in SPEC §5, and the function that rules. The id is set by rule_on().
struct Guard {
  std::string_view id;
  GuardRuling (*rule)(const GuardInput& input);
  bool of_reading = false;  ///< it looks at the references alone, so apply asks it again
};

/// The guards of a scan in the order of SPEC §5 (plan-age and recheck are apply's).
std::span<const Guard> all_scan_guards();

/// What each of them says. Pure.
std::vector<GuardRuling> rule_on(const GuardInput& input);
/// What those say that look at the references alone (SPEC §7, step 2): references-empty and reference-drop.
std::vector<GuardRuling> rule_on_reading(const GuardInput& input);

/// How apply would delete, by configuration and store; `none` where it could not.
DeleteMethod method_in_force(const DeleteRules& rules, const StoreFacts& store);

// The guards, one function each. guards_of_references.cpp:
GuardRuling rule_references_empty(const GuardInput& input);
GuardRuling rule_resolution(const GuardInput& input);
GuardRuling rule_reference_drop(const GuardInput& input);
GuardRuling rule_rules_unused(const GuardInput& input);
// guards_of_shares.cpp:
GuardRuling rule_unexpected_prefix(const GuardInput& input);
GuardRuling rule_orphan_percent(const GuardInput& input);
GuardRuling rule_shape_percent(const GuardInput& input);
GuardRuling rule_suspects(const GuardInput& input);
GuardRuling rule_max_deletions(const GuardInput& input);
GuardRuling rule_max_bytes(const GuardInput& input);
GuardRuling rule_young_cliff(const GuardInput& input);
GuardRuling rule_sightings(const GuardInput& input);
// guards_of_undo.cpp:
GuardRuling rule_recoverable(const GuardInput& input);
GuardRuling rule_conditional_delete(const GuardInput& input);

}  // namespace flotsam
