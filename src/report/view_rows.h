#pragma once

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "report/report_view.h"

namespace flotsam {

// The rows of a report's tables as people read them: which first, how many, in what words. Text and HTML
// agree by these.

/// What a verdict means, in a few words; empty for a name that is none.
std::string_view meaning_of(std::string_view verdict);

bool is_fully_unreferenced(const ReportView::Row& row);

/// Rows beyond the first `count`, and an "(other)" that is there already, become one last row.
std::vector<ReportView::Row> shortened(const std::vector<ReportView::Row>& rows, std::size_t count);

/// By suspicion: what is wholly unreferenced first, then by unreferenced bytes and objects; "(other)" last.
std::vector<ReportView::Row> most_telling(std::vector<ReportView::Row> rows);

/// "1 y", "30 d", "5h": an edge of an age class, in seconds.
std::string days_text(std::uint64_t seconds);
/// "312 B", "16 KiB": without a decimal where the size has none.
std::string size_text(std::uint64_t bytes);

/// "below 1 d", "7 d to 30 d", "1 y and more", "unknown": a class whose edges `to_text` puts into words.
template <typename ToText>
std::string range_text(const ReportView::Bin& bin, const ToText& to_text) {
  if (!bin.from) return "unknown";
  if (!bin.to) return fmt::format("{} and more", to_text(*bin.from));
  if (*bin.from + 1 == *bin.to) return to_text(*bin.from);
  if (*bin.from <= 1) return fmt::format("below {}", to_text(*bin.to));
  return fmt::format("{} to {}", to_text(*bin.from), to_text(*bin.to));
}

/// The classes from the first to the last that holds anything; those without bounds (an unknown age) only
/// where they hold something.
std::vector<ReportView::Bin> without_empty_ends(const std::vector<ReportView::Bin>& bins);

/// The number of objects of the fullest class.
std::uint64_t highest_of(const std::vector<ReportView::Bin>& bins);

}  // namespace flotsam
