#include "store/directory/folder_entries.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"

namespace flotsam {
namespace {

constexpr std::size_t kBufferSize = 64U << 10U;
constexpr std::string_view kOwnStart = ".flotsam-";

std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i)
    head = (head << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return head;
}

unsigned char type_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return DT_REG;
  if (S_ISDIR(mode)) return DT_DIR;
  return S_ISLNK(mode) ? DT_LNK : DT_FIFO;
}

}  // namespace

std::string FolderPlace::path_of(std::string_view name) const {
  std::string path = fmt::format("{}/{}{}", root, folder, name);
  if (name.empty() && path.size() > 1) path.pop_back();
  return path;
}

Error FolderPlace::error(int error_number, std::string_view action, std::string_view name) const {
  Error error = error_of_errno(error_number, action, path_of(name));
  if (error.code == ErrorCode::permission_denied)
    error.hint =
        "A listing with gaps proves nothing: give this user the right to read it, or choose prefixes beside "
        "it.";
  return error;
}

Result<void> FolderEntries::read(int fd, const FolderPlace& place, ListingProof& proof) {
  names_.clear();
  entries_.clear();
  next_ = 0;
  ++proof.requests;
  alignas(dirent64) static thread_local std::array<char, kBufferSize> buffer;
  for (;;) {
    const ssize_t size = getdents64(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOENT) break;  // removed while we hold it: nothing can be in it any more
    if (size < 0) return std::unexpected(place.error(errno, "read the folder"));
    if (size == 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      FLOTSAM_TRY(add(fd, entry->d_name, entry->d_type, place, proof));
    }
  }
  return sort(place);
}

Result<void> FolderEntries::add(int fd, const char* name, unsigned char type, const FolderPlace& place,
                                ListingProof& proof) {
  const std::string_view bytes(name);
  if (bytes == "." || bytes == "..") return {};
  if (bytes.empty() || bytes.find('/') != std::string_view::npos)
    return fail(ErrorCode::corrupt,
                fmt::format("the folder {} names an entry {}, which no folder can hold",
                            in_quotes(place.path_of({})), in_quotes(bytes)),
                "Check the file system.");
  if (bytes.starts_with(kOwnStart)) {
    ++proof.skipped_own;
    return {};
  }
  if (type == DT_UNKNOWN) {  // some file systems do not say
    struct stat status;
    if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};
      return std::unexpected(place.error(errno, "look at", bytes));
    }
    type = type_of_mode(status.st_mode);
  }
  if (type == DT_LNK) {
    ++proof.skipped_symlinks;
  } else if (type != DT_REG && type != DT_DIR) {
    ++proof.skipped_special;
  } else {
    const bool is_folder = type == DT_DIR;
    const std::size_t offset = names_.size();
    names_.append(bytes);
    if (is_folder) names_ += '/';
    const std::size_t length = names_.size() - offset;
    entries_.push_back({head_of(std::string_view(names_).substr(offset)), offset,
                        static_cast<std::uint32_t>(length), is_folder});
    names_ += '\0';
  }
  return {};
}

Result<void> FolderEntries::sort(const FolderPlace& place) {
  // Names hold no NUL, so a head that is padded with zeros compares like the name itself.
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    return a.head != b.head ? a.head < b.head : text_of(a) < text_of(b);
  });
  const auto twice = std::adjacent_find(
      entries_.begin(), entries_.end(),
      [this](const Entry& a, const Entry& b) { return a.head == b.head && text_of(a) == text_of(b); });
  if (twice == entries_.end()) return {};
  return fail(
      ErrorCode::corrupt,
      fmt::format("the folder {} names the entry {} twice", in_quotes(place.path_of({})),
                  in_quotes(text_of(*twice))),
      "It may have been changed while it was read: run this again; if it stays, check the file system.");
}

FolderEntries::Next FolderEntries::take_next() {
  const Entry& entry = entries_[next_++];
  char* const name = names_.data() + entry.offset;
  const std::size_t length = entry.length - (entry.is_folder ? 1U : 0U);
  // "link/" would be followed even with O_NOFOLLOW: the slash was for the order only.
  name[length] = '\0';
  return {name, {name, length}, entry.is_folder};
}

}  // namespace flotsam
