#pragma once

#include <cstdint>
#include <filesystem>

namespace flotsam {

/// granted_memory_bytes() of a file system below `root`, for tests: the least of MemTotal (/proc/meminfo) and
/// the limits of this process's cgroup and all above it (v2: memory.max; v1: memory.limit_in_bytes). What
/// cannot be read limits nothing; 1 GiB where nothing is known at all.
std::uint64_t granted_memory_bytes(const std::filesystem::path& root);

}  // namespace flotsam
