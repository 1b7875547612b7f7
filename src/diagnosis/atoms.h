#pragma once

#include <string_view>
#include <vector>

namespace flotsam {

/// The names that a value may hold where it is JSON, an array, HTML or a list: what stands in quotes, and the
/// runs between blanks and signs; of 5 to 1,024 bytes, with a "/", an inner "." or 12 letters and digits; at
/// most 24, out of the first 8 KiB. None where the value holds no such sign. Views into `value`.
void atoms_of(std::string_view value, std::vector<std::string_view>& out);

}  // namespace flotsam
