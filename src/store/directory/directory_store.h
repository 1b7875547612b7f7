#pragma once

#include <filesystem>
#include <memory>

#include "store/lister.h"
#include "store/open.h"

namespace flotsam {

/// A directory treated as a bucket. Keys are the bytes of names relative to the root, joined by "/"; they come in byte
/// order. An object is a regular file; its time is the later of mtime and ctime (both can be read, only one can be set),
/// its etag is made of inode, size and both times. Symbolic links are never followed, neither are they objects; special
/// files are skipped; both are counted. An empty folder is nothing.
///
/// Errors of list(): permission_denied for a folder that cannot be read or a file that cannot be looked at; refused for
/// a prefix that leads through a symbolic link. What vanishes while the listing runs is gone and no error. A prefix that
/// does not exist is an empty one; a root that does not exist is not_found. One thread.
std::unique_ptr<Lister> open_directory_store(const std::filesystem::path& root, const StoreContext& context);

}  // namespace flotsam
