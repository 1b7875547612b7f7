#pragma once

#include <optional>
#include <string>
#include <sys/stat.h>

#include "base/time.h"

namespace flotsam {

/// The time of a file: the later of mtime (what was written) and ctime (when it was put there). Nothing where
/// that is beyond the years of Timestamp.
std::optional<Timestamp> file_time_of(const struct stat& status);

/// Appends the etag of a file: inode, size, mtime and ctime in hex, parted by dots. A "-" would look like the
/// etag of an object that was uploaded in parts.
void append_file_etag(const struct stat& status, std::string& out);

}  // namespace flotsam
