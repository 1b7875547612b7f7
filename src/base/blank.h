#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// Replaces every occurrence of a secret in `text` by ***. An empty secret occurs nowhere.
void blank(std::string& text, std::string_view secret);

/// The same for what expansion put into a setting: fewer than 4 bytes would blank half of a sentence and hide
/// nothing.
void blank_expansion(std::string& text, std::string_view expansion);

}  // namespace flotsam
