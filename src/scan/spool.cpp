#include "scan/spool.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::size_t kPartBytes = 4U << 20U;
// What a part may keep when all of them together have used up what is granted.
constexpr std::size_t kSmallPartBytes = 8U << 10U;

struct Header {
  std::uint64_t size_bytes = 0;
  std::int64_t nanoseconds = 0;
  std::uint32_t key_size = 0;
  std::uint32_t etag_size = 0;
  std::uint32_t version_size = 0;
  Verdict verdict = Verdict::orphan;
  bool disposable = false;
  bool has_time = false;
  std::uint8_t unused = 0;
};
static_assert(sizeof(Header) == 32);

void append(std::string& out, const Spool::Record& record) {
  const ObjectView& object = record.object;
  Header header;
  header.size_bytes = object.size_bytes;
  header.has_time = object.last_modified.has_value();
  if (object.last_modified) header.nanoseconds = object.last_modified->time_since_epoch().count();
  header.key_size = static_cast<std::uint32_t>(object.key.bytes().size());
  header.etag_size = static_cast<std::uint32_t>(object.etag.size());
  header.version_size = static_cast<std::uint32_t>(object.version_id.size());
  header.verdict = record.verdict;
  header.disposable = record.disposable;
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(object.key.bytes()).append(object.etag).append(object.version_id);
}

// Gives every record of a block to `use`; returns whether a verdict changed.
Result<bool> for_each_in(std::string& block, const std::function<Result<void>(Spool::Record&)>& use) {
  bool changed = false;
  std::size_t at = 0;
  while (at < block.size()) {
    Header header;
    CHECK(block.size() - at >= sizeof header);
    std::memcpy(&header, block.data() + at, sizeof header);
    std::string_view rest = std::string_view(block).substr(at + sizeof header);
    const auto take = [&](std::size_t size) {
      CHECK(rest.size() >= size);
      const std::string_view taken = rest.substr(0, size);
      rest.remove_prefix(size);
      return taken;
    };
    Spool::Record record;
    record.object.key = KeyView(take(header.key_size));
    record.object.etag = take(header.etag_size);
    record.object.version_id = take(header.version_size);
    record.object.size_bytes = header.size_bytes;
    if (header.has_time)
      record.object.last_modified = Timestamp(std::chrono::nanoseconds(header.nanoseconds));
    record.verdict = header.verdict;
    record.disposable = header.disposable;
    FLOTSAM_TRY(use(record));
    if (record.verdict != header.verdict) {
      header.verdict = record.verdict;
      std::memcpy(block.data() + at, &header, sizeof header);
      changed = true;
    }
    at = block.size() - rest.size();
  }
  return changed;
}

Result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset,
                      const std::filesystem::path& folder) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      Error error = error_of_errno(written < 0 ? errno : ENOSPC, "write a temporary file in", folder);
      error.hint = "free some space there, or set TMPDIR to a folder with more";
      return std::unexpected(std::move(error));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

}  // namespace

Spool::Part& Spool::open_part() {
  const std::lock_guard lock(mutex_);
  return parts_.emplace_back(*this);
}

Result<void> Spool::Part::add(const Record& record) {
  const std::size_t before = buffer_.size();
  append(buffer_, record);
  ++records_;
  const std::uint64_t buffered =
      spool_.buffered_.fetch_add(buffer_.size() - before, std::memory_order_relaxed) + buffer_.size() -
      before;
  const std::size_t limit = buffered > spool_.memory_bytes_ ? kSmallPartBytes : kPartBytes;
  if (buffer_.size() < limit) return {};
  return spool_.flush(*this);
}

Result<void> Spool::flush(Part& part) {
  {
    const std::lock_guard lock(mutex_);
    if (!file_.valid()) {
      FLOTSAM_ASSIGN(file_, open_unlinked_file(folder_));
    }
  }
  const std::uint64_t size = part.buffer_.size();
  const std::uint64_t offset = file_end_.fetch_add(size, std::memory_order_relaxed);
  FLOTSAM_TRY(write_at(file_.get(), part.buffer_, offset, folder_));
  part.extents_.push_back({offset, size});
  buffered_.fetch_sub(size, std::memory_order_relaxed);
  std::string().swap(part.buffer_);
  return {};
}

void Spool::seal(std::vector<Part*> order) {
  CHECK(order.size() == parts_.size());
  order_ = std::move(order);
}

Result<void> Spool::visit(const std::function<Result<bool>(std::string&)>& use, bool write_back) const {
  std::string block;
  for (Part* part : order_) {
    for (const Part::Extent& extent : part->extents_) {
      block.resize(extent.size);
      FLOTSAM_ASSIGN(const std::size_t got, read_at(file_.get(), block.data(), block.size(), extent.offset));
      if (got != block.size())
        return fail(ErrorCode::corrupt,
                    "the temporary file of unreferenced objects is shorter than what was written");
      FLOTSAM_ASSIGN(const bool changed, use(block));
      if (changed && write_back) FLOTSAM_TRY(write_at(file_.get(), block, extent.offset, folder_));
    }
    FLOTSAM_TRY(use(part->buffer_));
  }
  return {};
}

Result<void> Spool::for_each(const std::function<Result<void>(const Record&)>& use) const {
  return visit(
      [&](std::string& block) { return for_each_in(block, [&](Record& record) { return use(record); }); },
      false);
}

Result<void> Spool::revise(const std::function<Result<void>(Record&)>& use) {
  return visit([&](std::string& block) { return for_each_in(block, use); }, true);
}

}  // namespace flotsam
