#pragma once

#include <string_view>

namespace flotsam {

/// True where a state may hold an entry of this name: parts of letters, digits, ".", "-" and "_" between "/",
/// none empty and none that begins with "." (such files are the state's own: temporary ones, its lock).
bool is_state_name(std::string_view name);

}  // namespace flotsam
