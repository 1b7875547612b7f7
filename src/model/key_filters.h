#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/key_template.h"

namespace flotsam {

/// Parses one filter without its leading "|" ("strip_prefix:books/"). Arguments are split at ":"; "\" takes
/// the next byte literally. Errors: invalid_argument that names the known filters, or what the arguments
/// lack.
Result<KeyTemplate::Filter> parse_filter(std::string_view text);

/// Applies a filter to `value`, in place.
void apply_filter(const KeyTemplate::Filter& filter, std::string& value);

}  // namespace flotsam
