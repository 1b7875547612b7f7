#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "workflow/restore_workflow.h"

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

/// What a person learns from a probe: each step, and what flotsam makes of it.
Result<std::string> probe_as_text(const nlohmann::ordered_json& record, const std::string& place) {
  std::string out = "The probe wrote and deleted objects of its own below .flotsam-probe-*:\n\n";
  try {
    for (const auto& step : record.at("steps"))
      out += fmt::format("  {}: {}\n", to_printable(step.at("name").get<std::string>()),
                         to_printable(step.at("outcome").get<std::string>()));
    const auto condition = record.at("condition").get<std::string>();
    out +=
        condition == "none" ? "\nDeletions carry no condition here: the look just before is all there is.\n"
        : condition == "single"
            ? "\nDeletions carry a condition, one request an object: an overwrite between look and deletion "
              "is left alone.\n"
            : "\nDeletions carry a condition, in batches too: an overwrite between look and deletion is left "
              "alone.\n";
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::corrupt,
                fmt::format("the probe's record is not understood: {}", to_printable(error.what())));
  }
  return out + fmt::format("Recorded in {}.\n", to_printable(place));
}

int run_probe_command(Session& session, const Config& config) {
  NullProgress progress;
  World world = session.world(progress);
  const auto report = run_probe(config, world);
  if (!report) return session.fail_run(report.error());
  const auto record = nlohmann::ordered_json::parse(report->record, nullptr, false);
  if (record.is_discarded())
    return session.fail(fail(ErrorCode::corrupt, "the probe's record is not JSON").error());
  if (session.flags().has("--json")) {
    nlohmann::ordered_json out = {{"schema_version", 1}, {"status", "ok"}, {"probe", record}};
    out["recorded"] = report->place;
    session.out(out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return kDone;
  }
  const auto text = probe_as_text(record, report->place);
  if (!text) return session.fail(text.error());
  session.out(*text);
  return kDone;
}

int run_check_command(Session& session) {
  if (session.flags().has("--probe") && session.flags().has("--show-config"))
    return session.misused("check", "--probe and --show-config exclude each other");
  const auto config = session.load();
  if (!config) return kUsage;
  if (session.flags().has("--probe")) return run_probe_command(session, *config);
  const bool is_json = session.flags().has("--json");
  if (session.flags().has("--show-config")) {
    session.out(is_json ? settings_as_json(*config) : settings_as_text(*config));
  } else if (is_json) {
    session.out(fmt::format("{{\n  \"schema_version\": 1,\n  \"status\": \"ok\",\n  \"config\": {}\n}}\n",
                            json_string(config->path.native())));
  } else {
    session.out(
        fmt::format("The configuration {} is valid.\nStore and databases were not asked: flotsam scan "
                    "asks them, and changes nothing.\n",
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
      .flags = {{"--show-config", "", "Every setting with its value and where that came from. No secrets."},
                {"--probe", "",
                 "Find out what the store does, by objects of its own below .flotsam-probe-* that it removes "
                 "again, and record it in the state: whether a deletion can carry a condition."}},
      .examples = {{"flotsam check", "Is the configuration right?"},
                   {"flotsam check --show-config", "Which value is in force, and who set it?"},
                   {"flotsam check -c other.toml --show-config --json",
                    "The same of another file, for a script."},
                   {"flotsam check --probe",
                    "Does this store honour conditions? Once a store, before apply."}},
      .exit_codes = "0 valid; 1 failed; 2 usage or configuration; 130 interrupted.",
      .run = run_check_command,
  };
}

}  // namespace flotsam::cli
