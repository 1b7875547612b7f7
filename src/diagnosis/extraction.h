#pragma once

#include <optional>
#include <string>

#include "diagnosis/mapping.h"

namespace flotsam {

/// A pattern for `extract` and the template for what it finds.
struct Extraction {
  std::string pattern;
  std::string text;  ///< of the template over the group
  Score score;       ///< of all matches in the sampled rows
  bool sampled = false;
  double names_a_row = 0;  ///< names that resolve, of a row that has any
};

/// What a search for names inside values came to.
struct ExtractionSearch {
  std::optional<Extraction> found;
  bool holds_several = false;  ///< values hold several names each: no template of whole values can be right
};

/// Finds the pattern that picks the names out of the first column's values, where these are JSON, arrays,
/// HTML or lists, and the template that makes them resolve. Accepted as a mapping is, and only where at least
/// half of all matches resolve.
ExtractionSearch find_extraction(const DiagnosisSample& sample, std::size_t source,
                                 const Subject& whole_values);

}  // namespace flotsam
