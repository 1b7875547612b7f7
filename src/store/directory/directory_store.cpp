#include "store/directory/directory_store.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "store/directory/folder_walk.h"
#include "store/directory/keyed_tree.h"
#include "store/directory/mounts.h"

namespace flotsam {
namespace {

constexpr int kReadFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// On the way to a prefix the right to pass through is enough.
constexpr int kPassFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;

/// File systems whose times come from another machine's clock (statfs(2)).
bool is_network(int fd) {
  constexpr std::array<std::uint32_t, 7> kMagic = {0x6969,       // NFS
                                                   0xFF534D42,   // CIFS
                                                   0xFE534D42,   // SMB2
                                                   0x00C36400,   // CephFS
                                                   0x01021997,   // 9P
                                                   0x5346414F,   // AFS
                                                   0x65735546};  // FUSE: sshfs, s3fs and the like
  struct statfs facts;
  if (fstatfs(fd, &facts) != 0) return false;
  for (const std::uint32_t magic : kMagic)
    if (static_cast<std::uint32_t>(facts.f_type) == magic) return true;
  return false;
}

/// The file system's own id (statfs(2): f_fsid), which outlives restarts and mounts where it has one; else
/// the device's number, which may not.
std::string identity_of(int fd, const struct stat& status) {
  struct statfs facts;
  std::uint64_t id = 0;
  static_assert(sizeof facts.f_fsid == sizeof id);
  if (fstatfs(fd, &facts) == 0) std::memcpy(&id, &facts.f_fsid, sizeof id);
  return to_directory_identity(id, status);
}

class DirectoryStore final : public Lister {
 public:
  DirectoryStore(const std::filesystem::path& root, const StoreContext& context,
                 const DirectoryStoreOptions& options)
      : root_(root.native()), clock_(*context.clock), options_(options) {
    while (root_.ends_with('/')) root_.pop_back();
  }

  Result<StoreFacts> facts() override;
  Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) override;

 private:
  FolderPlace place(std::string_view folder = {}) const { return {root_, folder}; }
  std::unexpected<Error> in_context(Error error) const {
    return fail(std::move(error),
                fmt::format("while listing the directory {}", in_quotes(place().path_of({}))));
  }
  Result<FileDescriptor> open_root(int flags) const { return open_store_root(root_, flags); }
  Result<std::optional<FileDescriptor>> open_prefix(std::string_view prefix) const;
  Result<std::optional<FileDescriptor>> open_part(int parent, std::string_view prefix, std::size_t from,
                                                  std::size_t to) const;
  std::optional<MountFindings> mounts_below(int root) const;
  Result<void> refuse_doubles(const Scope& scope) const;
  Result<ListingProof> list_scope(const Scope& scope, const ListingOptions& options, ListingSink& sink);

  std::string root_;  ///< without a slash at its end: "" for "/"
  Clock& clock_;
  DirectoryStoreOptions options_;
};

std::optional<MountFindings> DirectoryStore::mounts_below(int root) const {
  const auto path = real_path_of(root);
  const auto text = read_file(options_.mountinfo);
  if (!path || !text) return std::nullopt;
  return find_mounts(*text, *path);
}

Result<StoreFacts> DirectoryStore::facts() {
  auto root = open_root(kPassFolder);
  if (!root) return in_context(std::move(root).error());
  struct stat status;
  if (fstat(root->get(), &status) != 0) return in_context(place().error(errno, "look at"));
  StoreFacts facts;
  facts.clock = facts.local_clock = clock_.now();
  facts.versioning = Versioning::none;
  facts.lifecycle.emplace();
  facts.identity = identity_of(root->get(), status);
  if (is_network(root->get()))
    facts.warnings.push_back(fmt::format(
        "{} is on a network or user-space file system: its times may come from another clock than "
        "this machine's",
        in_quotes(place().path_of({}))));
  if (const auto mounts = mounts_below(root->get())) {
    for (const std::string& point : mounts->below)
      facts.warnings.push_back(
          fmt::format("{} is a mount point: what is mounted there belongs to the store", in_quotes(point)));
  } else {
    facts.warnings.emplace_back(
        "the machine's mounts cannot be read (/proc/self/mountinfo): a bind mount that shows one file under "
        "two keys "
        "would not be noticed");
  }
  return facts;
}

Result<std::optional<FileDescriptor>> DirectoryStore::open_part(int parent, std::string_view prefix,
                                                                std::size_t from, std::size_t to) const {
  const std::string name(prefix.substr(from, to - from));
  if (!can_be_name(name)) return std::nullopt;
  const int flags = to + 1 < prefix.size() ? kPassFolder : kReadFolder;
  FileDescriptor folder(openat(parent, name.c_str(), flags | O_NOFOLLOW));
  if (folder.valid()) return folder;
  const FolderPlace here = place(prefix.substr(0, from));
  if (errno == ENOENT || errno == ENAMETOOLONG) return std::nullopt;
  if (errno != ENOTDIR && errno != ELOOP) return std::unexpected(here.error(errno, "open the folder", name));
  struct stat status;
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return std::unexpected(here.error(errno, "look at", name));
  }
  if (!S_ISLNK(status.st_mode)) return std::nullopt;  // a file: nothing is below it
  return fail(ErrorCode::refused,
              fmt::format("the prefix {} leads through the symbolic link {}, and links are never followed",
                          in_quotes(prefix), in_quotes(here.path_of(name))),
              "Name the folder behind the link as the store, or mount it in the link's place.");
}

