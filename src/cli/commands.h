#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.h"

namespace flotsam::cli {

class Session;

/// One flag of the command line: a row of a command's table.
struct Flag {
  std::string_view names;       ///< "-c,--config"
  std::string_view value = {};  ///< "FILE"; empty: a switch
  std::string_view help = {};
  bool repeatable = false;
};

struct Example {
  std::string_view line;
  std::string_view meaning;
};

/// One command: what it is called, what it takes, and what runs it. Help, man pages and completion follow
/// this table.
struct Command {
  std::string_view name;
  std::string_view argument;  ///< "PLAN", "[COMMAND]", or empty: none
  std::string_view summary;   ///< one line
  std::vector<Flag> flags;    ///< beside the common ones
  std::vector<Example> examples;
  std::string_view exit_codes;  ///< "0, 1, 2", explained in help
  int (*run)(Session& session) = nullptr;
};

const std::vector<Command>& all_commands();
/// Flags that every command takes.
const std::vector<Flag>& common_flags();
/// The command of this name; nullptr where there is none.
const Command* command_of(std::string_view name);

std::string help_of(const Command& command);
std::string help_of_program();
/// "0.1.0"
std::string_view version();
/// "flotsam 0.1.0\n"
std::string version_line();

// One function a command, in its own file.
Command apply_command();
Command check_command();
Command help_command();
Command history_command();
Command purge_command();
Command rescue_command();
Command scan_command();
Command show_command();
Command undo_command();
Command unlock_command();
Command version_command();

}  // namespace flotsam::cli
