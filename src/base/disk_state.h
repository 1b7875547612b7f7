#pragma once

#include <filesystem>
#include <memory>

#include "base/state.h"

namespace flotsam {

/// A state in a folder, which is made (0700) by the first write. Entries are written to a temporary name,
/// synced, renamed; replace() and remove() compare under a lock of the folder (flock(2)).
std::unique_ptr<State> open_disk_state(const std::filesystem::path& folder);

}  // namespace flotsam
