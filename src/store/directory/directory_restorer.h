#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "store/directory/own_folders.h"
#include "store/open.h"
#include "store/restorer.h"

namespace flotsam {

/// Brings files back from the quarantine of the folder `root` (store/restorer.h); touches nothing yet.
///
/// restore   renames QUARANTINE/run_id/KEY back to its key, never over anything. Inode, size and mtime must
/// be
///           those of the object's etag. A rename keeps content, mtime, mode and owner; ctime is another.
///           Missing folders are made as those in the quarantine are, which were made like the first ones;
///           those that it empties in the quarantine are removed
/// standing  what stands there has that inode, size and mtime; everything else is `superseded`
/// lost      it is neither under its key nor in the quarantine, which is there
/// Codes     of failed: "Changed" (what lies in the quarantine is another file), "InvalidPlace",
///           "NotADirectory" (a file or link stands where a folder must be), "NoVersions", "OutOfScope",
///           "QuarantineMissing", and those of tree_error()
/// find()    looks through the quarantine alone; of several the one that was moved last
Result<std::unique_ptr<Restorer>> open_directory_restorer(const std::filesystem::path& root,
                                                          const std::optional<std::string>& quarantine,
                                                          const StoreContext& context,
                                                          const DirectoryRemovalOptions& options = {});

}  // namespace flotsam
