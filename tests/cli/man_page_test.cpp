#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "config/config.h"
#include "model/key_template.h"

namespace flotsam::test {
namespace {

std::filesystem::path page(const std::string& name) {
  return std::filesystem::path(FLOTSAM_SOURCE_DIR) / "man" / name;
}

/// A text as roff takes it literally.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += "\\&";
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string flag_entries(const std::vector<cli::Flag>& flags) {
  std::string out;
  for (const cli::Flag& flag : flags) {
    std::string names;
    for (const char c : flag.names)
      names += c == ',' ? std::string("\\fR, \\fB") : c == '-' ? "\\-" : std::string(1, c);
    out += ".TP\n\\fB" + names + "\\fR" + (flag.value.empty() ? "" : " \\fI" + roff(flag.value) + "\\fR") +
           "\n" + roff(flag.help) + "\n";
  }
  return out.empty() ? "None beside these.\n" : out;
}

std::string example_entries(const std::vector<cli::Example>& examples) {
  std::string out;
  for (const cli::Example& example : examples)
    out += ".TP\n\\fB" + roff(example.line) + "\\fR\n" + roff(example.meaning) + "\n";
  return out;
}

std::string setting_entries() {
  std::string out;
  std::string section = "?";
  for (const SettingInfo& setting : all_settings()) {
    const std::size_t dot = setting.name.find('.');
    const std::string here = dot == std::string::npos ? std::string() : setting.name.substr(0, dot);
    if (here != section) {
      section = here;
      out += section.empty()
                 ? ".SH SETTINGS AT THE TOP\n"
                 : ".SH SETTINGS IN " +
                       (section == "references" ? std::string("[[references]]") : "[" + section + "]") + "\n";
    }
    out += ".TP\n\\fB" + roff(dot == std::string::npos ? setting.name : setting.name.substr(dot + 1)) +
           "\\fR (" + roff(setting.type) + (setting.range.empty() ? "" : ", " + roff(setting.range)) +
           (setting.default_text.empty() ? "" : ", default " + roff(setting.default_text)) + ")\n" +
           roff(setting.help) + "\n";
  }
  return out;
}

std::string filter_entries() {
  std::string out;
  for (const FilterInfo& filter : all_filters())
    out += ".TP\n\\fB|" + roff(filter.name) + roff(filter.arguments) + "\\fR\n" + roff(filter.help) + "\n";
  return out;
}

/// Compares what stands between the two marks of a page with what the tables give, or writes it there.
void expect_region(const std::string& file, const std::string& mark, const std::string& text) {
  const std::string content = content_of(page(file));
  const std::string begin = ".\\\" " + mark + ": begin\n";
  const std::string end = ".\\\" " + mark + ": end\n";
  const std::size_t from = content.find(begin);
  const std::size_t to = content.find(end);
  ASSERT_NE(from, std::string::npos) << file << " has no mark " << begin;
  ASSERT_NE(to, std::string::npos) << file << " has no mark " << end;
  expect_equals_file(content.substr(0, from) + begin + text + content.substr(to), page(file));
}

TEST(ManPages, NameEveryCommand) {
  std::string text;
  for (const cli::Command& command : cli::all_commands())
    text += ".TP\n\\fB" + std::string(command.name) + "\\fR" +
            (command.argument.empty() ? "" : " \\fI" + roff(command.argument) + "\\fR") + "\n" +
            roff(command.summary) + ".\n";
  expect_region("flotsam.1", "commands", text);
}

TEST(ManPages, NameEveryCommonFlag) {
  expect_region("flotsam.1", "common flags", flag_entries(cli::common_flags()));
}

TEST(ManPages, NameEveryFlagExampleAndExitCodeOfACommand) {
  for (const cli::Command& command : cli::all_commands()) {
    const std::string name(command.name);
    if (name == "help" || name == "version") continue;  // flotsam(1) says all there is
    const std::string file = "flotsam-" + name + ".1";
    expect_region(file, "flags of " + name, flag_entries(command.flags));
    expect_region(file, "exit codes of " + name, roff(command.exit_codes) + "\n");
    expect_region(file, "examples of " + name, example_entries(command.examples));
  }
}

TEST(ManPages, NameEverySettingWithItsDefault) {
  expect_region("flotsam.toml.5", "settings", setting_entries());
}

TEST(ManPages, NameEveryFilter) {
  expect_region("flotsam.toml.5", "filters", filter_entries());
}

}  // namespace
}  // namespace flotsam::test
