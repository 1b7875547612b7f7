#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/lister.h"

namespace flotsam {

/// Where in a directory store something happened: for messages alone.
struct FolderPlace {
  std::string_view root;    ///< path without a slash at its end ("" for "/")
  std::string_view folder;  ///< key prefix: "" or "books/515/"

  std::string path_of(std::string_view name) const;
  /// error_of_errno() with the path of `name` in this folder, or of the folder itself.
  Error error(int error_number, std::string_view action, std::string_view name = {}) const;
};

/// The files and folders of one folder in the order of their keys: a folder's name counts with its "/".
class FolderEntries {
 public:
  /// Reads the open folder `fd` to its end; what was here before is forgotten. Links, special files and names
  /// that begin
  /// ".flotsam-" are left out and counted in `proof`. A folder that was removed has no entries.
  /// Errors: permission_denied, unavailable; corrupt for a name that no folder can hold, or one that stands
  /// twice.
  Result<void> read(int fd, const FolderPlace& place, ListingProof& proof);

  bool at_end() const { return next_ == entries_.size(); }
  /// The name of the next entry and whether it is a folder. Both forms live until the next read().
  struct Next {
    const char* name;        ///< ends in NUL, without a slash
    std::string_view bytes;  ///< the same
    bool is_folder;
  };
  Next take_next();

 private:
  struct Entry {
    std::uint64_t head;  ///< the first 8 bytes, the first one highest: most comparisons end here
    std::size_t offset;
    std::uint32_t length;  ///< with the slash of a folder
    bool is_folder;
  };
  std::string_view text_of(const Entry& entry) const { return {names_.data() + entry.offset, entry.length}; }
  Result<void> add(int fd, const char* name, unsigned char type, const FolderPlace& place,
                   ListingProof& proof);
  Result<void> sort(const FolderPlace& place);

  std::string names_;  ///< each with a NUL behind it; folders with "/" before that
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace flotsam
