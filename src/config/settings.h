#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "config/problems.h"
#include "config/toml_value.h"
#include "model/guard_limits.h"

namespace flotsam {

enum class SettingType {
  text,
  choice,
  boolean,
  count,
  percent,
  size,
  duration,
  moment,
  texts,
  globs,
  templates
};

inline constexpr std::uint64_t kNoMost = std::numeric_limits<std::uint64_t>::max();

/// One setting of SPEC §2. The table of these rows is the only place that names a setting: it reads, checks,
/// prints and documents from it.
struct SettingRow {
  std::string_view section;  ///< "" for the top of the file
  std::string_view key;
  SettingType type = SettingType::text;
  std::string_view default_text = {};  ///< as TOML; empty: none
  std::string_view help = {};
  std::string_view choices = {};  ///< choice: "path|virtual"
  std::uint64_t least = 0;        ///< count, size; percent in whole percents
  std::uint64_t most = kNoMost;
  bool secret = false;  ///< its value may hold a password: no message quotes it
};

std::span<const SettingRow> setting_rows();
/// The sections of the file in the order of the documentation ("store", "references", …), without "".
std::vector<std::string_view> setting_sections();
/// The rows of one section.
std::vector<const SettingRow*> rows_of(std::string_view section);

/// "store.min_age"; "memory" at the top.
std::string name_of(const SettingRow& row);
/// "FLOTSAM_STORE_MIN_AGE"; empty in [[references]], which only a file can hold.
std::string environment_name_of(const SettingRow& row);
/// What a value must be, for messages: `a duration like "7d"`.
std::string expected_of(const SettingRow& row);

/// A value as its type has it; monostate: not set, or not readable (then there is a problem).
using SettingValue = std::variant<std::monostate, std::string, std::vector<std::string>, bool, std::uint64_t,
                                  Seconds, Percent>;

/// Reads a TOML value as the row's type, within its range. `name` is what messages call it.
SettingValue read_setting(const SettingRow& row, const std::string& name, const TomlValue& value,
                          const Place& place, Problems& problems);

/// The value as TOML for a person, in the unit that reads best; what looks like a secret in it is blanked.
std::string to_toml(const SettingValue& value, SettingType type);

}  // namespace flotsam
