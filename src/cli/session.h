#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/log_sink.h"
#include "cli/progress_sink.h"
#include "config/config.h"
#include "report/html_report.h"
#include "report/report.h"
#include "workflow/scan_workflow.h"

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
  /// Says which settings have no effect yet.
  void warn_of_later_features(const Config& config);
  /// Progress as the flags want it. It wipes itself at the end of its scope.
  std::unique_ptr<Progress> progress();
  /// What a workflow needs, over this command line's world; `progress` must outlive it.
  World world(Progress& progress);
  TextStyle text_style() const;
  HtmlOptions html_options() const;
  /// The style of what a person is shown on stderr before a question.
  TextStyle question_style() const;
  /// True where a person can be asked: stdin and stderr are a terminal.
  bool may_ask() const { return io_.in_is_terminal && io_.err_is_terminal && io_.read_line; }
  /// Writes `text` to stderr as it is and returns the line that is typed next; nothing where there is none.
  std::optional<std::string> ask(std::string_view text);
  /// From now on the first interrupt says on stderr what it does: a run that writes does not end at once.
  void announce_interrupt();
  /// A path of the command line: relative ones count from the working folder.
  std::filesystem::path path_of(const std::string& text) const;

  /// Writes the error and returns the exit code that goes with it.
  int fail(const Error& error);
  /// The same for an error of a workflow that deletes, restores or unlocks: 4, 6 and 7 as well.
  int fail_run(Error error);
  /// Writes a usage mistake and returns kUsage.
  int misused(std::string_view command, std::string_view sentence);

 private:
  bool is_dumb_terminal() const;
  TextStyle style_for(bool is_terminal) const;
  Io& io_;
  ErrorStream& stream_;
  LogSink& log_;
  ParsedFlags flags_;
};

/// SPEC §3: invalid_argument is 2, interrupted 130, everything else 1.
int exit_code_of(const Error& error);

}  // namespace flotsam::cli
