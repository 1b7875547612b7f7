#include "aws/shared_config.h"

#include <fmt/format.h>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFileLimitBytes = 16U << 20U;

std::string path_of(const Environment& environment, const char* variable, std::string_view below_home) {
  const std::string home = environment.get("HOME").value_or("");
  std::string path = environment.get(variable).value_or("");
  if (path.empty()) return home.empty() ? std::string() : fmt::format("{}/{}", home, below_home);
  if (path == "~" || path.starts_with("~/")) path.replace(0, 1, home);
  return path;
}

/// Reads one file; `sections` is left empty where there is none.
Result<void> read_one(SharedConfig::File& file, std::vector<IniSection>& sections) {
  if (file.path.empty()) return {};
  auto text = read_file(file.path, kFileLimitBytes);
  if (!text && text.error().code == ErrorCode::not_found) return {};
  if (!text) return fail(std::move(text).error(), "while reading the AWS settings");
  file.exists = true;
  FLOTSAM_ASSIGN(sections, parse_ini(*text, to_printable(file.path)));
  return {};
}

/// The name behind the first word of `[profile x]`, `[profile "x y"]`; nothing where the section is of
/// another kind.
std::optional<std::string> name_behind(std::string_view word, std::string_view section) {
  if (!section.starts_with(word)) return std::nullopt;
  std::string_view rest = section.substr(word.size());
  const std::size_t begin = rest.find_first_not_of(" \t");
  if (begin == 0 || begin == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(begin);
  if (rest.size() >= 2 && (rest.front() == '"' || rest.front() == '\'') && rest.back() == rest.front())
    return std::string(rest.substr(1, rest.size() - 2));
  if (rest.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  return std::string(rest);
}

}  // namespace

bool SharedConfig::has_profile(const std::string& name) const {
  return credentials.profiles.contains(name) || config.profiles.contains(name);
}

IniSection SharedConfig::merged(const std::string& name) const {
  IniSection out;
  out.name = name;
  if (const auto found = config.profiles.find(name); found != config.profiles.end()) out = found->second;
  const auto found = credentials.profiles.find(name);
  if (found == credentials.profiles.end()) return out;
  for (const auto& [setting, value] : found->second.values) out.values.insert_or_assign(setting, value);
  for (const auto& [setting, values] : found->second.nested) out.nested.insert_or_assign(setting, values);
  return out;
}

Result<SharedConfig> read_shared_config(const Environment& environment) {
  SharedConfig shared;
  shared.credentials.path = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
  shared.config.path = path_of(environment, "AWS_CONFIG_FILE", ".aws/config");
  std::vector<IniSection> sections;
  FLOTSAM_TRY(read_one(shared.credentials, sections));
  for (IniSection& section : sections) shared.credentials.profiles[section.name] = section;
  sections.clear();
  FLOTSAM_TRY(read_one(shared.config, sections));
  for (IniSection& section : sections) {
    if (section.name == "default") {
      shared.config.profiles["default"] = section;
    } else if (const auto profile = name_behind("profile", section.name)) {
      shared.config.profiles[*profile] = section;
    } else if (const auto services = name_behind("services", section.name)) {
      shared.services[*services] = section;
    }
  }
  return shared;
}

ProfileChoice choose_profile(const Environment& environment, const std::optional<std::string>& chosen) {
  if (chosen && !chosen->empty()) return {*chosen, "the configuration"};
  for (const char* variable : {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"}) {
    if (auto name = environment.get(variable); name && !name->empty()) return {*name, variable};
  }
  return {"default", ""};
}

Result<void> check_profile(const SharedConfig& shared, const ProfileChoice& choice) {
  if (choice.name == "default" || shared.has_profile(choice.name)) return {};
  std::vector<std::string> known;
  for (const auto& [name, section] : shared.credentials.profiles) known.push_back(name);
  for (const auto& [name, section] : shared.config.profiles) known.push_back(name);
  const auto shown = [](const SharedConfig::File& file, std::string_view what) {
    if (file.path.empty()) return fmt::format("no {} file (HOME is not set)", what);
    return fmt::format("{}{}", to_printable(file.path), file.exists ? "" : " (no such file)");
  };
  const std::string nearest = nearest_of(choice.name, known);
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("the profile {} (named by {}) is neither in {} nor in {}", in_quotes(choice.name),
                  choice.origin, shown(shared.credentials, "credentials"), shown(shared.config, "config")),
      nearest.empty() ? "name a profile that `aws configure list-profiles` shows"
                      : fmt::format("did you mean {}?", in_quotes(nearest)));
}

}  // namespace flotsam
