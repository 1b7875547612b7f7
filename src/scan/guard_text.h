#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/guard_limits.h"
#include "scan/result.h"

namespace flotsam {

// How guards speak: what was seen, where; what it most likely means; what to do next.

GuardRuling passes(std::string message);
GuardRuling warns(std::string message);
GuardRuling refuses(std::string message);

/// Gives a ruling its figures.
GuardRuling with_figures(GuardRuling ruling, std::optional<double> value, std::optional<double> limit);

/// "73.8 %", and a limit as configured: "90 %", "0.5 %".
std::string share_text(std::uint64_t part, std::uint64_t whole);
std::string limit_text(Percent limit);
double share_value(std::uint64_t part, std::uint64_t whole);

/// The first few of some names, as "a, b, c and 4 more"; empty where there are none.
std::string listed(const std::vector<std::string>& names, std::size_t shown = 3);

/// "needs X; the store has Y", of a needed key and the object that nearly is it. Where they differ in Unicode
/// form only, which nobody can see, the characters are escaped and the filter that mends it is named.
std::string pair_text(std::string_view needed_key, std::string_view object_key);

/// The command that goes on in spite of this guard.
std::string override_text(const ScanResult& found, std::string_view guard);

}  // namespace flotsam
