#include "store/directory/keyed_tree.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/directory/folder_entries.h"

namespace flotsam {
namespace {

constexpr int kReadFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// On the way the right to pass through is enough.
constexpr int kPassFolder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::string_view code_of(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return "AccessDenied";
    case ENAMETOOLONG:
      return "KeyTooLong";
    case ENOSPC:
    case EDQUOT:
      return "NoSpace";
    case EROFS:
      return "ReadOnly";
    case EXDEV:
      return "CrossDevice";
    case ENOTDIR:
    case ELOOP:
      return "NotADirectory";
    default:
      return "IOError";
  }
}

/// Gives a new folder the owner and mode of another; the owner only as far as this user may.
Result<void> make_alike(int fd, const struct stat& twin, KeyedTree::Modes modes, const std::string& path) {
  if (fchown(fd, twin.st_uid, twin.st_gid) != 0 && errno != EPERM && errno != EINVAL)
    return std::unexpected(tree_error(errno, "give its owner to", path));
  const mode_t all = S_ISUID | S_ISGID | S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;
  const mode_t owners = modes == KeyedTree::Modes::readable ? S_IRWXU : mode_t{};
  // What a file system has no modes for stays as it was made: for its owner alone.
  if (fchmod(fd, (twin.st_mode & all) | owners) != 0 && errno != EPERM && errno != ENOTSUP)
    return std::unexpected(tree_error(errno, "set the mode of", path));
  return {};
}

/// An open folder again, so that it can be synced.
Result<FileDescriptor> reopen(int fd, const std::string& path) {
  FileDescriptor again(openat(fd, ".", kReadFolder));
  if (!again.valid()) return std::unexpected(tree_error(errno, "open the folder", path));
  return again;
}

}  // namespace

bool can_be_name(std::string_view part) {
  return !part.empty() && part != "." && part != ".." && part.find('\0') == std::string_view::npos;
}

bool can_be_key(KeyView key) {
  const std::string_view bytes = key.bytes();
  for (std::size_t from = 0;;) {
    const std::size_t to = std::min(bytes.find('/', from), bytes.size());
    if (!can_be_name(bytes.substr(from, to - from))) return false;
    if (to == bytes.size()) return true;
    from = to + 1;
  }
}

std::optional<std::string> real_path_of(int fd) {
  std::error_code error;
  const auto path = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd), error);
  if (error || !path.is_absolute()) return std::nullopt;
  return path.native() == "/" ? std::string() : path.native();
}

Result<FileDescriptor> open_store_root(const std::string& root, int flags) {
  FileDescriptor fd(open(root.empty() ? "/" : root.c_str(), flags));
  if (fd.valid()) return fd;
  if (errno == ENOTDIR) {
    struct stat status;
    if (stat(root.c_str(), &status) == 0)
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the store {} is not a directory", in_quotes(root)),
                  "Name the folder that holds the objects: url = \"file:///srv/media\".");
    errno = ENOTDIR;
  }
  Error error = FolderPlace{root, {}}.error(errno, "open the store's directory");
  if (error.code == ErrorCode::not_found)
    error.hint = "Create it, mount it, or correct the path in [store] url.";
  return std::unexpected(std::move(error));
}

Error tree_error(int error_number, std::string_view action, const std::string& path) {
  Error error = error_of_errno(error_number, action, path);
  error.service_code = code_of(error_number);
  return error;
}

bool is_passing(int error_number) {
  return error_number == EINTR || error_number == EAGAIN || error_number == EBUSY || error_number == EMFILE ||
         error_number == ENFILE || error_number == ENOMEM;
}

Result<void> FolderSyncs::add(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return std::unexpected(tree_error(errno, "look at", "a folder"));
  for (const Folder& folder : folders_)
    if (folder.device == status.st_dev && folder.inode == status.st_ino) return {};
  FileDescriptor own(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own.valid()) return std::unexpected(tree_error(errno, "keep open", "a folder"));
  folders_.push_back({status.st_dev, status.st_ino, std::move(own)});
  return {};
}

Result<void> FolderSyncs::sync(int pretended) {
  Result<void> result;
  for (const Folder& folder : folders_) {
    const int error = pretended != 0 ? pretended : fsync(folder.fd.get()) == 0 ? 0 : errno;
    if (error == 0 || error == EINVAL || error == ENOTSUP || !result) continue;
    result = std::unexpected(
        tree_error(error, "sync the folder", real_path_of(folder.fd.get()).value_or("(unknown)")));
  }
  folders_.clear();
  return result;
}

Result<std::optional<FileDescriptor>> KeyedTree::step(int parent, const std::string& name, bool is_last,
                                                      std::string_view way, Folder::Way& found) const {
  found = Folder::Way::missing;
  FileDescriptor folder(openat(parent, name.c_str(), is_last ? kReadFolder : kPassFolder));
  if (folder.valid()) return folder;
  if (errno == ENOENT || errno == ENAMETOOLONG) return std::nullopt;
  const std::string path = path_of(KeyView(way));
  if (errno != ENOTDIR && errno != ELOOP) return std::unexpected(tree_error(errno, "open the folder", path));
  struct stat status;
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return std::unexpected(tree_error(errno, "look at", path));
  }
  if (!S_ISDIR(status.st_mode)) found = S_ISLNK(status.st_mode) ? Folder::Way::link : Folder::Way::blocked;
  return std::nullopt;
}

