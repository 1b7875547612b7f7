#pragma once

#include <vector>

#include "diagnosis/mapping.h"

namespace flotsam {

/// Adds to the candidates what one more filter, or one fewer, makes of the best of them, where that resolves
/// more: some filters matter to so few rows that no pair shows them.
void mend(const Subject& subject, std::vector<Candidate>& candidates);

}  // namespace flotsam
