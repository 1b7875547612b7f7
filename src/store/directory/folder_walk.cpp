#include "store/directory/folder_walk.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "store/directory/file_identity.h"

namespace flotsam {

Result<void> FolderWalk::walk(FileDescriptor folder, std::string_view prefix, RangeSink& sink) {
  key_ = prefix;
  depth_ = 0;
  FLOTSAM_TRY(enter(std::move(folder)));
  while (depth_ > 0) {
    FolderEntries& entries = frames_[depth_ - 1]->entries;
    if (entries.at_end()) {
      leave();
      continue;
    }
    const FolderEntries::Next entry = entries.take_next();
    FLOTSAM_TRY(entry.is_folder ? take_folder(entry) : take_file(entry, sink));
  }
  return flush(sink);
}

Result<void> FolderWalk::enter(FileDescriptor folder) {
  if (options_.cancel != nullptr) FLOTSAM_TRY(options_.cancel->check());
  if (depth_ == frames_.size()) frames_.push_back(std::make_unique<Frame>());
  Frame& frame = *frames_[depth_];
  frame.fd = std::move(folder);
  frame.key_length = key_.size();
  FLOTSAM_TRY(frame.entries.read(frame.fd.get(), place(), proof_));
  ++depth_;
  return {};
}

void FolderWalk::leave() {
  frames_[--depth_]->fd.reset();
  if (depth_ > 0) key_.resize(frames_[depth_ - 1]->key_length);
}

Result<void> FolderWalk::take_folder(const FolderEntries::Next& entry) {
  const int parent = frames_[depth_ - 1]->fd.get();
  FileDescriptor folder(openat(parent, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.valid()) {
    key_.append(entry.bytes) += '/';
    return enter(std::move(folder));
  }
  if (errno == ENOENT) return {};
  if (errno != ENOTDIR && errno != ELOOP)
    return std::unexpected(place().error(errno, "open the folder", entry.bytes));
  struct stat status;
  if (fstatat(parent, entry.name, &status, AT_SYMLINK_NOFOLLOW) == 0)
    return take_changed(entry, status.st_mode);
  if (errno == ENOENT) return {};
  return std::unexpected(place().error(errno, "look at", entry.bytes));
}

Result<void> FolderWalk::take_file(const FolderEntries::Next& entry, RangeSink& sink) {
  struct stat status;
  if (fstatat(frames_[depth_ - 1]->fd.get(), entry.name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};  // removed since its folder was read: it is gone
    return std::unexpected(place().error(errno, "look at", entry.bytes));
  }
  if (!S_ISREG(status.st_mode)) return take_changed(entry, status.st_mode);
  Row row{arena_.size(), key_.size() + entry.bytes.size(), 0, static_cast<std::uint64_t>(status.st_size),
          file_time_of(status)};
  arena_.append(key_).append(entry.bytes);
  const std::size_t etag_offset = arena_.size();
  append_file_etag(status, arena_);
  row.etag_length = arena_.size() - etag_offset;
  rows_.push_back(row);
  return rows_.size() < options_.page_objects ? Result<void>{} : flush(sink);
}

Result<void> FolderWalk::take_changed(const FolderEntries::Next& entry, unsigned mode) {
  if (S_ISLNK(mode)) {
    ++proof_.skipped_symlinks;
    return {};
  }
  if (!S_ISREG(mode) && !S_ISDIR(mode)) {
    ++proof_.skipped_special;
    return {};
  }
  // Its place in the order of keys may have passed already.
  return fail(ErrorCode::unavailable,
              fmt::format("{} became a {} while the store was being listed",
                          in_quotes(place().path_of(entry.bytes)), S_ISDIR(mode) ? "folder" : "file"),
              "Run this again when nothing is being moved there.");
}

Result<void> FolderWalk::flush(RangeSink& sink) {
  if (!rows_.empty()) {
    page_.clear();
    const std::string_view arena = arena_;
    for (const Row& row : rows_)
      page_.push_back({KeyView(arena.substr(row.key_offset, row.key_length)),
                       row.size_bytes,
                       row.time,
                       arena.substr(row.key_offset + row.key_length, row.etag_length),
                       {}});
    FLOTSAM_TRY(sink.page(page_));
    proof_.objects += rows_.size();
    rows_.clear();
    arena_.clear();
  }
  return options_.cancel == nullptr ? Result<void>{} : options_.cancel->check();
}

}  // namespace flotsam
