#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

namespace flotsam {

/// The bytes of a file in blocks, and their SHA-256 as they lie on the disk.
class FileBytes {
 public:
  /// Errors: those of error_of_errno; refused where the path is no regular file.
  static Result<FileBytes> open(const std::filesystem::path& path);

  /// The next bytes, empty at the end of the file; dead after the next call. Errors: unavailable.
  Result<std::string_view> next();
  /// From the beginning again, with a new digest.
  Result<void> rewind();
  int descriptor() const { return fd_.get(); }
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  /// The hex SHA-256 of all bytes given since the beginning; once.
  std::string digest();

 private:
  FileBytes() = default;
  std::filesystem::path path_;
  FileDescriptor fd_;
  std::string block_;
  Sha256 sha_;
  std::uint64_t bytes_read_ = 0;
};

/// The text inside a gzip file (RFC 1952), member after member.
///
/// Everything that gzread passes over in silence is an error here: a file that ends inside a member, a wrong
/// check sum, anything but another member behind a member (garbage, zero padding), an empty file.
class GzipText {
 public:
  explicit GzipText(FileBytes& file);
  ~GzipText();
  GzipText(const GzipText&) = delete;
  GzipText& operator=(const GzipText&) = delete;

  /// The next text, empty only at the proved end; dead after the next call.
  /// Errors: corrupt; refused where the text is so much larger than the file that it must be a trap.
  Result<std::string_view> next();

 private:
  struct State;
  Result<void> begin_member();
  Error broken(std::string_view what) const;
  FileBytes& file_;
  std::unique_ptr<State> state_;
};

}  // namespace flotsam
