#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "base/time.h"
#include "model/object.h"

namespace flotsam {

/// The time of a file: the later of mtime (what was written) and ctime (when it was put there). Nothing where
/// that is beyond the years of Timestamp.
std::optional<Timestamp> file_time_of(const struct stat& status);

/// Appends the etag of a file: inode, size, mtime and ctime in hex, parted by dots. A "-" would look like the
/// etag of an object that was uploaded in parts.
void append_file_etag(const struct stat& status, std::string& out);

/// The file as an object under that key.
Object object_of_file(const Key& key, const struct stat& status);

/// True where a regular file is exactly the object: etag, size, and time in whole seconds.
bool is_object(const struct stat& status, const Object& object);

/// True where a regular file is the one that had this etag, wherever it was moved since: inode, size and
/// mtime are the same. Its ctime is not compared, because a move changes it. False for an etag of another
/// form.
bool is_moved_file(const struct stat& status, std::string_view etag);

}  // namespace flotsam
