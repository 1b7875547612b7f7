#include "store/directory/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::size_t kPageObjects = 1000;

Timestamp timestamp_of(const timespec& time) {
  return Timestamp(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

std::uint64_t nanoseconds_of(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000ULL + static_cast<std::uint64_t>(time.tv_nsec);
}

std::unexpected<Error> failed(std::string_view action, std::string_view key) {
  const int error_number = errno;
  Error error = error_of_errno(error_number, action, std::string(key));
  error.hint = "Without it the listing is incomplete, so nothing was judged. Give the reading user access, or choose a "
               "narrower prefix.";
  return std::unexpected(std::move(error));
}

}  // namespace

Result<void> DirectoryPage::add(std::string_view folder, std::string_view name, std::uint64_t size_bytes,
                                Timestamp last_modified, std::string_view etag) {
  entries_.push_back({arena_.size(), folder.size() + name.size(), etag.size(), size_bytes, last_modified});
  arena_.append(folder).append(name).append(etag);
  return entries_.size() >= kPageObjects ? flush() : Result<void>();
}

Result<void> DirectoryPage::flush() {
  if (entries_.empty()) return {};
  views_.clear();
  const std::string_view arena = arena_;
  for (const Entry& entry : entries_)
    views_.push_back({KeyView(arena.substr(entry.key_at, entry.key_size)), entry.size_bytes, entry.last_modified,
                      arena.substr(entry.key_at + entry.key_size, entry.etag_size), {}});
  FLOTSAM_TRY(sink_.page(views_));
  objects_ += entries_.size();
  entries_.clear();
  arena_.clear();
  return {};
}

/// An open folder, its entries in key order, and how many of them are done.
struct TreeWalk::Frame {
  struct Entry {
    std::string name;  ///< of a folder with its "/", which is what it sorts by
    bool is_folder;
  };
  FileDescriptor folder;
  std::size_t prefix_size;  ///< of prefix_ while this folder is at hand
  std::vector<Entry> entries;
  std::size_t next = 0;
};

Result<void> TreeWalk::walk(FileDescriptor folder, std::string_view prefix) {
  prefix_ = prefix;
  std::vector<Frame> frames;
  FLOTSAM_TRY(enter(frames, std::move(folder), ""));
  while (!frames.empty()) {
    Frame& frame = frames.back();
    if (frame.next == frame.entries.size()) {
      frames.pop_back();
      if (!frames.empty()) prefix_.resize(frames.back().prefix_size);
      continue;
    }
    const Frame::Entry& entry = frame.entries[frame.next++];
    if (entry.is_folder) {
      const std::string name = entry.name;
      FLOTSAM_TRY(visit_folder(frames, name));
    } else {
      FLOTSAM_TRY(visit_file(frame, entry.name.c_str()));
    }
  }
  return page_.flush();
}

/// Reads a folder's names and makes it the folder at hand. `name` is added to the prefix.
Result<void> TreeWalk::enter(std::vector<Frame>& frames, FileDescriptor folder, std::string_view name) {
  if (cancel_ != nullptr) FLOTSAM_TRY(cancel_->check());
  prefix_ += name;
  ++proof_.requests;
  const int copy = fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);
  DIR* stream = copy < 0 ? nullptr : fdopendir(copy);
  if (stream == nullptr) {
    const auto error = failed("read the folder", prefix_);
    if (copy >= 0) FileDescriptor(copy).reset();
    return error;
  }
  Frame frame{std::move(folder), prefix_.size(), {}, 0};
  while (true) {
    errno = 0;
    const dirent* entry = readdir(stream);
    if (entry == nullptr) break;
    const std::string_view entry_name(entry->d_name);
    if (entry_name == "." || entry_name == "..") continue;
    if (entry_name.starts_with(".flotsam-")) {
      ++proof_.skipped_own;
      continue;
    }
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN) {  // some file systems do not say
      struct stat status {};
      if (fstatat(frame.folder.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;
        const auto error = failed("look at", prefix_ + entry->d_name);
        closedir(stream);
        return error;
      }
      type = S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : S_ISLNK(status.st_mode) ? DT_LNK : DT_SOCK;
    }
    if (type == DT_LNK) {
      ++proof_.skipped_symlinks;
    } else if (type == DT_DIR) {
      frame.entries.push_back({std::string(entry_name) + "/", true});
    } else if (type == DT_REG) {
      frame.entries.push_back({std::string(entry_name), false});
    } else {
      ++proof_.skipped_special;
    }
  }
  const int read_error = errno;
  closedir(stream);
  errno = read_error;
  if (read_error != 0) return failed("read the folder", prefix_);
  std::sort(frame.entries.begin(), frame.entries.end(),
            [](const Frame::Entry& a, const Frame::Entry& b) { return a.name < b.name; });
  frames.push_back(std::move(frame));
  return {};
}

Result<void> TreeWalk::visit_file(const Frame& frame, const char* name) {
  struct stat status {};
  if (fstatat(frame.folder.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};  // gone since its folder was read
    return failed("look at", prefix_ + name);
  }
  if (S_ISLNK(status.st_mode)) {
    ++proof_.skipped_symlinks;
    return {};
  }
  if (!S_ISREG(status.st_mode)) {
    ++proof_.skipped_special;
    return {};
  }
  const std::uint64_t mtime = nanoseconds_of(status.st_mtim);
  const std::uint64_t ctime = nanoseconds_of(status.st_ctim);
  char etag[80];
  const auto end = fmt::format_to_n(etag, sizeof etag, "{:x}-{:x}-{:x}-{:x}", status.st_ino, status.st_size, mtime, ctime);
  const Timestamp last = std::max(timestamp_of(status.st_mtim), timestamp_of(status.st_ctim));
  return page_.add(prefix_, name, static_cast<std::uint64_t>(status.st_size), last,
                   std::string_view(etag, std::min(end.size, sizeof etag)));
}

Result<void> TreeWalk::visit_folder(std::vector<Frame>& frames, const std::string& name) {
  const std::string plain = name.substr(0, name.size() - 1);
  FileDescriptor folder(
      openat(frames.back().folder.get(), plain.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.valid()) return enter(frames, std::move(folder), name);
  if (errno == ENOENT) return {};  // gone since its parent was read
  if (errno == ELOOP || errno == ENOTDIR) {  // became a link or a file meanwhile: not followed
    ++proof_.skipped_symlinks;
    return {};
  }
  return failed("open the folder", prefix_ + name);
}

}  // namespace flotsam