Result<std::optional<FileDescriptor>> DirectoryStore::open_prefix(std::string_view prefix) const {
  FLOTSAM_ASSIGN(FileDescriptor folder, open_root(prefix.empty() ? kReadFolder : kPassFolder));
  for (std::size_t from = 0; from < prefix.size();) {
    const std::size_t to = std::min(prefix.find('/', from), prefix.size());
    FLOTSAM_ASSIGN(std::optional<FileDescriptor> next, open_part(folder.get(), prefix, from, to));
    if (!next) return std::nullopt;
    folder = *std::move(next);
    from = to + 1;
  }
  return folder;
}

/// One file under two keys: its second name would be an orphan, and deleting that would take the first one's
/// content.
Result<void> DirectoryStore::refuse_doubles(const Scope& scope) const {
  FLOTSAM_ASSIGN(const FileDescriptor root, open_root(kPassFolder));
  const auto path = real_path_of(root.get());
  const auto mounts = mounts_below(root.get());
  if (!path || !mounts) return {};
  const auto in_scope = [&](const std::string& point) {
    const std::string key =
        point.size() > path->size() ? point.substr(path->size() + 1) + "/" : std::string();
    for (const std::string& prefix : scope.prefixes())
      if (key.starts_with(prefix) || prefix.starts_with(key)) return true;
    return false;
  };
  for (const MountFindings::Twice& twice : mounts->twice) {
    if (!in_scope(twice.one) && !in_scope(twice.other)) continue;
    return fail(ErrorCode::refused,
                fmt::format("the same files stand under {} and {} (a bind mount)", in_quotes(twice.one),
                            in_quotes(twice.other)),
                "Deleting one name would delete the other: unmount one of them, or choose prefixes that "
                "touch neither.");
  }
  return {};
}

Result<ListingProof> DirectoryStore::list_scope(const Scope& scope, const ListingOptions& options,
                                                ListingSink& sink) {
  if (options.cancel != nullptr) FLOTSAM_TRY(options.cancel->check());
  ListingProof proof;
  proof.started_at = clock_.now();
  FLOTSAM_TRY(refuse_doubles(scope));
  FolderWalk walk({root_, options_.page_objects, options.cancel}, proof);
  for (const std::string& prefix : scope.prefixes()) {
    RangeSink& range = sink.open_range(KeyView(prefix));
    FLOTSAM_ASSIGN(std::optional<FileDescriptor> folder, open_prefix(prefix));
    if (folder) FLOTSAM_TRY(walk.walk(*std::move(folder), prefix, range));
  }
  if (options.cancel != nullptr) FLOTSAM_TRY(options.cancel->check());
  proof.finished_at = clock_.now();
  return proof;
}

Result<ListingProof> DirectoryStore::list(const Scope& scope, const ListingOptions& options,
                                          ListingSink& sink) {
  auto proof = list_scope(scope, options, sink);
  if (!proof) return in_context(std::move(proof).error());
  return proof;
}

}  // namespace

std::string to_directory_identity(std::uint64_t file_system_id, const struct stat& root) {
  const std::string file_system =
      file_system_id != 0 ? fmt::format("{:x}", file_system_id) : fmt::format("device-{:x}", root.st_dev);
  return fmt::format("filesystem {} inode {:x}", file_system, root.st_ino);
}

Result<std::unique_ptr<Lister>> open_directory_store(const std::filesystem::path& root,
                                                     const StoreContext& context,
                                                     const DirectoryStoreOptions& options) {
  CHECK(context.clock != nullptr && options.page_objects > 0);
  if (!root.is_absolute())
    return fail(ErrorCode::invalid_argument,
                fmt::format("the store {} is no absolute path", in_quotes(root.native())),
                "Write it like \"file:///srv/media\".");
  return std::make_unique<DirectoryStore>(root, context, options);
}

}  // namespace flotsam
