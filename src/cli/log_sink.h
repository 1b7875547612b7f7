#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "cli/error_stream.h"
#include "config/config.h"

namespace flotsam::cli {

enum class LogFormat { text, json };

/// The log of a command line on stderr: one line of text, or one JSON object a line, each escaped and without
/// secrets. Callable from several threads.
class LogSink final : public Log {
 public:
  LogSink(ErrorStream& stream, const Clock& clock) : stream_(stream), clock_(clock) {}
  void set_format(LogFormat format) { format_ = format; }
  /// Lines above this level are dropped. Errors are always written.
  void set_level(LogLevel level) { level_ = level; }

  void write(LogLevel level, std::string_view line) override;
  /// A line that is written at any level: progress where stderr is no terminal.
  void note(std::string_view line);
  /// A warning as write() would write it, without a time: for a moment that is not there yet.
  std::string warning_line(std::string_view text) const;
  /// Why a command failed, with context and what to do next.
  void error(const Error& error);
  /// A usage mistake: its sentence, and where help is.
  void usage(std::string_view sentence, std::string_view help);
  /// One line a problem, as compilers write them.
  void problems(const std::vector<ConfigProblem>& problems);

 private:
  std::string start_of_json(LogLevel level) const;
  ErrorStream& stream_;
  const Clock& clock_;
  LogFormat format_ = LogFormat::text;
  LogLevel level_ = LogLevel::warning;
};

/// Bytes as a JSON string in quotes: control, bidi and invisible characters as \uXXXX, bytes that are not
/// UTF-8 as \xNN.
std::string json_string(std::string_view bytes);

}  // namespace flotsam::cli
