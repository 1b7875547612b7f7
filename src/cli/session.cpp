#include "cli/session.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "workflow/apply_workflow.h"

namespace flotsam::cli {
namespace {

/// The locale of characters by POSIX: the first of these that is set and not empty.
bool is_utf8_locale(const Environment& environment) {
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = environment.get(name);
    if (!value || value->empty()) continue;
    const std::string lower = to_ascii_lower(*value);
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

int exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_argument:
      return kUsage;
    case ErrorCode::interrupted:
      return kInterrupted;
    default:
      return kFailed;
  }
}

Result<void> Session::take(ParsedFlags flags) {
  flags_ = std::move(flags);
  const auto check = [&](std::string_view flag,
                         std::initializer_list<std::string_view> known) -> Result<void> {
    if (!flags_.has(flag)) return {};
    const std::string value = flags_.value(flag);
    std::string list;
    for (const std::string_view word : known) {
      if (value == word) return {};
      list += fmt::format("{}{}", list.empty() ? "" : ", ", word);
    }
    return flotsam::fail(ErrorCode::invalid_argument,
                         fmt::format("{} {} is none of {}", flag, in_quotes(value), list));
  };
  FLOTSAM_TRY(check("--log-format", {"text", "json"}));
  if (flags_.value("--log-format") == "json") log_.set_format(LogFormat::json);
  FLOTSAM_TRY(check("--color", {"auto", "always", "never"}));
  if (flags_.has("--config") && flags_.value("--config").empty())
    return flotsam::fail(ErrorCode::invalid_argument, "--config names no file");
  const std::size_t verbosity = flags_.count("--verbose");
  log_.set_level(flags_.has("--quiet") ? LogLevel::error
                 : verbosity > 1       ? LogLevel::debug
                 : verbosity == 1      ? LogLevel::info
                                       : LogLevel::warning);
  return {};
}

std::optional<Config> Session::load() {
  ConfigInputs inputs;
  if (flags_.has("--config")) inputs.file = flags_.value("--config");
  inputs.assignments = flags_.values("--set");
  inputs.environment = &io_.environment;
  inputs.working_folder = io_.working_folder;
  inputs.machine_memory_bytes = io_.machine_memory_bytes;
  auto config = load_config(inputs);
  if (config) return *std::move(config);
  log_.problems(config.error());
  return std::nullopt;
}

void Session::warn_of_later_features(const Config& config) {
  if (!config.notify.url.empty()) log_.warn("notify.url is set, but this version sends no notifications");
  if (config.notify.metrics_file) log_.warn("notify.metrics_file is set, but this version writes no metrics");
}

bool Session::is_dumb_terminal() const {
  return io_.environment.get("TERM") == "dumb";
}

std::unique_ptr<Progress> Session::progress() {
  if (flags_.has("--quiet") || flags_.has("--no-progress")) return std::make_unique<NullProgress>();
  ProgressSink::Options options;
  options.terminal = io_.err_is_terminal && !is_dumb_terminal() && flags_.value("--log-format") != "json";
  options.width = io_.width;
  return std::make_unique<ProgressSink>(stream_, log_, *io_.clock, options);
}

World Session::world(Progress& progress) {
  World world;
  world.environment = &io_.environment;
  world.clock = io_.clock;
  world.log = &log_;
  world.progress = &progress;
  world.cancel = io_.cancel;
  world.hash_seed = io_.hash_seed;
  world.on_step = io_.on_step;
  return world;
}

TextStyle Session::text_style() const {
  return style_for(io_.out_is_terminal);
}

TextStyle Session::question_style() const {
  return style_for(io_.err_is_terminal);
}

TextStyle Session::style_for(bool is_terminal) const {
  TextStyle style;
  style.width = io_.width;
  style.unicode = is_utf8_locale(io_.environment);
  style.quiet = flags_.has("--quiet");
  style.config_path = flags_.value("--config");
  const std::string color = flags_.value("--color");
  const auto no_color = io_.environment.get("NO_COLOR");
  style.colour = color == "always" ||
                 (color != "never" && is_terminal && !is_dumb_terminal() && (!no_color || no_color->empty()));
  return style;
}

HtmlOptions Session::html_options() const {
  HtmlOptions options;
  options.version = version();
  options.config_path = flags_.value("--config");
  return options;
}

std::filesystem::path Session::path_of(const std::string& text) const {
  return (io_.working_folder / std::filesystem::path(text)).lexically_normal();
}

int Session::fail(const Error& error) {
  log_.error(error);
  return exit_code_of(error);
}

int Session::fail_run(Error error) {
  const int code = exit_code_of_run(error);
  // Names of ours, for exit codes; no service sent them.
  for (const std::string_view own : {"Plan", "Guard", "Expect", "Locked", "LockLost"})
    if (error.service_code == own) error.service_code.clear();
  log_.error(error);
  return code;
}

std::optional<std::string> Session::ask(std::string_view text) {
  stream_.wipe();
  io_.err(text);
  auto line = io_.read_line();
  if (!line) io_.err("\n");  // what comes next begins a line of its own
  return line;
}

void Session::announce_interrupt() {
  if (io_.on_interrupt)
    io_.on_interrupt(
        log_.warning_line("interrupted: stopping at the next safe point, after the batch in flight; a second "
                          "interrupt ends at once"));
}

int Session::misused(std::string_view command, std::string_view sentence) {
  log_.usage(fmt::format("flotsam {}: {}", command, sentence),
             fmt::format("See: flotsam {} --help", command));
  return kUsage;
}

}  // namespace flotsam::cli
