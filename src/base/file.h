#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace flotsam {

/// A file descriptor that closes itself. -1 means none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = other.release();
    }
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

/// An Error from errno with the path in it: ENOENT is not_found, EACCES and EPERM permission_denied, the rest
/// (a full disk too) unavailable. `action` is a verb: "write", "open".
Error error_of_errno(int error_number, std::string_view action, const std::filesystem::path& path);

/// The whole file. Errors: not_found, permission_denied, unavailable; `refused` where it is larger than
/// `limit_bytes`.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes = 64U << 20U);

/// A file that appears whole or not at all: written under a temporary name in the same folder, synced,
/// renamed onto its name, the folder synced. Without commit() the temporary file is removed. Mode 0600 unless
/// said otherwise.
class AtomicFile {
 public:
  /// Creates the temporary file; missing folders of the path are made (0700).
  static Result<AtomicFile> create(const std::filesystem::path& path, unsigned mode = 0600);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  /// Appends; buffered. A failed write (a full disk) stays failed.
  Result<void> write(std::string_view bytes);
  /// Flushes, syncs, renames, syncs the folder. Afterwards the file is under its name, or the error says why
  /// not and nothing is.
  Result<void> commit();

 private:
  AtomicFile() = default;
  Result<void> flush();
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  FileDescriptor fd_;
  std::string buffer_;
  std::optional<Error> failed_;  ///< of the first write that failed
};

/// An unnamed temporary file (already unlinked, or O_TMPFILE) in `folder`: a spool that vanishes with the
/// process.
Result<FileDescriptor> open_unlinked_file(const std::filesystem::path& folder);

/// Where temporary files go: $TMPDIR, else /tmp.
std::filesystem::path temporary_folder();

/// Writes all bytes at the end / reads up to `size` bytes at an offset (fewer only at the end of the file).
Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path);
Result<std::size_t> read_at(int fd, char* out, std::size_t size, std::uint64_t offset);

}  // namespace flotsam
