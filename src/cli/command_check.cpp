#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/session.h"

namespace flotsam::cli {
namespace {

/// A TOML value as JSON. They are the same text but for bytes that JSON cannot write: then it comes as a
/// string of TOML.
std::string json_of_toml(const std::string& value) {
  if (value.empty()) return "null";
  for (std::size_t at = value.find('\\'); at != std::string::npos && at + 1 < value.size();
       at = value.find('\\', at + 2))
    if (value[at + 1] == 'U' || value[at + 1] == 'x') return json_string(value);
  return value;
}

std::string settings_as_json(const Config& config) {
  std::string out = "{\n  \"schema_version\": 1,\n  \"settings\": [";
  bool is_first = true;
  for (const ShownSetting& setting : config.shown) {
    out +=
        fmt::format("{}\n    {{\"name\": {}, \"value\": {}, \"origin\": {}}}", is_first ? "" : ",",
                    json_string(setting.name), json_of_toml(setting.value), json_string(setting.origin.text));
    is_first = false;
  }
  return out + "\n  ]\n}\n";
}

std::string settings_as_text(const Config& config) {
  std::size_t width = 0;
  std::vector<std::string> lines;
  for (const ShownSetting& setting : config.shown) {
    lines.push_back(setting.value.empty() ? fmt::format("# {} is not set", setting.name)
                                          : fmt::format("{} = {}", setting.name, setting.value));
    if (lines.back().size() <= 60) width = std::max(width, lines.back().size());
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += config.shown[i].value.empty()
               ? lines[i] + "\n"
               : fmt::format("{:<{}}  # {}\n", lines[i], width, config.shown[i].origin.text);
  return out;
}

int run_check_command(Session& session) {
  const auto config = session.load();
  if (!config) return kUsage;
  const bool is_json = session.flags().has("--json");
  if (session.flags().has("--show-config")) {
    session.out(is_json ? settings_as_json(*config) : settings_as_text(*config));
  } else if (is_json) {
    session.out(fmt::format("{{\n  \"schema_version\": 1,\n  \"status\": \"ok\",\n  \"config\": {}\n}}\n",
                            json_string(config->path.native())));
  } else {
    session.out(
        fmt::format("The configuration {} is valid.\nStore and databases were not asked: that comes with a "
                    "later version; "
                    "flotsam scan asks them, and changes nothing.\n",
                    in_quotes(config->path.native())));
  }
  return kDone;
}

}  // namespace

Command check_command() {
  return {
      .name = "check",
      .argument = "",
      .summary = "validates the configuration and says every problem at once",
      .flags = {{"--show-config", "", "Every setting with its value and where that came from. No secrets."}},
      .examples = {{"flotsam check", "Is the configuration right?"},
                   {"flotsam check --show-config", "Which value is in force, and who set it?"},
                   {"flotsam check -c other.toml --show-config --json",
                    "The same of another file, for a script."}},
      .exit_codes = "0 valid; 1 failed; 2 usage or configuration.",
      .run = run_check_command,
  };
}

}  // namespace flotsam::cli
