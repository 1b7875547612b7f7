#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"

namespace flotsam {

/// The row of a section's key; nullptr where there is none.
const SettingRow* row_of(std::string_view section, std::string_view key);

/// True for the FLOTSAM_ variables that are no settings: FLOTSAM_CONFIG, FLOTSAM_CONFIG_TOML, FLOTSAM_TEST_….
bool is_foreign_variable(std::string_view name);

/// Messages for names that no setting answers to: the nearest known one, or where it belongs, or what there
/// is.
std::string unknown_key(std::string_view section, std::string_view key, bool is_table);
std::string unknown_variable(std::string_view name);
std::string unknown_name(std::string_view name);

}  // namespace flotsam
