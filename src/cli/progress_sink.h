#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/progress.h"
#include "base/time.h"
#include "cli/log_sink.h"

namespace flotsam::cli {

/// Progress on stderr. On a terminal one line that is drawn again and again (phase, count, rate, time left),
/// else a line each 30 seconds. Callable from several threads; advance() adds and looks at the clock.
class ProgressSink final : public Progress {
 public:
  struct Options {
    bool terminal = false;  ///< may rewrite a line
    unsigned width = 80;
  };
  ProgressSink(ErrorStream& stream, LogSink& log, const Clock& clock, Options options)
      : stream_(stream), log_(log), clock_(clock), options_(options) {}
  ~ProgressSink() override { finish(); }

  void phase(std::string_view name, std::string_view unit, std::optional<std::uint64_t> total) override;
  void advance(std::uint64_t count) override;
  /// Wipes the line; to be called before results are printed.
  void finish();

 private:
  std::chrono::nanoseconds interval() const;
  std::string text_locked(std::chrono::nanoseconds now) const;
  void show_locked(std::chrono::nanoseconds now);

  ErrorStream& stream_;
  LogSink& log_;
  const Clock& clock_;
  const Options options_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> next_ns_{0};  ///< monotonic time of the next showing
  std::mutex mutex_;                      ///< guards what follows
  std::string name_, unit_;
  std::optional<std::uint64_t> total_;
  std::chrono::nanoseconds started_{0};
  bool is_running_ = false;
};

}  // namespace flotsam::cli
