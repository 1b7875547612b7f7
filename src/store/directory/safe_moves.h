#pragma once

#include <functional>
#include <string>

namespace flotsam {

/// Renames of one name between two open folders that never put anything over anything.
///
/// Where the file system has RENAME_NOREPLACE (renameat2(2)), that is one step. Where it has not (NFS and
/// some others): aside() looks that the name is free in the folder of flotsam's own, where nobody else
/// writes, and renames: what stood under the name is moved whole, whoever swapped it. back() makes a hard
/// link, which refuses a taken name, and removes the name in flotsam's folder: two steps, between which one
/// file stands in both places.
class SafeMoves {
 public:
  /// `failing`: an errno with which renameat2() is to fail instead of being called, or 0; a test's.
  explicit SafeMoves(std::function<int()> failing = {}) : failing_(std::move(failing)) {}

  /// From a folder of the store to one of flotsam's own. 0 or an errno: then nothing was moved, except EIO:
  /// not known.
  int aside(int store_folder, const std::string& name, int own_folder) const;
  /// From a folder of flotsam's own to one of the store. 0 or an errno, as above.
  int back(int own_folder, const std::string& name, int store_folder) const;

 private:
  int rename_at_once(int from, const std::string& name, int to) const;
  std::function<int()> failing_;
};

}  // namespace flotsam
