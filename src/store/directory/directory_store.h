#pragma once

/// store/directory/: a folder that is treated as a bucket. Keys are the bytes of names below the root, joined
/// by "/"; no key ever becomes a path of the standard library. Every step down is one openat() of one name
/// without following links, so nothing outside the root is reached, whatever is swapped meanwhile.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>

#include "base/error.h"
#include "store/lister.h"
#include "store/open.h"

namespace flotsam {

/// What a test may set.
struct DirectoryStoreOptions {
  std::size_t page_objects = 1000;  ///< > 0; a measure of speed, not of results
  std::filesystem::path mountinfo =
      "/proc/self/mountinfo";  ///< proc(5); where it cannot be read no mounts are known
};

/// StoreFacts::identity of a directory. `file_system_id`: f_fsid of statfs(2), 0 where the file system has
/// none.
std::string to_directory_identity(std::uint64_t file_system_id, const struct stat& root);

/// Opens `root` as a store; touches nothing yet.
///
/// Objects   regular files. Time: the later of mtime and ctime; nothing where that is beyond the years of
/// Timestamp.
///           Etag: file_identity.h. A folder is no object, empty or not
/// Skipped   symbolic links, sockets, fifos and devices, counted. Names that begin ".flotsam-", counted once
/// each:
///           such a folder is not entered
/// Ranges    one a prefix, in key order. A prefix that is not there is proved empty, also one that a
/// directory cannot
///           hold (an empty part, "." or "..")
/// Changes   a file or folder that vanishes while the listing runs is gone; one that becomes a link is a link
/// Memory    the entries of the folders on the path to the current one, whatever the number of objects
/// Identity  the id of the file system and the root's inode: the same after a restart or a mount elsewhere;
/// where the
///           file system has no id, the device's number, which may change then
/// Warnings  of facts(): mount points below the root, a root on a network file system
/// Errors    not_found: no such root; invalid_argument: the root is a file; permission_denied: a folder that
/// cannot
///           be read, or a file that cannot be looked at, with its path; refused: a prefix that leads through
///           a link, or mounts that show one file under two keys; unavailable: I/O, or a file that became a
///           folder (or the reverse) while the listing ran; corrupt: a folder that names an entry twice
/// Threads   facts() and list() from one thread at a time; the sinks are called from that thread
Result<std::unique_ptr<Lister>> open_directory_store(const std::filesystem::path& root,
                                                     const StoreContext& context,
                                                     const DirectoryStoreOptions& options = {});

}  // namespace flotsam
