#pragma once

#include <string_view>

namespace flotsam {

enum class LogLevel { error, warning, info, debug };

/// Where rooms say what a person may want to know while they work. Every line is one sentence without a line
/// break; the receiver escapes and redacts. Callable from several threads.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view line) = 0;
  void warn(std::string_view line) { write(LogLevel::warning, line); }
  void info(std::string_view line) { write(LogLevel::info, line); }
  void debug(std::string_view line) { write(LogLevel::debug, line); }
};

/// Says nothing.
class NullLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view /*line*/) override {}
};

}  // namespace flotsam
