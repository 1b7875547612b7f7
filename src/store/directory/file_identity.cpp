#include "store/directory/file_identity.h"

#include <cstdint>
#include <limits>

namespace flotsam {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

void append_hex(std::uint64_t value, std::string& out) {
  char digits[16];
  std::size_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value & 15U];
    value >>= 4U;
  } while (value != 0);
  while (count > 0) out += digits[--count];
}

void append_time(const timespec& time, std::string& out) {
  out += '.';
  append_hex(static_cast<std::uint64_t>(time.tv_sec), out);
  out += '.';
  append_hex(static_cast<std::uint64_t>(time.tv_nsec), out);
}

bool is_later(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

}  // namespace

std::optional<Timestamp> file_time_of(const struct stat& status) {
  const timespec& time = is_later(status.st_mtim, status.st_ctim) ? status.st_mtim : status.st_ctim;
  if (time.tv_sec > kSecondsMax || time.tv_sec < -kSecondsMax) return std::nullopt;
  return Timestamp(std::chrono::nanoseconds(time.tv_sec * kNanosecondsPerSecond + time.tv_nsec));
}

void append_file_etag(const struct stat& status, std::string& out) {
  append_hex(status.st_ino, out);
  out += '.';
  append_hex(static_cast<std::uint64_t>(status.st_size), out);
  append_time(status.st_mtim, out);
  append_time(status.st_ctim, out);
}

}  // namespace flotsam
