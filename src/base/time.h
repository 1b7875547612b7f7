#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace flotsam {

/// A moment in UTC with the resolution of a file system. Good for the years 1678 to 2261.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;
using Seconds = std::chrono::seconds;

/// The only source of "now". A test holds it still.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The wall clock, for dates.
  virtual Timestamp now() const = 0;
  /// Time that never goes back, for durations and deadlines; its zero means nothing.
  virtual std::chrono::nanoseconds monotonic() const = 0;
  /// Blocks for so long. A test's clock only moves forward.
  virtual void sleep_for(std::chrono::nanoseconds duration) = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::nanoseconds monotonic() const override;
  void sleep_for(std::chrono::nanoseconds duration) override;
};

/// A clock that moves only when it is told to (sleep_for moves it, too). Not for several threads.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  Timestamp now() const override { return now_; }
  std::chrono::nanoseconds monotonic() const override { return now_.time_since_epoch(); }
  void sleep_for(std::chrono::nanoseconds duration) override { now_ += duration; }
  void set(Timestamp moment) { now_ = moment; }

 private:
  Timestamp now_;
};

/// RFC 3339 in UTC with whole seconds: "2026-11-16T06:41:02Z".
std::string to_rfc3339(Timestamp moment);
/// The same with nanoseconds where they are not zero: the identity of an object in a plan.
std::string to_rfc3339_exact(Timestamp moment);
/// RFC 3339 / the ISO form that S3 sends: date, T, time, optional fraction (1–9 digits), then Z or an offset.
/// Strict: a date that does not exist, or no offset, is an error.
Result<Timestamp> parse_rfc3339(std::string_view text);
/// An HTTP date (RFC 9110, IMF-fixdate): "Tue, 24 Nov 2026 14:25:45 GMT".
Result<Timestamp> parse_http_date(std::string_view text);

/// A duration of SPEC §2: digits and one of s m h d w ("7d", "90s"); several parts are allowed ("1h30m").
/// "0s" is a duration, "0" is not.
Result<Seconds> parse_duration(std::string_view text);
/// A size of SPEC §2: bytes, or a whole number and KiB, MiB, GiB, TiB, with or without a blank ("512MiB";
/// "512MB" and the like are read as powers of 1,024, too: nobody who sizes memory means less).
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace flotsam
