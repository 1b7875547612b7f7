#pragma once

#include <filesystem>
#include <span>

#include "base/error.h"
#include "config/config.h"

namespace flotsam::cli {

/// A file of ours inside a directory store would be an object of the next scan. Errors: invalid_argument for
/// the first of these files that would be one.
Result<void> check_outside_store(const Config& config, std::span<const std::filesystem::path> files);

}  // namespace flotsam::cli
