#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/report_view.h"

namespace flotsam {

/// Where two keys differ: what lies between their common beginning and their common end, the end being as
/// long as it can be (keys that differ by a prefix share all the rest). Borrows both; never cuts through a
/// UTF-8 character.
struct KeyDifference {
  std::size_t start = 0;  ///< byte at which both begin to differ
  std::string_view left, right;
};
KeyDifference difference_of(std::string_view left, std::string_view right);

/// True where two keys are the same text in other bytes: their normal forms C agree.
bool differ_in_form(std::string_view left, std::string_view right);

/// True where two keys may look the same on a screen though their bytes differ.
bool look_alike(std::string_view left, std::string_view right);

/// What all samples have in common, each against its nearest reference; nothing where they differ by
/// different pieces, or where there is no sample.
std::optional<KeyDifference> common_difference(const std::vector<ReportView::Sample>& pairs);

/// "\"books/\" is missing in every reference shown here.": of the pieces as they are shown, quotation marks
/// or markup included, that of the object and that of the reference. Empty where both are.
std::string sentence_of_difference(std::string_view object_piece, std::string_view reference_piece);

}  // namespace flotsam
