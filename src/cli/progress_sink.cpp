#include "cli/progress_sink.h"

#include <fmt/format.h>

#include "base/text.h"

namespace flotsam::cli {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kTerminalInterval = std::chrono::milliseconds(100);
constexpr nanoseconds kLineInterval = std::chrono::seconds(30);

std::string time_left(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {:02}m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace

nanoseconds ProgressSink::interval() const {
  return options_.terminal ? kTerminalInterval : kLineInterval;
}

void ProgressSink::phase(std::string_view name, std::string_view unit, std::optional<std::uint64_t> total) {
  const std::lock_guard lock(mutex_);
  name_ = name;
  unit_ = unit;
  total_ = total;
  count_ = 0;
  started_ = clock_.monotonic();
  is_running_ = true;
  next_ns_ = (started_ + interval()).count();
  if (options_.terminal) show_locked(started_);
}

void ProgressSink::advance(std::uint64_t count) {
  count_.fetch_add(count, std::memory_order_relaxed);
  const nanoseconds now = clock_.monotonic();
  if (now.count() < next_ns_.load(std::memory_order_relaxed)) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !is_running_ || now.count() < next_ns_.load()) return;
  next_ns_ = (now + interval()).count();
  show_locked(now);
}

void ProgressSink::finish() {
  const std::lock_guard lock(mutex_);
  is_running_ = false;
  stream_.wipe();
}

std::string ProgressSink::text_locked(nanoseconds now) const {
  const std::uint64_t count = count_.load(std::memory_order_relaxed);
  std::string text = fmt::format("{}: {}", name_, with_separators(count));
  if (total_ && *total_ > 0) text += fmt::format(" of {}", with_separators(*total_));
  text += fmt::format(" {}", unit_);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (seconds <= 0 || count == 0) return text;
  const double rate = static_cast<double>(count) / seconds;
  text += fmt::format(", {}/s", with_separators(static_cast<std::uint64_t>(rate)));
  if (total_ && *total_ > count && rate >= 1)
    text += fmt::format(", {} left",
                        time_left(static_cast<std::uint64_t>(static_cast<double>(*total_ - count) / rate)));
  return text;
}

void ProgressSink::show_locked(nanoseconds now) {
  std::string text = text_locked(now);
  if (!options_.terminal) return log_.note(text);
  const std::size_t width = options_.width > 1 ? options_.width - 1 : 1;
  if (text.size() > width) text.resize(width);
  stream_.draw(text);
}

}  // namespace flotsam::cli
