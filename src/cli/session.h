#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/log_sink.h"
#include "cli/progress_sink.h"
#include "config/config.h"
#include "report/report.h"

namespace flotsam::cli {

/// One command line while it runs: its world, its flags, its log. What every command shares.
class Session {
 public:
  Session(Io& io, ErrorStream& stream, LogSink& log) : io_(io), stream_(stream), log_(log) {}

  /// Takes the parsed flags and sets the log up. Errors: invalid_argument for a value that a common flag does
  /// not know.
  Result<void> take(ParsedFlags flags);

  Io& io() { return io_; }
  const ParsedFlags& flags() const { return flags_; }
  LogSink& log() { return log_; }
  void out(std::string_view text) { io_.out(text); }

  /// The configuration, or nothing after its problems were written (then the command returns kUsage).
  std::optional<Config> load();
  /// Progress as the flags want it. It wipes itself at the end of its scope.
  std::unique_ptr<Progress> progress();
  TextStyle text_style() const;
  /// A path of the command line: relative ones count from the working folder.
  std::filesystem::path path_of(const std::string& text) const;

  /// Writes the error and returns the exit code that goes with it.
  int fail(const Error& error);
  /// Writes a usage mistake and returns kUsage.
  int misused(std::string_view command, std::string_view sentence);

 private:
  bool is_dumb_terminal() const;
  Io& io_;
  ErrorStream& stream_;
  LogSink& log_;
  ParsedFlags flags_;
};

/// SPEC §3: invalid_argument is 2, interrupted 130, everything else 1.
int exit_code_of(const Error& error);

}  // namespace flotsam::cli