Result<KeyedTree::Folder> KeyedTree::folder_of(KeyView key) const {
  Folder result;
  if (!can_be_key(key)) return result;
  const std::string_view bytes = key.bytes();
  const std::size_t last_slash = bytes.rfind('/');
  result.name = bytes.substr(last_slash == std::string_view::npos ? 0 : last_slash + 1);
  if (last_slash == std::string_view::npos) {
    FLOTSAM_ASSIGN(result.fd, reopen(root(), path_));
    result.way = Folder::Way::open;
    return result;
  }
  for (std::size_t from = 0; from <= last_slash;) {
    const std::size_t to = bytes.find('/', from);
    FLOTSAM_ASSIGN(auto next, step(result.fd.valid() ? result.fd.get() : root(),
                                   std::string(bytes.substr(from, to - from)), to == last_slash,
                                   bytes.substr(0, to), result.way));
    if (!next) {
      result.fd.reset();
      return result;
    }
    result.fd = *std::move(next);
    from = to + 1;
  }
  result.way = Folder::Way::open;
  return result;
}

Result<KeyedTree::Folder> KeyedTree::make_folder_of(KeyView key, const KeyedTree& twin, Modes modes,
                                                    FolderSyncs& syncs) const {
  CHECK(can_be_key(key));
  FLOTSAM_ASSIGN(Folder result, folder_of(key));
  if (result.way == Folder::Way::open) return result;
  const std::string_view bytes = key.bytes();
  FileDescriptor here, there;
  for (std::size_t from = 0; from < bytes.size() - result.name.size();) {
    const std::size_t to = bytes.find('/', from);
    const std::string name(bytes.substr(from, to - from));
    const std::string path = path_of(KeyView(bytes.substr(0, to)));
    const int parent = here.valid() ? here.get() : root();
    const int twins_parent = there.valid() ? there.get() : from == 0 ? twin.root() : -1;
    const bool is_last = to + 1 + result.name.size() == bytes.size();
    FileDescriptor twins_folder(twins_parent < 0 ? -1 : openat(twins_parent, name.c_str(), kPassFolder));
    FileDescriptor next(openat(parent, name.c_str(), is_last ? kReadFolder : kPassFolder));
    if (!next.valid() && errno == ENOENT) {
      struct stat like;
      const bool has_like = twins_folder.valid() && fstat(twins_folder.get(), &like) == 0;
      if (mkdirat(parent, name.c_str(), has_like ? 0700 : 0777) != 0 && errno != EEXIST)
        return std::unexpected(tree_error(errno, "make the folder", path));
      next = FileDescriptor(openat(parent, name.c_str(), kReadFolder));
      if (!next.valid()) return std::unexpected(tree_error(errno, "open the folder", path));
      if (has_like) FLOTSAM_TRY(make_alike(next.get(), like, modes, path));
      FLOTSAM_ASSIGN(const FileDescriptor changed, reopen(parent, path_));
      FLOTSAM_TRY(syncs.add(changed.get()));
    }
    if (!next.valid()) return std::unexpected(tree_error(errno, "open the folder", path));
    here = std::move(next);
    there = std::move(twins_folder);
    from = to + 1;
  }
  result.fd = std::move(here);
  result.way = Folder::Way::open;
  return result;
}

Result<KeyedTree::Standing> KeyedTree::look(KeyView key) const {
  FLOTSAM_ASSIGN(Folder folder, folder_of(key));
  return look_in(std::move(folder), path_of(key));
}

Result<KeyedTree::Standing> KeyedTree::look_in(Folder folder, const std::string& path) {
  Standing standing;
  standing.folder = std::move(folder);
  if (standing.folder.way != Folder::Way::open) {
    if (standing.folder.way == Folder::Way::link) standing.kind = Standing::Kind::other;
    return standing;
  }
  if (fstatat(standing.folder.fd.get(), standing.folder.name.c_str(), &standing.status,
              AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENAMETOOLONG) return standing;
    return std::unexpected(tree_error(errno, "look at", path));
  }
  standing.kind = S_ISREG(standing.status.st_mode) ? Standing::Kind::file : Standing::Kind::other;
  return standing;
}

void KeyedTree::prune(KeyView key) const {
  std::string_view way = key.bytes();
  for (std::size_t slash = way.rfind('/'); slash != std::string_view::npos; slash = way.rfind('/')) {
    way = way.substr(0, slash);
    const auto folder = folder_of(KeyView(way));
    if (!folder) return;
    if (folder->way != Folder::Way::open) continue;
    if (unlinkat(folder->fd.get(), folder->name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return;
  }
}

Result<std::optional<KeyedTree>> open_subtree(const KeyedTree& parent, const std::string& name,
                                              Missing missing, FolderSyncs& syncs) {
  const std::string path = parent.path() + "/" + name;
  FileDescriptor folder(openat(parent.root(), name.c_str(), kPassFolder));
  if (!folder.valid() && errno == ENOENT) {
    if (missing == Missing::leave) return std::nullopt;
    if (mkdirat(parent.root(), name.c_str(), 0700) != 0 && errno != EEXIST)
      return std::unexpected(tree_error(errno, "make the folder", path));
    FLOTSAM_ASSIGN(const FileDescriptor changed, reopen(parent.root(), parent.path()));
    FLOTSAM_TRY(syncs.add(changed.get()));
    folder = FileDescriptor(openat(parent.root(), name.c_str(), kPassFolder));
  }
  if (!folder.valid()) return std::unexpected(tree_error(errno, "open the folder", path));
  return KeyedTree(std::move(folder), path);
}

}  // namespace flotsam
