#include "config/loading.h"

#include <gtest/gtest.h>

namespace flotsam::test {

std::expected<Config, std::vector<ConfigProblem>> Loading::load(std::string_view text) const {
  folder.write("flotsam.toml", text);
  const Environment environment(variables);
  ConfigInputs inputs;
  inputs.assignments = assignments;
  inputs.environment = &environment;
  inputs.working_folder = folder.path();
  inputs.machine_memory_bytes = machine_memory_bytes;
  return load_config(inputs);
}

Config Loading::valid(std::string_view text) const {
  auto config = load(text);
  if (config) return *std::move(config);
  for (const ConfigProblem& problem : config.error())
    ADD_FAILURE() << problem.where << ": " << problem.message;
  return {};
}

std::vector<std::string> Loading::problems(std::string_view text) const {
  const auto config = load(text);
  std::vector<std::string> lines;
  if (config) return lines;
  for (const ConfigProblem& problem : config.error()) lines.push_back(problem.where + ": " + problem.message);
  return lines;
}

std::string config_text(std::string_view store, std::string_view source, std::string_view rest) {
  return "[store]\n" + std::string(store) + "[[references]]\n" + std::string(source) + std::string(rest);
}

std::string shown(const Config& config, std::string_view name) {
  for (const ShownSetting& setting : config.shown)
    if (setting.name == name) return setting.value;
  return "?";
}

std::string origin(const Config& config, std::string_view name) {
  for (const ShownSetting& setting : config.shown)
    if (setting.name == name) return setting.origin.text;
  return "?";
}

}  // namespace flotsam::test
