#include "base/time.h"

#include <array>
#include <fmt/format.h>
#include <limits>
#include <thread>

#include "base/bytes.h"

namespace flotsam {
namespace {

using std::chrono::days;
using std::chrono::nanoseconds;

/// Reads a fixed number of digits at `at` and moves it; -1 where there are others.
int digits_at(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  at += count;
  return value;
}

bool literal_at(std::string_view text, std::size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}

std::optional<Timestamp> timestamp_of(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || year < 1678 || year > 2261 || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

/// The fraction behind a "." as nanoseconds, or -1.
std::int64_t fraction_at(std::string_view text, std::size_t& at) {
  std::int64_t value = 0;
  std::size_t count = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    if (++count > 9) return -1;
    value = value * 10 + (text[at++] - '0');
  }
  if (count == 0) return -1;
  for (; count < 9; ++count) value *= 10;
  return value;
}

/// "Z" or "+hh:mm" as what must be taken off to get UTC; nothing where it is neither.
std::optional<std::chrono::minutes> offset_at(std::string_view text, std::size_t& at) {
  if (literal_at(text, at, 'Z') || literal_at(text, at, 'z')) return std::chrono::minutes(0);
  const bool minus = at < text.size() && text[at] == '-';
  if (!minus && (at >= text.size() || text[at] != '+')) return std::nullopt;
  ++at;
  const int hours = digits_at(text, at, 2);
  if (!literal_at(text, at, ':')) return std::nullopt;
  const int minutes = digits_at(text, at, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(hours * 60 + minutes);
  return minus ? -offset : offset;
}

std::string format_time(Timestamp moment, bool exact) {
  const auto day = std::chrono::floor<days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<nanoseconds> time(moment - day);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 time.hours().count(), time.minutes().count(), time.seconds().count());
  if (exact && time.subseconds().count() != 0) {
    std::string fraction = fmt::format(".{:09}", time.subseconds().count());
    while (fraction.back() == '0') fraction.pop_back();
    text += fraction;
  }
  return text + "Z";
}

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
}
std::chrono::nanoseconds SystemClock::monotonic() const {
  return std::chrono::steady_clock::now().time_since_epoch();
}
void SystemClock::sleep_for(std::chrono::nanoseconds duration) {
  std::this_thread::sleep_for(duration);
}

std::string to_rfc3339(Timestamp moment) {
  return format_time(moment, false);
}
std::string to_rfc3339_exact(Timestamp moment) {
  return format_time(moment, true);
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is not a time like 2026-11-16T06:41:02Z (date, T, time, Z or an offset)",
                            in_quotes(text)));
  };
  std::size_t at = 0;
  const int year = digits_at(text, at, 4);
  const bool first = literal_at(text, at, '-');
  const int month = digits_at(text, at, 2);
  const bool second_dash = literal_at(text, at, '-');
  const int day = digits_at(text, at, 2);
  if (!first || !second_dash || year < 0 || month < 0 || day < 0) return bad();
  if (!literal_at(text, at, 'T') && !literal_at(text, at, 't') && !literal_at(text, at, ' ')) return bad();
  const int hour = digits_at(text, at, 2);
  const bool colon = literal_at(text, at, ':');
  const int minute = digits_at(text, at, 2);
  const bool second_colon = literal_at(text, at, ':');
  const int second = digits_at(text, at, 2);
  if (!colon || !second_colon || hour < 0 || minute < 0 || second < 0) return bad();
  std::int64_t fraction = 0;
  if (literal_at(text, at, '.')) fraction = fraction_at(text, at);
  const auto offset = offset_at(text, at);
  const auto moment = timestamp_of(year, month, day, hour, minute, second);
  if (fraction < 0 || !offset || !moment || at != text.size()) return bad();
  return *moment + nanoseconds(fraction) - *offset;
}

Result<Timestamp> parse_http_date(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::corrupt, fmt::format("{} is not an HTTP date", in_quotes(text)));
  };
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return bad();
  std::size_t at = 5;
  const int day = digits_at(text, at, 2);
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (text.substr(8, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  at = 12;
  const int year = digits_at(text, at, 4);
  at = 17;
  const int hour = digits_at(text, at, 2);
  at = 20;
  const int minute = digits_at(text, at, 2);
  at = 23;
  const int second = digits_at(text, at, 2);
  if (day < 0 || month == 0 || year < 0 || hour < 0 || minute < 0 || second < 0) return bad();
  if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return bad();
  const auto moment = timestamp_of(year, month, day, hour, minute, second);
  if (!moment) return bad();
  return *moment;
}

Result<Seconds> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is not a duration: write a number and s, m, h, d or w, like \"7d\"",
                            in_quotes(text)));
  };
  constexpr std::uint64_t kMost = 1000ULL * 366 * 86400;  // a thousand years
  std::uint64_t total = 0;
  std::size_t at = 0;
  if (text.empty()) return bad();
  while (at < text.size()) {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    const auto value = parse_unsigned(text.substr(start, at - start));
    if (!value || at >= text.size()) return bad();
    std::uint64_t unit = 0;
    switch (text[at++]) {
      case 's':
        unit = 1;
        break;
      case 'm':
        unit = 60;
        break;
      case 'h':
        unit = 3600;
        break;
      case 'd':
        unit = 86400;
        break;
      case 'w':
        unit = 7 * 86400;
        break;
      default:
        return bad();
    }
    if (*value > kMost / unit || total + *value * unit > kMost) return bad();
    total += *value * unit;
  }
  return Seconds(static_cast<std::int64_t>(total));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto bad = [&] {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} is not a size: write bytes, or a number and KiB, MiB, GiB or TiB", in_quotes(text)));
  };
  std::size_t at = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  const auto value = parse_unsigned(text.substr(0, at));
  if (!value) return bad();
  while (at < text.size() && text[at] == ' ') ++at;
  const std::string unit = to_ascii_lower(text.substr(at));
  unsigned shift = 64;
  if (unit.empty() || unit == "b") shift = 0;
  constexpr std::string_view kLetters = "kmgt";
  for (unsigned i = 0; i < kLetters.size(); ++i) {
    const std::string letter(1, kLetters[i]);
    if (unit == letter || unit == letter + "b" || unit == letter + "ib") shift = 10 * (i + 1);
  }
  if (shift == 64 || (shift > 0 && *value > (std::numeric_limits<std::uint64_t>::max() >> shift)))
    return bad();
  return *value << shift;
}

}  // namespace flotsam
