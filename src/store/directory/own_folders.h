#pragma once

#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/key.h"
#include "store/directory/keyed_tree.h"

namespace flotsam {

/// What a test may set of a Remover or Restorer of a directory.
struct DirectoryRemovalOptions {
  /// Called within remove() and restore() before "move", "verify", "unlink" and "sync" of an object ("sync":
  /// of the last one): what somebody else does just then.
  std::function<void(std::string_view step, KeyView key)> on_step;
  bool has_noreplace = true;  ///< false: as on a file system without RENAME_NOREPLACE

  /// Asked before a "rename" and a "sync": an errno with which it fails instead of being made, or 0.
  std::function<int(std::string_view step)> failing;

  void step(std::string_view name, KeyView key) const {
    if (on_step) on_step(name, key);
  }
  int failure(std::string_view name) const {
    const int error = failing ? failing(name) : 0;
    return error == 0 && name == "rename" && !has_noreplace ? ENOSYS : error;
  }
};

/// Opens the store's root for walking by keys.
Result<KeyedTree> open_root_tree(const std::string& root);

/// Opens the quarantine, an absolute path; nothing: it is not there. Where it lies in the store, no link on
/// the way from the store's root to it is followed. Errors: invalid_argument where it lies in the store and
/// not under a part that begins ".flotsam-", or holds the store; refused where it is on another file system
/// or mount.
Result<std::optional<KeyedTree>> open_quarantine(const KeyedTree& root, const std::string& path,
                                                 Missing missing);

/// The name of the folder in the store's root in which a run of `permanent` holds an object for the moment
/// between looking at it for the last time and deleting it.
std::string removing_name_of(const std::string& run_id);

/// True where a run can have a folder by this name: no ".flotsam-" of another kind, no path.
bool can_be_run(const std::string& run_id);

}  // namespace flotsam
