#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/report_view.h"

namespace flotsam {

// Figures as inline SVG. Places across are percentages, so that a figure takes the width that there is and
// its hatching and letters keep their size. Each stands beside a table that says the same in figures.

/// The patterns that fills refer to; once a page.
std::string_view chart_patterns();

/// A part of a bar. `fill` is the name of a fill of the style sheet: "v-orphan".
struct ChartPart {
  std::uint64_t value = 0;
  std::string fill;
  std::string label;  ///< markup without elements: what it is, with its figure
};
/// One bar, divided in proportion; what is not zero is seen. Empty where all is zero. `title` says what it
/// shows, for those who do not see it.
std::string stacked_bar(const std::vector<ChartPart>& parts, std::string_view title);
/// What the parts are, as a list with a piece of each fill.
std::string legend_of(const std::vector<ChartPart>& parts);

/// The small bar in a table's cell: part of whole.
std::string share_bar(std::uint64_t part, std::uint64_t whole);

/// A class of a histogram: its two lines of text, and how many of each kind it holds.
struct ChartClass {
  std::string first_line, second_line;  ///< markup without elements
  std::uint64_t rest = 0, unreferenced = 0;
};
/// Two bars a class: which share of all unreferenced objects lies there, and which share of the rest. Equal
/// distributions give equal bars however many each are; a cliff is seen.
std::string histogram(const std::vector<ChartClass>& classes, std::string_view title);

/// What lies where by bytes: the first path parts, in each the groups that are unreferenced, and the rest of
/// it. Empty where there is nothing to draw.
std::string group_map(const ReportView& view);

}  // namespace flotsam
