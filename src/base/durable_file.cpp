#include "base/durable_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace flotsam {

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "open", folder));
  // Some file systems cannot sync a folder (EINVAL): there a rename is as safe as it gets.
  if (fsync(fd.get()) != 0 && errno != EINVAL) return std::unexpected(error_of_errno(errno, "sync", folder));
  return {};
}

Result<void> make_durable_folders(const std::filesystem::path& folder) {
  struct stat status{};
  if (folder.empty() || stat(folder.c_str(), &status) == 0) return {};
  if (errno != ENOENT) return std::unexpected(error_of_errno(errno, "look at", folder));
  FLOTSAM_TRY(make_durable_folders(folder.parent_path()));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return std::unexpected(error_of_errno(errno, "make the folder", folder));
  return sync_folder(folder_of(folder));
}

Result<FileDescriptor> open_regular(const std::filesystem::path& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    const int number = errno;
    Error error = error_of_errno(number, "open", path);
    // A file where a folder should be proves nothing about what was meant to be in the folder.
    if (number != ENOENT && error.code == ErrorCode::not_found) error.code = ErrorCode::corrupt;
    return std::unexpected(std::move(error));
  }
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) return std::unexpected(error_of_errno(errno, "read", path));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::corrupt, fmt::format("{} is no regular file", in_quotes(path.native())),
                "Move it away.");
  return fd;
}

Result<PreparedFile> PreparedFile::write(const std::filesystem::path& path,
                                         const std::function<Result<void>(int fd)>& fill) {
  FLOTSAM_TRY(make_durable_folders(folder_of(path)));
  PreparedFile file;
  file.path_ = path;
  const auto temporary = folder_of(path) / fmt::format(".{}.{}.tmp", path.filename().native(), random_hex(8));
  const FileDescriptor fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "write", path));
  file.temporary_ = temporary;
  FLOTSAM_TRY(fill(fd.get()));
  if (fsync(fd.get()) != 0) return std::unexpected(error_of_errno(errno, "sync", path));
  return file;
}

Result<PreparedFile> PreparedFile::write(const std::filesystem::path& path, std::string_view bytes) {
  return write(path, [&](int fd) { return write_all(fd, bytes, path); });
}

PreparedFile::PreparedFile(PreparedFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, {})) {}

PreparedFile& PreparedFile::operator=(PreparedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  return *this;
}

PreparedFile::~PreparedFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> PreparedFile::place() {
  if (rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(error_of_errno(errno, "rename to", path_));
  temporary_.clear();
  return sync_folder(folder_of(path_));
}

Result<bool> PreparedFile::place_new() {
  if (link(temporary_.c_str(), path_.c_str()) == 0) {
    // The other name goes first: one sync of the folder covers both.
    unlink(temporary_.c_str());
    temporary_.clear();
    FLOTSAM_TRY(sync_folder(folder_of(path_)));
    return true;
  }
  if (errno == EEXIST) return false;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
    return std::unexpected(error_of_errno(errno, "write", path_));
  struct stat status{};
  if (lstat(path_.c_str(), &status) == 0) return false;
  if (errno != ENOENT) return std::unexpected(error_of_errno(errno, "look at", path_));
  FLOTSAM_TRY(place());
  return true;
}

}  // namespace flotsam
