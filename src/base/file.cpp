#include "base/file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace flotsam {
namespace {

constexpr std::size_t kBufferSize = 1U << 20U;

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "open", folder));
  // Some file systems cannot sync a folder (EINVAL): there the rename is as safe as it gets.
  if (fsync(fd.get()) != 0 && errno != EINVAL) return std::unexpected(error_of_errno(errno, "sync", folder));
  return {};
}

/// Makes missing folders for us alone (0700): plans and reports hold keys, which may be personal data.
Result<void> make_folders(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::exists(folder)) return {};
  FLOTSAM_TRY(make_folders(folder.parent_path()));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return std::unexpected(error_of_errno(errno, "make the folder", folder));
  return {};
}

}  // namespace

void FileDescriptor::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Error error_of_errno(int error_number, std::string_view action, const std::filesystem::path& path) {
  Error error;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      error.code = ErrorCode::not_found;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      error.code = ErrorCode::permission_denied;
      break;
    default:
      error.code = ErrorCode::unavailable;
      break;
  }
  error.message =
      fmt::format("cannot {} {}: {}", action, in_quotes(path.native()), strerrordesc_np(error_number));
  if (error_number == ENOSPC || error_number == EDQUOT)
    error.hint = "Free some space there, or choose another place.";
  return error;
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "open", path));
  std::string content;
  std::string block(1U << 16U, '\0');
  while (true) {
    const ssize_t got = read(fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(error_of_errno(errno, "read", path));
    if (got == 0) return content;
    content.append(block, 0, static_cast<std::size_t>(got));
    if (content.size() > limit_bytes)
      return fail(ErrorCode::refused,
                  fmt::format("{} is larger than {} bytes", in_quotes(path.native()), limit_bytes));
  }
}

Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(error_of_errno(errno, "write", path));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> read_at(int fd, char* out, std::size_t size, std::uint64_t offset) {
  std::size_t total = 0;
  while (total < size) {
    const ssize_t got = pread(fd, out + total, size - total, static_cast<off_t>(offset + total));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(error_of_errno(errno, "read", "a temporary file"));
    if (got == 0) break;
    total += static_cast<std::size_t>(got);
  }
  return total;
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path, unsigned mode) {
  AtomicFile file;
  file.path_ = path;
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  FLOTSAM_TRY(make_folders(folder));
  file.temporary_ = folder / fmt::format(".{}.{}.tmp", path.filename().native(), random_hex(8));
  file.fd_ = FileDescriptor(open(file.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.fd_.valid()) {
    const int error_number = errno;
    file.temporary_.clear();
    return std::unexpected(error_of_errno(error_number, "write", path));
  }
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::move(other.fd_)),
      buffer_(std::move(other.buffer_)),
      failed_(std::move(other.failed_)) {
  other.temporary_.clear();
}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  std::swap(failed_, other.failed_);
  return *this;
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> AtomicFile::flush() {
  if (failed_) return std::unexpected(*failed_);
  if (auto written = write_all(fd_.get(), buffer_, path_); !written) {
    failed_ = written.error();
    return written;
  }
  buffer_.clear();
  return {};
}

Result<void> AtomicFile::write(std::string_view bytes) {
  buffer_.append(bytes);
  if (buffer_.size() >= kBufferSize) return flush();
  return {};
}

Result<void> AtomicFile::commit() {
  FLOTSAM_TRY(flush());
  if (fsync(fd_.get()) != 0) return std::unexpected(error_of_errno(errno, "sync", path_));
  const int fd = fd_.release();
  if (close(fd) != 0) return std::unexpected(error_of_errno(errno, "close", path_));
  if (rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(error_of_errno(errno, "rename to", path_));
  temporary_.clear();
  return sync_folder(path_.has_parent_path() ? path_.parent_path() : std::filesystem::path("."));
}

std::filesystem::path temporary_folder() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? std::filesystem::path("/tmp") : folder;
}

Result<FileDescriptor> open_unlinked_file(const std::filesystem::path& folder) {
  std::string name = (folder / ".flotsam-spool-XXXXXX").native();
  FileDescriptor fd(mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "make a temporary file in", folder));
  if (unlink(name.c_str()) != 0) return std::unexpected(error_of_errno(errno, "unlink", name));
  return fd;
}

}  // namespace flotsam
