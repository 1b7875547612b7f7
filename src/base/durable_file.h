#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "base/file.h"

namespace flotsam {

/// Syncs a folder: what was made, renamed or removed in it is on stable storage afterwards.
Result<void> sync_folder(const std::filesystem::path& folder);

/// Makes missing folders for us alone (0700), each on stable storage before what it will hold.
Result<void> make_durable_folders(const std::filesystem::path& folder);

/// The parent of a path; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

/// Opens a file to read it. Errors: not_found; corrupt where it is no regular file (a pipe would be waited
/// for for ever).
Result<FileDescriptor> open_regular(const std::filesystem::path& path);

/// A finished file under a temporary name beside the one it is meant for: written and synced, removed where
/// neither place() nor place_new() brought it there.
class PreparedFile {
 public:
  /// Missing folders are made. `fill` writes the content.
  static Result<PreparedFile> write(const std::filesystem::path& path,
                                    const std::function<Result<void>(int fd)>& fill);
  static Result<PreparedFile> write(const std::filesystem::path& path, std::string_view bytes);
  PreparedFile(PreparedFile&& other) noexcept;
  PreparedFile& operator=(PreparedFile&& other) noexcept;
  ~PreparedFile();

  /// Brings it to its name, whatever stood there, and syncs the folder.
  Result<void> place();
  /// Brings it to its name only where nothing stands there. False: something does. Two processes cannot both
  /// be told true; where the file system has no hard links only while both hold a lock of their own.
  Result<bool> place_new();

 private:
  PreparedFile() = default;
  std::filesystem::path path_;
  std::filesystem::path temporary_;
};

}  // namespace flotsam
