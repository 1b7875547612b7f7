#include "scan/dangling_keys.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>

#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::size_t kBufferBytes = 1U << 20U;

struct Header {
  std::uint32_t source = 0;
  std::uint32_t size = 0;
};

}  // namespace

Result<NeededKeySpool> NeededKeySpool::create(const std::filesystem::path& folder) {
  NeededKeySpool spool(folder);
  FLOTSAM_ASSIGN(spool.file_, open_unlinked_file(folder));
  return spool;
}

void NeededKeySpool::add(std::uint32_t source, std::string_view key) {
  const Header header{source, static_cast<std::uint32_t>(key.size())};
  buffer_.append(reinterpret_cast<const char*>(&header), sizeof header);
  buffer_.append(key);
  if (buffer_.size() >= kBufferBytes) flush();
}

void NeededKeySpool::flush() {
  if (!failed_) {
    if (auto written = write_all(file_.get(), buffer_, folder_); !written)
      failed_ = std::move(written).error().with_context(
          "while keeping the needed keys for the list of dangling ones");
    else
      written_ += buffer_.size();
  }
  buffer_.clear();
}

Result<void> NeededKeySpool::for_each(
    const std::function<Result<void>(std::uint32_t source, std::string_view key)>& use) {
  flush();
  if (failed_) return std::unexpected(*failed_);
  std::string block;
  std::uint64_t offset = 0;
  std::size_t have = 0;
  while (offset + have < written_ || have > 0) {
    block.resize(std::max(block.size(), have + kBufferBytes));
    FLOTSAM_ASSIGN(const std::size_t got,
                   read_at(file_.get(), block.data() + have, block.size() - have, offset + have));
    have += got;
    std::size_t used = 0;
    Header header;
    while (have - used >= sizeof header) {
      std::memcpy(&header, block.data() + used, sizeof header);
      if (have - used - sizeof header < header.size) break;
      FLOTSAM_TRY(use(header.source, std::string_view(block).substr(used + sizeof header, header.size)));
      used += sizeof header + header.size;
    }
    if (used == 0 && got == 0)
      return fail(ErrorCode::corrupt, "the temporary file of needed keys ends in mid-key");
    std::memmove(block.data(), block.data() + used, have - used);
    offset += used;
    have -= used;
  }
  return {};
}

Result<void> SortedKeys::add(std::uint32_t source, std::string_view key) {
  entries_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size()), source});
  bytes_.append(key);
  if (bytes_.size() + entries_.size() * sizeof(Entry) <= memory_bytes_) return {};
  compact();
  // Compacting again and again is quadratic: three quarters must be enough.
  if (bytes_.size() + entries_.size() * sizeof(Entry) <= memory_bytes_ / 4 * 3) return {};
  return fail(ErrorCode::refused,
              fmt::format("the dangling keys do not fit into {} of memory, so they cannot be listed in order",
                          to_human_bytes(memory_bytes_)),
              "raise memory at the top of the configuration, or scan without --list dangling=");
}

void SortedKeys::compact() {
  const std::string_view all = bytes_;
  const auto key_of = [&](const Entry& entry) { return all.substr(entry.offset, entry.size); };
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    const int order = key_of(a).compare(key_of(b));
    return order != 0 ? order < 0 : a.source < b.source;
  });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [&](const Entry& a, const Entry& b) {
                               return a.source == b.source && key_of(a) == key_of(b);
                             }),
                 entries_.end());
  std::string kept;
  for (Entry& entry : entries_) {
    const std::string_view key = key_of(entry);
    entry.offset = kept.size();
    kept.append(key);
  }
  bytes_ = std::move(kept);
}

Result<void> SortedKeys::for_each(
    const std::function<Result<void>(std::uint32_t source, std::string_view key)>& use) {
  compact();
  for (const Entry& entry : entries_)
    FLOTSAM_TRY(use(entry.source, std::string_view(bytes_).substr(entry.offset, entry.size)));
  return {};
}

}  // namespace flotsam
