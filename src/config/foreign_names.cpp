#include "config/foreign_names.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "base/bytes.h"

namespace flotsam {
namespace {

/// Guards of SPEC §5 that rule without a limit, and what there is to do about them instead.
struct LimitlessGuard {
  std::string_view id;
  std::string_view instead;
};
constexpr LimitlessGuard kLimitless[] = {
    {"references-empty", "a source that may rightly be empty says may_be_empty = true"},
    {"unexpected-prefix", "narrow [store] prefixes or candidates, or list the kind in disposable"},
    {"young-cliff", "when it refuses wrongly, apply takes --override young-cliff"},
    {"rules-unused", "it only warns"},
    {"recoverable", "set [delete] quarantine or undo_days"},
    {"conditional-delete", "it only warns"},
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string bracketed(std::string_view section) {
  return section == "references" ? "[[references]]" : fmt::format("[{}]", section);
}

std::string where_of(std::string_view section) {
  return section.empty() ? std::string("at the top of the file") : "in " + bracketed(section);
}

std::vector<std::string> keys_of(std::string_view section) {
  std::vector<std::string> keys;
  for (const SettingRow* row : rows_of(section)) keys.emplace_back(row->key);
  return keys;
}

/// The word with case and the two dashes made equal, so that "Orphan_Percent" finds "orphan-percent".
std::string folded(std::string_view word) {
  std::string text = to_ascii_lower(word);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string nearest_key(std::string_view key, const std::vector<std::string>& known) {
  for (const std::string& word : known)
    if (folded(word) == folded(key)) return word;
  return nearest_of(key, known);
}

std::string section_of_key(std::string_view key) {
  for (const SettingRow& row : setting_rows())
    if (row.key == key) return std::string(row.section);
  return "?";
}

}  // namespace

const SettingRow* row_of(std::string_view section, std::string_view key) {
  for (const SettingRow& row : setting_rows())
    if (row.section == section && row.key == key) return &row;
  return nullptr;
}

bool is_foreign_variable(std::string_view name) {
  return name == "FLOTSAM_CONFIG" || name == "FLOTSAM_CONFIG_TOML" || name.starts_with("FLOTSAM_TEST_");
}

std::string unknown_key(std::string_view section, std::string_view key, bool is_table) {
  if (section == "guards") {
    for (const LimitlessGuard& guard : kLimitless)
      if (guard.id == folded(key) || folded(guard.id) == folded(key))
        return fmt::format("the guard {} has no limit to set; {}", guard.id, guard.instead);
  }
  if (section.empty() && is_table) {
    std::vector<std::string> sections;
    for (const std::string_view known : setting_sections()) sections.emplace_back(known);
    const std::string nearest = nearest_key(key, sections);
    const std::string start = fmt::format("unknown section [{}]", to_printable(key));
    if (!nearest.empty()) return fmt::format("{}; did you mean {}?", start, bracketed(nearest));
    for (std::string& known : sections) known = bracketed(known);
    return fmt::format("{}; known are {}", start, joined(sections));
  }
  const std::string start = fmt::format("unknown key {} {}", in_quotes(key), where_of(section));
  const std::string home = section_of_key(key);
  if (home != "?") return fmt::format("{}; it belongs {}", start, where_of(home));
  const std::vector<std::string> known = keys_of(section);
  const std::string nearest = nearest_key(key, known);
  if (!nearest.empty()) return fmt::format("{}; did you mean {}?", start, nearest);
  if (section.empty()) {
    for (const SettingRow& row : setting_rows())
      if (nearest_key(key, {std::string(row.key)}) == row.key)
        return fmt::format("{}; did you mean {} {}?", start, row.key, where_of(row.section));
  }
  return fmt::format("{}; known are {}", start, joined(known));
}

std::string unknown_variable(std::string_view name) {
  std::vector<std::string> known;
  for (const SettingRow& row : setting_rows())
    if (row.section != "references") known.push_back(environment_name_of(row));
  if (name.starts_with("FLOTSAM_REFERENCES"))
    return "sources are set in the file only; an environment variable gets into them as ${NAME}";
  const std::string nearest = nearest_of(name, known);
  if (!nearest.empty()) return fmt::format("no setting has this name; did you mean {}?", nearest);
  return "no setting has this name; they are called like FLOTSAM_STORE_MIN_AGE (flotsam check --show-config "
         "lists all)";
}

std::string unknown_name(std::string_view name) {
  if (name.starts_with("references"))
    return "sources are set in the file only; an environment variable gets into them as ${NAME}";
  std::vector<std::string> known;
  for (const SettingRow& row : setting_rows())
    if (row.section != "references") known.push_back(name_of(row));
  std::string nearest = nearest_key(name, known);
  if (nearest.empty()) {
    // The key alone, without its section.
    for (const std::string& full : known)
      if (full.ends_with("." + std::string(name))) nearest = full;
  }
  if (!nearest.empty()) return fmt::format("unknown setting; did you mean {}?", nearest);
  return "unknown setting; they are called like store.min_age (flotsam check --show-config lists all)";
}

}  // namespace flotsam
