#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

namespace flotsam {

/// A file of lines that proves itself: a header line, one line an object, and a last line
/// {"objects":N,"sha256":"…"} with the hex SHA-256 of all bytes before it. Plans and sightings are such
/// files.
class SealedWriter {
 public:
  /// Nothing stands under `path` before commit(). Errors: those of AtomicFile.
  static Result<SealedWriter> create(const std::filesystem::path& path, std::string_view header);
  /// One object's line, without its line break, which it must not hold.
  Result<void> add(std::string_view line);
  Result<void> commit();

 private:
  explicit SealedWriter(AtomicFile file) : file_(std::move(file)) {}
  Result<void> write(std::string_view line);
  AtomicFile file_;
  Sha256 digest_;
  std::uint64_t objects_ = 0;
};

/// Reads such a file line by line in constant memory. What it gives may be believed only once next() has said
/// that the end was reached: then digest, count and form were right and no byte follows.
class SealedReader {
 public:
  /// `kind` names the file in messages: "plan". Errors: not_found, permission_denied; corrupt for what is no
  /// regular file or is empty.
  static Result<SealedReader> open(const std::filesystem::path& path, std::string_view kind);

  /// The next line without its break (the header first), or nothing at the proved end. Borrowed until the
  /// next call. Errors: corrupt (a line cut short, a last line that is missing or wrong, bytes after it);
  /// unavailable.
  Result<std::optional<std::string_view>> next();
  /// The number of the line that next() gave last, from 1.
  std::uint64_t line_number() const { return line_number_; }
  /// Hex digest that the last line named, once the end was reached.
  const std::string& digest() const { return digest_hex_; }
  /// A corrupt error about this file: "the plan '…' cannot be believed: …".
  std::unexpected<Error> corrupt(std::string_view what) const;
  /// The same about the line that next() gave last.
  std::unexpected<Error> corrupt_line(std::string_view what) const;

 private:
  SealedReader() = default;
  Result<std::optional<std::string_view>> read_line();
  Result<std::optional<std::string_view>> check_end(std::string_view line);

  std::filesystem::path path_;
  std::string kind_;
  FileDescriptor fd_;
  std::uint64_t offset_ = 0;
  std::string buffer_;
  std::size_t at_ = 0;
  Sha256 digest_;
  std::string digest_hex_;
  std::uint64_t line_number_ = 0;
};

}  // namespace flotsam
