#pragma once

#include <string_view>

namespace flotsam {

/// True where two store URLs name the same directory. What makes a directory this one and no other may change
/// although nothing in it did: after a restart a file system without an id of its own has another device
/// number. Who only looks at objects that are proved by their etags (inode, size, times) may go on then.
inline bool is_same_directory(std::string_view url_then, std::string_view url_now) {
  return url_then == url_now && url_now.starts_with("file:");
}

}  // namespace flotsam
