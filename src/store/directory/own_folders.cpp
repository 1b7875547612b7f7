#include "store/directory/own_folders.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>

#include "base/bytes.h"
#include "model/scope.h"

namespace flotsam {
namespace {

constexpr int kPassFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr const char* kWhereToPutIt =
    "Set [delete] quarantine to a folder on the store's own file system, like ROOT/.flotsam-quarantine.";

std::unexpected<Error> misplaced(const std::string& path, std::string_view what) {
  return fail(ErrorCode::invalid_argument, fmt::format("the quarantine {} {}", in_quotes(path), what),
              kWhereToPutIt);
}

/// What of `inner` lies below `outer` ("" where they are the same), both without a slash at the end; nothing
/// where it lies elsewhere.
std::optional<std::string_view> rest_below(std::string_view inner, std::string_view outer) {
  if (!inner.starts_with(outer)) return std::nullopt;
  if (inner.size() == outer.size()) return std::string_view();
  if (inner[outer.size()] != '/') return std::nullopt;
  return inner.substr(outer.size() + 1);
}

Result<void> check_place(const std::string& path, std::string_view quarantine, std::string_view root) {
  if (const auto rest = rest_below(quarantine, root); rest && !is_own(KeyView(*rest)))
    return misplaced(path, "lies in the store, where a scan would find what was moved there");
  if (const auto rest = rest_below(root, quarantine)) return misplaced(path, "holds the store itself");
  return {};
}

std::optional<std::uint64_t> mount_of(int fd) {
  struct statx facts;
  if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &facts) != 0 || (facts.stx_mask & STATX_MNT_ID) == 0)
    return std::nullopt;
  return facts.stx_mnt_id;
}

Result<void> check_file_system(const KeyedTree& root, const KeyedTree& quarantine) {
  struct stat one, other;
  if (fstat(root.root(), &one) != 0) return std::unexpected(tree_error(errno, "look at", root.path()));
  if (fstat(quarantine.root(), &other) != 0)
    return std::unexpected(tree_error(errno, "look at", quarantine.path()));
  // One file system that is mounted twice cannot be renamed across, either.
  const auto a = mount_of(root.root()), b = mount_of(quarantine.root());
  if (one.st_dev == other.st_dev && (!a || !b || a == b)) return {};
  Error error;
  error.code = ErrorCode::refused;
  error.service_code = "CrossDevice";
  error.message = fmt::format(
      "the quarantine {} is on another file system than the store {}, and objects are only renamed",
      in_quotes(quarantine.path()), in_quotes(root.path()));
  error.hint = kWhereToPutIt;
  return std::unexpected(std::move(error));
}

/// One step down; makes the folder where it is missing and may be made.
Result<std::optional<FileDescriptor>> step(int parent, const std::string& name, int flags, Missing missing,
                                           const std::string& path) {
  FileDescriptor folder(openat(parent, name.c_str(), flags));
  if (!folder.valid() && errno == ENOENT) {
    if (missing == Missing::leave) return std::nullopt;
    if (mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST)
      return std::unexpected(tree_error(errno, "make the folder", path));
    const FileDescriptor changed(openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    FolderSyncs syncs;
    if (changed.valid()) {
      FLOTSAM_TRY(syncs.add(changed.get()));
      FLOTSAM_TRY(syncs.sync());
    }
    folder = FileDescriptor(openat(parent, name.c_str(), flags));
  }
  if (!folder.valid()) return std::unexpected(tree_error(errno, "open the folder", path));
  return folder;
}

/// Walks down from an open folder by the parts of `rest`; a link is followed only where the flags say so.
Result<std::optional<FileDescriptor>> walk(FileDescriptor folder, std::string_view rest, int flags,
                                           Missing missing, const std::string& path) {
  for (std::size_t from = 0; from < rest.size();) {
    const std::size_t to = std::min(rest.find('/', from), rest.size());
    const std::string name(rest.substr(from, to - from));
    from = to + 1;
    if (name.empty() || name == ".") continue;
    if (!can_be_name(name)) return misplaced(path, "is no plain path");
    FLOTSAM_ASSIGN(auto next, step(folder.get(), name, flags, missing, path));
    if (!next) return std::nullopt;
    folder = *std::move(next);
  }
  return folder;
}

}  // namespace

Result<KeyedTree> open_root_tree(const std::string& root) {
  FLOTSAM_ASSIGN(FileDescriptor fd, open_store_root(root, kPassFolder));
  return KeyedTree(std::move(fd), root);
}

Result<std::optional<KeyedTree>> open_quarantine(const KeyedTree& root, const std::string& path,
                                                 Missing missing) {
  std::string plain = path;
  while (plain.ends_with('/')) plain.pop_back();
  if (!path.starts_with('/')) return misplaced(path, "is no absolute path");
  FLOTSAM_TRY(check_place(path, plain, root.path()));
  std::optional<FileDescriptor> folder;
  if (const auto inside = rest_below(plain, root.path())) {
    FileDescriptor start(openat(root.root(), ".", kPassFolder));
    if (!start.valid()) return std::unexpected(tree_error(errno, "open the folder", root.path()));
    FLOTSAM_ASSIGN(folder, walk(std::move(start), *inside, kPassFolder | O_NOFOLLOW, missing, plain));
  } else {
    FileDescriptor start(open("/", kPassFolder));
    if (!start.valid()) return std::unexpected(tree_error(errno, "open the folder", "/"));
    FLOTSAM_ASSIGN(folder,
                   walk(std::move(start), std::string_view(plain).substr(1), kPassFolder, missing, plain));
  }
  if (!folder) return std::nullopt;
  KeyedTree quarantine(*std::move(folder), plain);
  const auto real = real_path_of(quarantine.root()), real_root = real_path_of(root.root());
  if (real && real_root) FLOTSAM_TRY(check_place(path, *real, *real_root));
  FLOTSAM_TRY(check_file_system(root, quarantine));
  return quarantine;
}

std::string removing_name_of(const std::string& run_id) {
  return ".flotsam-removing-" + run_id;
}

bool can_be_run(const std::string& run_id) {
  return can_be_name(run_id) && run_id.find('/') == std::string::npos && !is_own(KeyView(run_id));
}

}  // namespace flotsam
