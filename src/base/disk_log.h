#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/state.h"

namespace flotsam {

/// A log of a state in a folder: one file, held by flock(2) for as long as it is open. See State::open_log.
Result<std::unique_ptr<AppendLog>> open_disk_log(const std::filesystem::path& path);

/// See State::read_log. What a writer adds meanwhile is not read.
Result<bool> read_disk_log(const std::filesystem::path& path,
                           const std::function<Result<void>(std::string_view line)>& use);

}  // namespace flotsam
