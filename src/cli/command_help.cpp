#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/session.h"

namespace flotsam::cli {
namespace {

int run_help_command(Session& session) {
  const auto& arguments = session.flags().arguments();
  if (arguments.empty()) {
    session.out(help_of_program());
    return kDone;
  }
  const Command* command = command_of(arguments.front());
  if (command == nullptr)
    return session.misused("help", fmt::format("there is no command {}", in_quotes(arguments.front())));
  session.out(help_of(*command));
  return kDone;
}

int run_version_command(Session& session) {
  session.out(version_line());
  return kDone;
}

}  // namespace

Command help_command() {
  return {
      .name = "help",
      .argument = "[COMMAND]",
      .summary = "what there is, or all about one command",
      .flags = {},
      .examples = {{"flotsam help", "The commands."},
                   {"flotsam help scan", "The flags and examples of one."}},
      .exit_codes = "0 done; 2 usage.",
      .run = run_help_command,
  };
}

Command version_command() {
  return {
      .name = "version",
      .argument = "",
      .summary = "the version of this program",
      .flags = {},
      .examples = {{"flotsam version", "One line, also with flotsam --version."}},
      .exit_codes = "0 done; 2 usage.",
      .run = run_version_command,
  };
}

}  // namespace flotsam::cli
