#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// The page's one style sheet and one script, exactly as they stand between their tags. The script adds
/// search and order to the tables; without it all rows are there.
std::string_view html_style();
std::string_view html_script();

/// The policy that lets them and nothing else load or run: hashes of their bytes (CSP 3 §8.2).
std::string html_policy();

}  // namespace flotsam
