#include "store/directory/safe_moves.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flotsam {
namespace {

bool is_lacking(int error_number) {
  return error_number == EINVAL || error_number == ENOSYS || error_number == ENOTSUP;
}

}  // namespace

int SafeMoves::rename_at_once(int from, const std::string& name, int to) const {
  if (const int error = failing_ ? failing_() : 0; error != 0) return error;
  return renameat2(from, name.c_str(), to, name.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

int SafeMoves::aside(int store_folder, const std::string& name, int own_folder) const {
  if (const int error = rename_at_once(store_folder, name, own_folder); !is_lacking(error)) return error;
  struct stat status;
  if (fstatat(own_folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  if (errno != ENOENT) return errno;
  return renameat(store_folder, name.c_str(), own_folder, name.c_str()) == 0 ? 0 : errno;
}

int SafeMoves::back(int own_folder, const std::string& name, int store_folder) const {
  if (const int error = rename_at_once(own_folder, name, store_folder); !is_lacking(error)) return error;
  struct stat status;
  if (fstatat(own_folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  // A folder cannot have a second name; renaming it replaces an empty folder at most, which is no object.
  if (S_ISDIR(status.st_mode))
    return renameat(own_folder, name.c_str(), store_folder, name.c_str()) == 0 ? 0 : errno;
  if (linkat(own_folder, name.c_str(), store_folder, name.c_str(), 0) != 0) return errno;
  // It stands in both places until this is done; whoever looks next finds one inode and finishes it.
  return unlinkat(own_folder, name.c_str(), 0) == 0 ? 0 : errno;
}

}  // namespace flotsam
