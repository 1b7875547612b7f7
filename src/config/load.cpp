#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "config/sections.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kFileLimit = 16 * kMiB;

/// Which file to read: the flag's, $FLOTSAM_CONFIG, ./flotsam.toml. The name is what the person wrote.
std::filesystem::path file_name_of(const ConfigInputs& inputs, Problems& problems) {
  if (inputs.file) {
    if (inputs.file->empty()) problems.add({Place::Layer::flag, 0, "--config"}, "names no file");
    return *inputs.file;
  }
  if (const auto name = inputs.environment->get("FLOTSAM_CONFIG")) {
    if (name->empty())
      problems.add({Place::Layer::environment, 0, "FLOTSAM_CONFIG"}, "is set, but names no file");
    return *name;
  }
  return "flotsam.toml";
}

bool read_config_file(const ConfigInputs& inputs, ConfigFile& file, Problems& problems) {
  const std::filesystem::path name = file_name_of(inputs, problems);
  if (!problems.empty()) return false;
  file.name = to_printable(name.native());
  file.path = (inputs.working_folder / name).lexically_normal();
  const auto content = read_file(file.path, kFileLimit);
  if (!content) {
    std::string message = content.error().message;
    if (content.error().code == ErrorCode::not_found)
      message =
          "no such file; name the configuration with -c FILE or FLOTSAM_CONFIG, or write one (see "
          "flotsam.toml(5))";
    problems.add({Place::Layer::file, 0, file.name}, std::move(message));
    return false;
  }
  TomlText text = parse_toml(*content);
  if (text.ok) {
    file.table = std::move(text.table);
    return true;
  }
  const int line = text.mistake.line;
  problems.add({Place::Layer::file, line, line > 0 ? fmt::format("{}:{}", file.name, line) : file.name},
               fmt::format("not TOML: {} (column {})", text.mistake.message, text.mistake.column));
  return false;
}

void build_memory(const Building& building, const ConfigInputs& inputs, Config& config) {
  SettingGroup& group = building.settings.of("");
  group.default_to("memory", std::max(kMiB, inputs.machine_memory_bytes / 2 / kMiB * kMiB));
  if (const auto* bytes = group.get<std::uint64_t>("memory")) config.memory_bytes = *bytes;
}

/// Every setting as it is in force, in the table's order.
void show(Settings& settings, std::vector<ShownSetting>& shown) {
  const auto show_group = [&](SettingGroup& group) {
    for (const SettingRow* row : group.rows()) {
      const Setting& setting = group[row->key];
      std::string value = setting.shown.empty() ? to_toml(setting.value, row->type) : setting.shown;
      shown.push_back({setting.name, without(std::move(value), setting.hidden), setting.origin});
    }
  };
  show_group(settings.of(""));
  for (const std::string_view section : setting_sections()) {
    if (section != "references") {
      show_group(settings.of(section));
      continue;
    }
    for (SettingGroup& group : settings.references) show_group(group);
  }
}

}  // namespace

std::expected<Config, std::vector<ConfigProblem>> load_config(const ConfigInputs& inputs) {
  CHECK(inputs.environment != nullptr);
  Problems problems;
  ConfigFile file;
  if (!read_config_file(inputs, file, problems)) return std::unexpected(problems.in_order());
  Settings settings = read_layers(file, inputs, problems);
  const Building building{settings, file.path.parent_path(), inputs.environment, problems};
  Config config;
  config.path = file.path;
  build_memory(building, inputs, config);
  build_store(building, config.store);
  build_references(building, config.references);
  build_guards(building, config.guards);
  build_deletion(building, config.store, config.deletion);
  build_state(building, config.store, config.state);
  build_notify(building, config.notify);
  if (!problems.empty()) return std::unexpected(problems.in_order());
  show(settings, config.shown);
  return config;
}

}  // namespace flotsam
