#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/session.h"

namespace flotsam::cli {
namespace {

/// Commands of SPEC §3 that come with later versions.
constexpr std::string_view kLaterCommands[] = {"init", "explain"};

/// A command line cut at the command's name; common flags may stand before it.
struct CommandLine {
  std::string name;
  std::vector<std::string> args;
};

bool takes_value(const std::string& arg) {
  for (const Flag& flag : common_flags()) {
    if (flag.value.empty()) continue;
    if (arg == long_name_of(flag)) return true;
    if (flag.names.find(',') != std::string_view::npos && arg == flag.names.substr(0, flag.names.find(',')))
      return true;
  }
  return false;
}

CommandLine cut(const std::vector<std::string>& args) {
  CommandLine line;
  std::size_t at = 0;
  while (at < args.size() && args[at].starts_with('-')) at += takes_value(args[at]) ? 2U : 1U;
  at = std::min(at, args.size());
  line.args.assign(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(at));
  if (at == args.size()) return line;
  line.name = args[at];
  line.args.insert(line.args.end(), args.begin() + static_cast<std::ptrdiff_t>(at) + 1, args.end());
  return line;
}

/// The log's format before flags are parsed, so that usage mistakes come in it, too.
bool wants_json_log(const std::vector<std::string>& args) {
  for (std::size_t i = 0; i < args.size(); ++i)
    if (args[i] == "--log-format=json" ||
        (args[i] == "--log-format" && i + 1 < args.size() && args[i + 1] == "json"))
      return true;
  return false;
}

int unknown_command(LogSink& log, const std::string& name) {
  if (std::find(std::begin(kLaterCommands), std::end(kLaterCommands), name) != std::end(kLaterCommands)) {
    log.usage(fmt::format("flotsam {} is not in this version", name), "See: flotsam --help");
    return kUsage;
  }
  std::vector<std::string> known;
  for (const Command& command : all_commands()) known.emplace_back(command.name);
  for (const std::string_view later : kLaterCommands) known.emplace_back(later);
  const std::string nearest = nearest_of(name, known);
  log.usage(fmt::format("there is no command {}{}", in_quotes(name),
                        nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest)),
            "See: flotsam --help");
  return kUsage;
}

int run_without_command(Io& io, LogSink& log, const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    if (arg == "--help" || arg == "-h") {
      io.out(help_of_program());
      return kDone;
    }
    if (arg == "--version" || arg == "-V") {
      io.out(version_line());
      return kDone;
    }
  }
  if (args.empty()) {
    io.err(help_of_program());
  } else {
    log.usage(fmt::format("no command in {}", in_quotes(fmt::format("flotsam {}", fmt::join(args, " ")))),
              "See: flotsam --help");
  }
  return kUsage;
}

}  // namespace

int run(const std::vector<std::string>& args, Io& io) {
  CHECK(io.out && io.err && io.clock != nullptr && io.cancel != nullptr);
  ErrorStream stream(io.err);
  LogSink log(stream, *io.clock);
  if (wants_json_log(args)) log.set_format(LogFormat::json);
  const CommandLine line = cut(args);
  if (line.name.empty()) return run_without_command(io, log, args);
  const Command* command = command_of(line.name);
  if (command == nullptr) return unknown_command(log, line.name);

  Session session(io, stream, log);
  auto flags = parse_flags(*command, line.args);
  if (!flags) return session.misused(command->name, flags.error().message);
  if (flags->has("--help")) {
    io.out(help_of(*command));
    return kDone;
  }
  if (const auto taken = session.take(*std::move(flags)); !taken)
    return session.misused(command->name, taken.error().message);
  return command->run(session);
}

}  // namespace flotsam::cli
