#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "store/directory/own_folders.h"
#include "store/open.h"
#include "store/remover.h"

namespace flotsam {

/// Deletes files of the folder `root` (store/remover.h); touches nothing yet.
///
/// Same        a regular file with the planned etag (inode, size, mtime, ctime), size and time. A link, a
///             folder or a special file under the key, or a link on the way to it, is `changed`
/// quarantine  renamed to QUARANTINE/run_id/KEY, never over anything, and looked at there: a file that was
///             swapped in just before is put back, `changed`. Only on the same file system and mount
/// permanent   the same by way of ROOT/.flotsam-removing-RUN_ID/KEY, unlinked there
/// Durable     a removal counts once both folders are synced; where that fails it is `unknown`
/// Codes       of failed: "AccessDenied", "CrossDevice", "InvalidRun", "IOError", "KeyTooLong", "NoSpace",
///             "NotADirectory", "OutOfScope" (a key with a ".flotsam-" part), "QuarantineMissing",
///             "QuarantineOccupied", "ReadOnly", and "LeftAside": the message says where a file lies that
///             could not be put back
/// Afterwards  folders that became empty are left standing: they are no objects
///
/// reconcile() puts back what a crash left half moved (never over anything), so that a later look decides.
/// An object that it put back is still the planned one for this Remover, though its ctime is another.
Result<std::unique_ptr<Remover>> open_directory_remover(const std::filesystem::path& root,
                                                        const std::optional<std::string>& quarantine,
                                                        const StoreContext& context,
                                                        const DirectoryRemovalOptions& options = {});

}  // namespace flotsam
