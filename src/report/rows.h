#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "scan/result.h"

namespace flotsam {

/// How many rows of a table a report lists before the last one, "(other)".
inline constexpr std::size_t kReportRows = 50;
inline constexpr std::string_view kOtherRow = "(other)";

/// At most kReportRows rows in their order, and what is left out as one last row named "(other)": the sums
/// stay.
std::vector<TallyRow> capped(const std::vector<TallyRow>& rows);

}  // namespace flotsam
