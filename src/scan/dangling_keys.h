#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace flotsam {

/// All needed keys of a reading, with their sources, in an unlinked file: only where every dangling key is
/// asked for, since which of them dangle is known after the listing. One thread.
class NeededKeySpool {
 public:
  static Result<NeededKeySpool> create(const std::filesystem::path& folder);

  /// Errors (a full disk) are kept and come back from for_each().
  void add(std::uint32_t source, std::string_view key);
  /// Every key in the order of arrival, doubles too.
  Result<void> for_each(const std::function<Result<void>(std::uint32_t source, std::string_view key)>& use);

 private:
  explicit NeededKeySpool(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void flush();

  std::filesystem::path folder_;
  FileDescriptor file_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  std::optional<Error> failed_;
};

/// Collects keys with their sources, then gives each pair once, in byte order of the keys.
class SortedKeys {
 public:
  explicit SortedKeys(std::uint64_t memory_bytes) : memory_bytes_(memory_bytes) {}
  /// Errors: refused where they do not fit into memory.
  Result<void> add(std::uint32_t source, std::string_view key);
  Result<void> for_each(const std::function<Result<void>(std::uint32_t source, std::string_view key)>& use);

 private:
  void compact();

  struct Entry {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t source = 0;
  };
  std::uint64_t memory_bytes_;
  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace flotsam
