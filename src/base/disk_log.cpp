#include "base/disk_log.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/durable_file.h"
#include "base/file.h"

namespace flotsam {
namespace {

constexpr std::size_t kBlockSize = 1U << 18U;
constexpr std::size_t kBufferSize = 1U << 20U;
// No line of ours comes near it: a file without line breaks is none of our logs.
constexpr std::size_t kLineMax = 64U << 20U;

Result<std::uint64_t> size_of(int fd, const std::filesystem::path& path) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return std::unexpected(error_of_errno(errno, "read", path));
  return static_cast<std::uint64_t>(status.st_size);
}

/// How long the file is without a torn last line.
Result<std::uint64_t> whole_length(int fd, std::uint64_t length) {
  std::string block(kBlockSize, '\0');
  while (length > 0) {
    const std::uint64_t start = length > kBlockSize ? length - kBlockSize : 0;
    const auto wanted = static_cast<std::size_t>(length - start);
    FLOTSAM_ASSIGN(const std::size_t got, read_at(fd, block.data(), wanted, start));
    const std::size_t end = std::string_view(block).substr(0, got).rfind('\n');
    if (end != std::string_view::npos) return start + end + 1;
    length = start;
  }
  return 0;
}

class DiskLog final : public AppendLog {
 public:
  DiskLog(FileDescriptor fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<void> append(std::string_view line) override {
    CHECK(line.find('\n') == std::string_view::npos);
    if (failed_) return std::unexpected(*failed_);
    buffer_.append(line);
    buffer_ += '\n';
    return buffer_.size() >= kBufferSize ? flush() : Result<void>{};
  }

  Result<void> sync() override {
    FLOTSAM_TRY(flush());
    // The first time also what only a whole sync brings down: that the file exists, and its cut end.
    if ((folder_synced_ ? fdatasync(fd_.get()) : fsync(fd_.get())) != 0)
      return stop(error_of_errno(errno, "sync", path_));
    if (!folder_synced_)
      if (auto synced = sync_folder(folder_of(path_)); !synced) return stop(std::move(synced).error());
    folder_synced_ = true;
    return {};
  }

 private:
  /// After a failure nobody knows what of the last lines stands, nor would a later sync tell (Linux forgets a
  /// failed write-back): nothing more is written.
  std::unexpected<Error> stop(Error error) {
    failed_ = std::move(error);
    return std::unexpected(*failed_);
  }

  Result<void> flush() {
    if (failed_) return std::unexpected(*failed_);
    if (auto written = write_all(fd_.get(), buffer_, path_); !written)
      return stop(std::move(written).error());
    buffer_.clear();
    return {};
  }

  FileDescriptor fd_;
  std::filesystem::path path_;
  std::string buffer_;
  bool folder_synced_ = false;
  std::optional<Error> failed_;
};

/// Opens and locks the file; nothing where it was replaced between the two.
Result<std::optional<FileDescriptor>> open_and_lock(const std::filesystem::path& path) {
  FileDescriptor fd(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "write", path));
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK)
      return fail(ErrorCode::refused, fmt::format("another run is writing {}", in_quotes(path.native())),
                  "Wait until it has ended.");
    return std::unexpected(error_of_errno(errno, "lock", path));
  }
  struct stat held{}, named{};
  if (fstat(fd.get(), &held) != 0) return std::unexpected(error_of_errno(errno, "read", path));
  if (!S_ISREG(held.st_mode))
    return fail(ErrorCode::corrupt, fmt::format("{} is no regular file", in_quotes(path.native())),
                "Move it away.");
  if (stat(path.c_str(), &named) != 0 || held.st_ino != named.st_ino || held.st_dev != named.st_dev)
    return std::nullopt;
  return fd;
}

}  // namespace

Result<std::unique_ptr<AppendLog>> open_disk_log(const std::filesystem::path& path) {
  FLOTSAM_TRY(make_durable_folders(folder_of(path)));
  std::optional<FileDescriptor> fd;
  for (int attempt = 0; !fd; ++attempt) {
    if (attempt == 10)
      return fail(ErrorCode::unavailable,
                  fmt::format("{} is replaced again and again", in_quotes(path.native())));
    FLOTSAM_ASSIGN(fd, open_and_lock(path));
  }
  FLOTSAM_ASSIGN(const std::uint64_t size, size_of(fd->get(), path));
  FLOTSAM_ASSIGN(const std::uint64_t whole, whole_length(fd->get(), size));
  if (whole != size && ftruncate(fd->get(), static_cast<off_t>(whole)) != 0)
    return std::unexpected(error_of_errno(errno, "cut the torn last line of", path));
  return std::make_unique<DiskLog>(*std::move(fd), path);
}

Result<bool> read_disk_log(const std::filesystem::path& path,
                           const std::function<Result<void>(std::string_view line)>& use) {
  auto fd = open_regular(path);
  if (!fd && fd.error().code == ErrorCode::not_found) return false;
  if (!fd) return std::unexpected(std::move(fd).error());
  FLOTSAM_ASSIGN(const std::uint64_t size, size_of(fd->get(), path));
  std::string buffer;
  for (std::uint64_t offset = 0; offset < size;) {
    const std::size_t kept = buffer.size();
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockSize, size - offset));
    buffer.resize(kept + wanted);
    auto got = read_at(fd->get(), buffer.data() + kept, wanted, offset);
    if (!got) return fail(std::move(got).error(), fmt::format("while reading {}", in_quotes(path.native())));
    if (*got == 0) break;
    offset += *got;
    buffer.resize(kept + *got);
    std::string_view rest = buffer;
    for (std::size_t end = rest.find('\n', kept); end != std::string_view::npos; end = rest.find('\n')) {
      FLOTSAM_TRY(use(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    if (rest.size() > kLineMax)
      return fail(ErrorCode::corrupt,
                  fmt::format("{} has a line that is longer than any of a log", in_quotes(path.native())));
    buffer.erase(0, buffer.size() - rest.size());
  }
  return true;
}

}  // namespace flotsam
