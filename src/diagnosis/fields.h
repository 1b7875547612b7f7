#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flotsam {

/// A text that filters make of a value.
struct Field {
  std::string text;
  int column = 0;
  std::string filters;  ///< "|basename|stem"
  double cost = 0;      ///< of the filters
};

/// What whole-value filters (decoding, case, forms, slashes, dashes, blanks) make of `value`, the value
/// itself first; each text once by its shortest chain of at most three; only those that have as much in
/// common with `key` as the best.
void chains_of(std::string_view value, std::string_view key, std::vector<Field>& out);

/// Appends the parts of `whole.text` that occur in `key`: itself, without leading parts, base name, folders,
/// single parts, stems, extension, without affixes, slices, padded and partitioned numbers, parts of a date.
void fields_of(const Field& whole, std::string_view key, std::vector<Field>& out);

}  // namespace flotsam
