#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/draft.h"
#include "model/reference.h"

namespace flotsam {

/// Templates that would make `key` of the row, the plainest first, at most 64. Guesses: what
/// they are worth only running them on other rows tells.
void explain(RowView row, std::string_view key, std::vector<Draft>& out);

}  // namespace flotsam
