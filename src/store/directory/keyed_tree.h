#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "model/key.h"

namespace flotsam {

/// True where a folder can hold an entry of this name.
bool can_be_name(std::string_view part);
/// True where a folder tree can hold a file under this key.
bool can_be_key(KeyView key);

/// The path of an open folder with all links resolved, "" for "/", as the kernel knows it; nothing without
/// /proc.
std::optional<std::string> real_path_of(int fd);

/// Opens a store's own folder, "" for "/" and else without a slash at its end; a link is followed: whoever
/// named it meant what it leads to. `flags` of open(2). Errors: not_found; invalid_argument where it is a
/// file; permission_denied, unavailable.
Result<FileDescriptor> open_store_root(const std::string& root, int flags);

/// An Error of errno with a service_code by which a removal or restore says why: "AccessDenied",
/// "KeyTooLong", "NoSpace", "ReadOnly", "CrossDevice", "NotADirectory" or "IOError".
Error tree_error(int error_number, std::string_view action, const std::string& path);
/// True where the same may go through if it is tried again.
bool is_passing(int error_number);

/// Folders whose entries were changed and must be on stable storage before anything counts as done.
class FolderSyncs {
 public:
  /// Keeps the open folder (by a descriptor of its own), each once.
  Result<void> add(int fd);
  std::size_t size() const { return folders_.size(); }
  /// Syncs them in the order in which they came, and forgets them. A file system that cannot sync a folder is
  /// as safe as it gets. `pretended`: an errno with which each fails, or 0; a test's.
  Result<void> sync(int pretended = 0);

 private:
  struct Folder {
    dev_t device;
    ino_t inode;
    FileDescriptor fd;
  };
  std::vector<Folder> folders_;
};

/// A folder tree that is reached by keys: a store's root, or where flotsam keeps what it moved. Each step
/// down is one openat() of one name that follows no link, from the open root; no key becomes a path.
class KeyedTree {
 public:
  /// `path` is for messages: without a slash at its end.
  KeyedTree(FileDescriptor root, std::string path) : root_(std::move(root)), path_(std::move(path)) {}

  int root() const { return root_.get(); }
  const std::string& path() const { return path_; }
  std::string path_of(KeyView key) const { return path_ + "/" + std::string(key.bytes()); }

  /// The folder in which the last part of a key stands.
  struct Folder {
    enum class Way {
      open,
      missing,  ///< proved: there is no such folder, hence nothing under the key
      blocked,  ///< something that is no folder stands on the way, hence nothing under the key
      link,     ///< a symbolic link stands on the way
    };
    Way way = Way::missing;
    FileDescriptor fd;  ///< can be synced
    std::string name;   ///< the last part
  };
  /// Errors: what cannot be told, by tree_error().
  Result<Folder> folder_of(KeyView key) const;

  enum class Modes {
    readable,  ///< those of the twin, and the right of the owner to everything
    as_twin,   ///< exactly those
  };
  /// The same, with missing folders made as their namesakes in `twin` are (mode, and owner where that is
  /// allowed); those that have none, as umask says. Each folder in which one was made goes into `syncs`.
  /// Errors: as above; "NotADirectory" where something else stands on the way.
  Result<Folder> make_folder_of(KeyView key, const KeyedTree& twin, Modes modes, FolderSyncs& syncs) const;

  /// What stands under a key.
  struct Standing {
    enum class Kind {
      nothing,  ///< proved
      file,
      other,  ///< a folder, a link, a special file; or a link stands on the way
    };
    Kind kind = Kind::nothing;
    struct stat status = {};  ///< of file
    Folder folder;
  };
  Result<Standing> look(KeyView key) const;
  /// The same in a folder that is open already; `path` is for messages.
  static Result<Standing> look_in(Folder folder, const std::string& path);

  /// Removes the folders on the way to a key that are empty, the deepest first, but never the root.
  void prune(KeyView key) const;

 private:
  /// One step down; where there is none, `found` says why.
  Result<std::optional<FileDescriptor>> step(int parent, const std::string& name, bool is_last,
                                             std::string_view way, Folder::Way& found) const;

  FileDescriptor root_;
  std::string path_;
};

/// Opens one folder of flotsam's own below another: a run's folder. Nothing: it is not there.
enum class Missing { leave, make };
Result<std::optional<KeyedTree>> open_subtree(const KeyedTree& parent, const std::string& name,
                                              Missing missing, FolderSyncs& syncs);

}  // namespace flotsam
