#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "config/expand.h"
#include "config/settings.h"

namespace flotsam {

/// One setting after all layers: the strongest value that was given, read as its type.
struct Setting {
  const SettingRow* row = nullptr;
  std::string name;    ///< "store.min_age", "references[0].query"
  bool given = false;  ///< somebody set it, be it wrongly
  SettingValue value;  ///< monostate: not set, or a problem was noted
  TomlValue raw;       ///< expanded; where given
  Origin origin;
  Place place;
  std::vector<std::string> hidden;  ///< what ${file:…} put in: never shown
  std::string shown;                ///< replaces the value in output where not empty
};

/// The settings of one section, or of one [[references]] block.
class SettingGroup {
 public:
  SettingGroup() = default;
  SettingGroup(std::string_view section, std::string name);

  Setting& operator[](std::string_view key) {
    const auto found = settings_.find(key);
    CHECK(found != settings_.end());
    return found->second;
  }
  /// The value, or nothing where it is not set or not readable.
  template <typename T>
  const T* get(std::string_view key) {
    return std::get_if<T>(&(*this)[key].value);
  }
  bool given(std::string_view key) { return (*this)[key].given; }
  /// The place of the i-th item of a list.
  Place place_of_item(std::string_view key, std::size_t index);
  /// What stands where nobody set it.
  void default_to(std::string_view key, SettingValue value);

  const std::vector<const SettingRow*>& rows() const { return rows_; }

  std::string name;  ///< "store", "references[0]"; "" for the top
  Place place;       ///< of its header; of the file where there is none

 private:
  std::vector<const SettingRow*> rows_;
  std::map<std::string, Setting, std::less<>> settings_;
};

struct Settings {
  std::map<std::string, SettingGroup, std::less<>> sections;
  std::vector<SettingGroup> references;
  bool has_broken_references = false;  ///< something called references that is no block; a problem was noted
  SettingGroup& of(std::string_view section) {
    const auto found = sections.find(section);
    CHECK(found != sections.end());
    return found->second;
  }
};

/// A configuration file that was read.
struct ConfigFile {
  std::string name;  ///< as messages call it
  std::filesystem::path path;
  TomlValue table;
};

/// Puts file, environment and flags over each other, expands, and reads every setting. Everything that no
/// setting answers to is a problem with the nearest known name.
Settings read_layers(const ConfigFile& file, const ConfigInputs& inputs, Problems& problems);

}  // namespace flotsam
