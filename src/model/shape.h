#pragma once

#include <string>
#include <string_view>

#include "model/key.h"

namespace flotsam {

/// The key with its variable parts blanked (SPEC §6): UUIDs, runs of 8 or more hex digits, runs of 16 or more
/// letters and digits that hold a digit, then runs of digits become "#". `out` is cleared. Bytes, not
/// characters. Extensions are no exception (".mp4" becomes ".mp#"): a rule that a person can apply by eye is
/// worth more than a nicer ending.
void shape_of(KeyView key, std::string& out);
std::string shape_of(KeyView key);

/// The same shape, coarser, for stores with too many of them. Level 0: as it is. Level 1: the stem of the
/// last part becomes "*" ("books/#/*.webp"). Level 2: the deepest folder too, and so on upwards; at level
/// kCoarsestShape every part and the extension are "*". Coarsening is a function of the finer shape: of(of(s,
/// a), b) = of(s, b) for a ≤ b, so the number of distinct shapes never rises with the level.
inline constexpr int kCoarsestShape = 64;
std::string coarser_shape(std::string_view shape, int level);

}  // namespace flotsam
