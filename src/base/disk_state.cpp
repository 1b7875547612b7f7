#include "base/disk_state.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/disk_log.h"
#include "base/durable_file.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/state_name.h"

namespace flotsam {
namespace {

constexpr std::string_view kLockName = ".lock";

std::string tag_of(std::string_view bytes) {
  return sha256_hex(bytes);
}

/// The lock of the whole folder, held for the few steps of one change.
class FolderLock {
 public:
  /// Waits until it is free. Errors: not_found where there is no such folder.
  static Result<FolderLock> take(const std::filesystem::path& folder) {
    const auto path = folder / kLockName;
    FolderLock lock;
    lock.fd_ = FileDescriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.fd_.valid()) return std::unexpected(error_of_errno(errno, "open", path));
    while (flock(lock.fd_.get(), LOCK_EX) != 0)
      if (errno != EINTR) return std::unexpected(error_of_errno(errno, "lock", path));
    return lock;
  }

 private:
  FileDescriptor fd_;
};

class DiskState final : public State {
 public:
  explicit DiskState(const std::filesystem::path& folder) : folder_(absolute_of(folder)) {}

  Result<std::optional<Entry>> read(const std::string& name, std::uint64_t limit_bytes) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    return read_entry(path, limit_bytes);
  }

  Result<bool> create(const std::string& name, std::string_view bytes) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    FLOTSAM_ASSIGN(auto file, PreparedFile::write(path, bytes));
    FLOTSAM_ASSIGN(const auto lock, FolderLock::take(folder_));
    return file.place_new();
  }

  Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    FLOTSAM_ASSIGN(const auto lock, lock_of_entry(path));
    if (!lock) return false;
    FLOTSAM_ASSIGN(const bool still, has_tag(path, tag));
    if (!still) return false;
    FLOTSAM_ASSIGN(auto file, PreparedFile::write(path, bytes));
    FLOTSAM_TRY(file.place());
    return true;
  }

  Result<void> put(const std::string& name, std::string_view bytes) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    FLOTSAM_ASSIGN(auto file, PreparedFile::write(path, bytes));
    FLOTSAM_ASSIGN(const auto lock, FolderLock::take(folder_));
    return file.place();
  }

  Result<bool> remove(const std::string& name, const std::string& tag) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    FLOTSAM_ASSIGN(const auto lock, lock_of_entry(path));
    if (!lock) return false;
    FLOTSAM_ASSIGN(const bool still, has_tag(path, tag));
    if (!still) return false;
    if (unlink(path.c_str()) != 0) return std::unexpected(error_of_errno(errno, "remove", path));
    FLOTSAM_TRY(sync_folder(folder_of(path)));
    return true;
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    FLOTSAM_ASSIGN(const auto start, path_of(folder));
    std::vector<std::string> names;
    std::error_code error;
    const std::filesystem::recursive_directory_iterator end;
    std::filesystem::recursive_directory_iterator at(start, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    while (!error && at != end) {
      const std::string name = at->path().lexically_relative(folder_).native();
      if (!is_state_name(name)) {
        at.disable_recursion_pending();
      } else if (at->is_regular_file(error) && !error) {
        names.push_back(name);
      }
      // What another run removed meanwhile is no entry any more.
      if (error == std::errc::no_such_file_or_directory) error.clear();
      if (!error) at.increment(error);
    }
    if (error) return std::unexpected(error_of_errno(error.value(), "list", start));
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::unique_ptr<AppendLog>> open_log(const std::string& name) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    return open_disk_log(path);
  }

  Result<bool> read_log(const std::string& name,
                        const std::function<Result<void>(std::string_view line)>& use) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    return read_disk_log(path, use);
  }

  Result<std::optional<std::filesystem::path>> local_copy(const std::string& name) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    const auto fd = open_regular(path);
    if (!fd && fd.error().code == ErrorCode::not_found) return std::nullopt;
    if (!fd) return std::unexpected(fd.error());
    return path;
  }

  Result<void> take_file(const std::string& name, const std::filesystem::path& local) override {
    FLOTSAM_ASSIGN(const auto path, path_of(name));
    FLOTSAM_ASSIGN(const auto source, open_regular(local));
    // A copy, not a rename: what the person may still write to is not what the state holds.
    FLOTSAM_ASSIGN(auto file,
                   PreparedFile::write(path, [&](int fd) { return copy(source.get(), fd, path, local); }));
    FLOTSAM_ASSIGN(const auto lock, FolderLock::take(folder_));
    return file.place();
  }

  std::string place_of(const std::string& name) const override { return (folder_ / name).native(); }

  std::optional<std::string> name_of(const std::string& place) const override {
    const std::filesystem::path path(place);
    if (!path.is_absolute()) return std::nullopt;
    if (auto name = name_below(folder_, path.lexically_normal())) return name;
    // Either side may have been spelled by a link.
    std::error_code error;
    const auto folder = std::filesystem::weakly_canonical(folder_, error);
    if (error) return std::nullopt;
    const auto canonical = std::filesystem::weakly_canonical(path, error);
    if (error) return std::nullopt;
    return name_below(folder, canonical);
  }

 private:
  static std::filesystem::path absolute_of(const std::filesystem::path& folder) {
    std::error_code error;
    auto path = std::filesystem::absolute(folder, error).lexically_normal();
    if (error) path = folder;
    return path.has_filename() ? path : path.parent_path();
  }

  static std::optional<std::string> name_below(const std::filesystem::path& folder,
                                               const std::filesystem::path& path) {
    std::string name = path.lexically_relative(folder).native();
    if (!is_state_name(name)) return std::nullopt;
    return name;
  }

  Result<std::filesystem::path> path_of(const std::string& name) const {
    if (!is_state_name(name))
      return fail(ErrorCode::internal,
                  fmt::format("the state cannot hold an entry named {}", in_quotes(name)));
    return folder_ / name;
  }

  static Result<std::optional<Entry>> read_entry(const std::filesystem::path& path,
                                                 std::uint64_t limit_bytes) {
    const auto fd = open_regular(path);
    if (!fd && fd.error().code == ErrorCode::not_found) return std::nullopt;
    if (!fd) return std::unexpected(fd.error());
    struct stat status{};
    if (fstat(fd->get(), &status) != 0) return std::unexpected(error_of_errno(errno, "read", path));
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limit_bytes)
      return fail(ErrorCode::refused, fmt::format("{} has {} bytes, more than the {} that are read",
                                                  in_quotes(path.native()), size, limit_bytes));
    Entry entry;
    entry.bytes.resize(static_cast<std::size_t>(size));
    auto got = read_at(fd->get(), entry.bytes.data(), entry.bytes.size(), 0);
    if (!got) return fail(std::move(got).error(), fmt::format("while reading {}", in_quotes(path.native())));
    entry.bytes.resize(*got);
    entry.tag = tag_of(entry.bytes);
    return entry;
  }

  /// The folder's lock, or nothing where there is no folder and so no entry.
  Result<std::optional<FolderLock>> lock_of_entry(const std::filesystem::path& path) const {
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) return std::nullopt;
    FLOTSAM_ASSIGN(auto lock, FolderLock::take(folder_));
    return lock;
  }

  static Result<bool> has_tag(const std::filesystem::path& path, const std::string& tag) {
    FLOTSAM_ASSIGN(const auto entry, read_entry(path, ~std::uint64_t{0}));
    return entry && entry->tag == tag;
  }

  static Result<void> copy(int from, int to, const std::filesystem::path& path,
                           const std::filesystem::path& local) {
    std::string block(1U << 20U, '\0');
    for (std::uint64_t offset = 0;;) {
      auto got = read_at(from, block.data(), block.size(), offset);
      if (!got)
        return fail(std::move(got).error(), fmt::format("while reading {}", in_quotes(local.native())));
      if (*got == 0) return {};
      FLOTSAM_TRY(write_all(to, std::string_view(block).substr(0, *got), path));
      offset += *got;
    }
  }

  std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<State> open_disk_state(const std::filesystem::path& folder) {
  return std::make_unique<DiskState>(folder);
}

}  // namespace flotsam
