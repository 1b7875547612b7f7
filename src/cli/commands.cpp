#include "cli/commands.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/flags.h"

namespace flotsam::cli {
namespace {

constexpr std::size_t kHelpWidth = 80;

/// `text` in lines of the help's width; all but the first begin with `indent` blanks, and `used` columns of
/// the first are taken.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t used) {
  std::string out;
  std::size_t column = used;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > indent && column + 1 + word.size() > kHelpWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

/// A row of two columns: what is written, and what it means.
std::string row_of(std::string_view left, std::string_view right, std::size_t indent) {
  std::string out = fmt::format("  {:<{}}", left, indent - 2);
  if (out.size() > indent) {
    out += "\n" + std::string(indent, ' ');
  }
  return out + wrapped(right, indent, indent);
}

std::string flag_text(const Flag& flag) {
  std::string names;
  for (const char c : flag.names) names += c == ',' ? std::string(", ") : std::string(1, c);
  return flag.value.empty() ? names : fmt::format("{} {}", names, flag.value);
}

std::string flag_rows(const std::vector<Flag>& flags) {
  std::string out;
  for (const Flag& flag : flags) out += row_of(flag_text(flag), flag.help, 28);
  return out;
}

std::string example_rows(const std::vector<Example>& examples) {
  std::string out;
  for (const Example& example : examples)
    out += fmt::format("  {}\n      {}", example.line, wrapped(example.meaning, 6, 6));
  return out;
}

}  // namespace

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kCommands = {
      scan_command(),    show_command(),   apply_command(), undo_command(), rescue_command(), purge_command(),
      history_command(), unlock_command(), check_command(), help_command(), version_command()};
  return kCommands;
}

const std::vector<Flag>& common_flags() {
  static const std::vector<Flag> kFlags = {
      {"-c,--config", "FILE", "The configuration; default $FLOTSAM_CONFIG, then ./flotsam.toml."},
      {"--set", "NAME=VALUE",
       "One setting, stronger than environment and file; repeatable. Lists are TOML arrays.", true},
      {"--json", "", "Results on stdout as one JSON object."},
      {"-q,--quiet", "", "No progress and no warnings; a report is its verdict and its refusals only."},
      {"-v,--verbose", "", "Say more on stderr; twice: everything."},
      {"--color", "WHEN", "auto, always or never; default auto: on a terminal, unless NO_COLOR is set."},
      {"--no-progress", "", "No progress on stderr."},
      {"--log-format", "FORMAT", "text or json: how stderr is written; default text."},
      {"-h,--help", "", "This help."},
  };
  return kFlags;
}

const Command* command_of(std::string_view name) {
  for (const Command& command : all_commands())
    if (command.name == name) return &command;
  return nullptr;
}

std::string help_of(const Command& command) {
  std::string out =
      "flotsam " + std::string(command.name) + ": " + std::string(command.summary) + "\n\nExamples:\n";
  out += example_rows(command.examples);
  out += fmt::format("\nUsage: flotsam {}{}{} [FLAGS]\n", command.name, command.argument.empty() ? "" : " ",
                     command.argument);
  if (!command.flags.empty()) out += "\nFlags:\n" + flag_rows(command.flags);
  out += "\nCommon flags:\n" + flag_rows(common_flags());
  out += "\nExit codes:\n  " + wrapped(command.exit_codes, 2, 2);
  return out;
}

std::string help_of_program() {
  std::string out =
      "flotsam finds the objects of a store that no reference of a database needs,\n"
      "shows everything that a person needs to judge whether that is true, and removes\n"
      "what a person approved in a way that can be undone.\n\nUsage: flotsam COMMAND [FLAGS]\n\nCommands:\n";
  for (const Command& command : all_commands())
    out += row_of(fmt::format("{}{}{}", command.name, command.argument.empty() ? "" : " ", command.argument),
                  command.summary, 20);
  out += "\nCommon flags:\n" + flag_rows(common_flags());
  out += row_of("--version", "The version.", 28);
  out +=
      "\nExamples:\n  flotsam scan\n      Look, judge, and write a plan; ./flotsam.toml says what and "
      "where.\n"
      "  flotsam apply PLAN --expect 15\n      Delete the 15 objects of that plan, as far as they still are "
      "orphans.\n"
      "  flotsam undo JOURNAL\n      Bring them back.\n"
      "  flotsam scan --help\n      All flags of a command.\n\n"
      "The configuration is described in flotsam.toml(5).\n";
  return out;
}

std::string_view version() {
  return FLOTSAM_VERSION;
}

std::string version_line() {
  return fmt::format("flotsam {}\n", version());
}

}  // namespace flotsam::cli
