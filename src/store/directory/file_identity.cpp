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

Object object_of_file(const Key& key, const struct stat& status) {
  Object object{key, static_cast<std::uint64_t>(status.st_size), file_time_of(status), {}, {}};
  append_file_etag(status, object.etag);
  return object;
}

bool is_object(const struct stat& status, const Object& object) {
  if (!S_ISREG(status.st_mode)) return false;
  const Object now = object_of_file(object.key, status);
  const auto seconds_of = [](const std::optional<Timestamp>& time) {
    return time ? std::optional(std::chrono::floor<std::chrono::seconds>(*time)) : std::nullopt;
  };
  return now.etag == object.etag && now.size_bytes == object.size_bytes &&
         seconds_of(now.last_modified) == seconds_of(object.last_modified);
}

bool is_moved_file(const struct stat& status, std::string_view etag) {
  if (!S_ISREG(status.st_mode)) return false;
  std::string now;
  append_file_etag(status, now);
  const auto lasting_part_of = [](std::string_view text) {
    std::size_t end = 0;
    for (int dots = 0; dots < 4; ++dots) {
      end = text.find('.', dots == 0 ? 0 : end + 1);
      if (end == std::string_view::npos) return std::string_view();
    }
    return text.substr(0, end);
  };
  return !lasting_part_of(etag).empty() && lasting_part_of(etag) == lasting_part_of(now);
}

}  // namespace flotsam
