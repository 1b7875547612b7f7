#include "config/layers.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/foreign_names.h"

namespace flotsam {
namespace {

/// A value as one layer gives it, before it is expanded and read.
struct Given {
  TomlValue value;
  Origin origin;
  Place place;
};
using GivenValues = std::map<std::string, Given, std::less<>>;  ///< by name of the setting

/// A setting's text from environment or flag as the TOML value that it stands for: lists are TOML arrays,
/// numbers and booleans are read as such, all else is a string as it is.
TomlValue value_of_text(const SettingRow& row, const std::string& text) {
  TomlValue string;
  string.text = text;
  if (row.type == SettingType::text || row.type == SettingType::choice || row.type == SettingType::duration ||
      row.type == SettingType::moment)
    return string;
  const TomlText parsed = parse_toml("value = " + text);
  if (!parsed.ok || parsed.table.members.size() != 1) return string;
  const TomlValue& value = parsed.table.members.front().second;
  return value.kind == TomlValue::Kind::table ? string : value;
}

class Layers {
 public:
  Layers(const ConfigFile& file, const ConfigInputs& inputs, Problems& problems)
      : file_(file), inputs_(inputs), problems_(problems) {}

  Settings read() {
    read_file_layer();
    read_environment();
    read_flags();
    Settings settings;
    std::vector<std::string> sections = {""};
    for (const std::string_view section : setting_sections())
      if (section != "references") sections.emplace_back(section);
    for (const std::string& section : sections) {
      SettingGroup group(section, section);
      group.place = headers_.contains(section) ? headers_.at(section) : place_of_line(0);
      fill(group, given_);
      settings.sections.emplace(section, std::move(group));
    }
    settings.has_broken_references = has_broken_references_;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      SettingGroup group("references", fmt::format("references[{}]", i));
      group.place = blocks_[i].first;
      fill(group, blocks_[i].second);
      settings.references.push_back(std::move(group));
    }
    return settings;
  }

 private:
  Place place_of_line(int line) const {
    return {Place::Layer::file, line, line > 0 ? fmt::format("{}:{}", file_.name, line) : file_.name};
  }

  void read_file_layer() {
    for (const auto& [key, value] : file_.table.members) {
      if (key == "references") {
        read_blocks(value);
      } else if (is_section(key)) {
        if (value.kind != TomlValue::Kind::table) {
          problems_.add(place_of_line(value.key_line),
                        fmt::format("{} is {}, but must be a section: [{}]", key, described(value), key));
          continue;
        }
        headers_.emplace(key, place_of_line(value.key_line));
        read_members(key, key, value, given_);
      } else {
        TomlValue top;
        top.members.emplace_back(key, value);
        read_members("", "", top, given_);
      }
    }
  }

  static bool is_section(std::string_view word) {
    for (const std::string_view section : setting_sections())
      if (section == word) return true;
    return false;
  }

  void read_blocks(const TomlValue& value) {
    const bool is_list = value.kind == TomlValue::Kind::list;
    if (!is_list) {
      has_broken_references_ = true;
      problems_.add(place_of_line(value.key_line),
                    "write [[references]] in double brackets: one block a source");
      return;
    }
    for (const TomlValue& block : value.items) {
      if (block.kind != TomlValue::Kind::table) {
        has_broken_references_ = true;
        problems_.add(
            place_of_line(value.key_line),
            fmt::format("references holds {}; write one [[references]] block a source", described(block)));
        continue;
      }
      blocks_.emplace_back(place_of_line(block.line > 0 ? block.line : value.key_line), GivenValues());
      read_members("references", fmt::format("references[{}]", blocks_.size() - 1), block,
                   blocks_.back().second);
    }
  }

  void read_members(std::string_view section, const std::string& group, const TomlValue& table,
                    GivenValues& into) {
    for (const auto& [key, value] : table.members) {
      const SettingRow* row = row_of(section, key);
      const Place place = place_of_line(value.key_line);
      if (row == nullptr) {
        problems_.add(place, "unknown " + key,
                      [section = std::string(section), key, is_table = value.kind == TomlValue::Kind::table] {
                        return unknown_key(section, key, is_table);
                      });
        continue;
      }
      into[group.empty() ? key : group + "." + key] = {value, {OriginKind::file, place.text}, place};
    }
  }

  void read_environment() {
    int order = 0;
    for (const auto& [name, text] : inputs_.environment->all()) {
      if (!name.starts_with("FLOTSAM_") || is_foreign_variable(name)) continue;
      const Place place{Place::Layer::environment, ++order, name};
      const SettingRow* row = nullptr;
      for (const SettingRow& candidate : setting_rows())
        if (environment_name_of(candidate) == name) row = &candidate;
      if (row == nullptr) {
        problems_.add(place, "unknown " + name, [name] { return unknown_variable(name); });
        continue;
      }
      given_[name_of(*row)] = {value_of_text(*row, text), {OriginKind::environment, name}, place};
    }
  }

  void read_flags() {
    int order = 0;
    for (const std::string& assignment : inputs_.assignments) {
      const std::size_t sign = assignment.find('=');
      const std::string name = assignment.substr(0, sign);
      const Place place{Place::Layer::flag, ++order, "--set " + to_printable(name)};
      if (sign == std::string::npos) {
        problems_.add(place, "write --set NAME=VALUE, like --set store.min_age=7d");
        continue;
      }
      const SettingRow* row = nullptr;
      for (const SettingRow& candidate : setting_rows())
        if (candidate.section != "references" && name_of(candidate) == name) row = &candidate;
      if (row == nullptr) {
        problems_.add(place, "unknown " + name, [name] { return unknown_name(name); });
        continue;
      }
      given_[name] = {
          value_of_text(*row, assignment.substr(sign + 1)), {OriginKind::flag, place.text}, place};
    }
  }

  void fill(SettingGroup& group, GivenValues& values) {
    for (const SettingRow* row : group.rows()) {
      Setting& setting = group[row->key];
      const auto given = values.find(setting.name);
      if (given != values.end()) {
        setting.given = true;
        setting.raw = std::move(given->second.value);
        setting.origin = given->second.origin;
        setting.place = given->second.place;
        if (expand_all(setting, setting.raw))
          setting.value = read_setting(*row, setting.name, setting.raw, setting.place, problems_);
        continue;
      }
      setting.place = group.place;
      if (row->default_text.empty()) continue;
      const TomlText text = parse_toml("value = " + std::string(row->default_text));
      CHECK(text.ok);
      setting.value =
          read_setting(*row, setting.name, text.table.members.front().second, setting.place, problems_);
      CHECK(!std::holds_alternative<std::monostate>(setting.value));
    }
  }

  /// Expands the strings of a value in place; false where one could not be.
  bool expand_all(Setting& setting, TomlValue& value) {
    bool ok = true;
    for (TomlValue& item : value.items) ok = expand_all(setting, item) && ok;
    if (value.kind != TomlValue::Kind::string) return ok;
    const ExpansionWorld world{inputs_.environment, file_.path.parent_path()};
    const bool is_url = setting.row->key == "database" && !value.text.starts_with("sqlite:") &&
                        !value.text.starts_with("csv:");
    Expanded expanded = expand(value.text, world, is_url ? Escaping::percent : Escaping::none);
    for (const std::string& mistake : expanded.mistakes)
      problems_.add(setting.place, fmt::format("{}: {}", setting.name, mistake));
    // A database's host may come from a variable and is shown; of a webhook no part is known to be harmless.
    // A query may carry the key that its columns are decrypted with.
    const bool hides_all = (setting.row->secret && setting.row->key == "url") || setting.row->key == "query";
    for (const std::string& secret : hides_all ? expanded.values : expanded.file_contents)
      setting.hidden.push_back(secret);
    for (const std::string& secret : setting.row->secret ? expanded.values : expanded.file_contents)
      problems_.hide(secret);
    value.text = std::move(expanded.text);
    return expanded.mistakes.empty() && ok;
  }

  const ConfigFile& file_;
  const ConfigInputs& inputs_;
  Problems& problems_;
  GivenValues given_;
  std::map<std::string, Place, std::less<>> headers_;
  std::vector<std::pair<Place, GivenValues>> blocks_;
  bool has_broken_references_ = false;
};

}  // namespace

SettingGroup::SettingGroup(std::string_view section, std::string group_name) : name(std::move(group_name)) {
  rows_ = rows_of(section);
  for (const SettingRow* row : rows_) {
    Setting setting;
    setting.row = row;
    setting.name = name.empty() ? std::string(row->key) : name + "." + std::string(row->key);
    settings_.emplace(std::string(row->key), std::move(setting));
  }
}

Place SettingGroup::place_of_item(std::string_view key, std::size_t index) {
  const Setting& setting = (*this)[key];
  Place item = setting.place;
  if (item.layer != Place::Layer::file || index >= setting.raw.items.size() ||
      setting.raw.items[index].line == 0)
    return item;
  item.order = setting.raw.items[index].line;
  item.text = item.text.substr(0, item.text.rfind(':') + 1) + std::to_string(item.order);
  return item;
}

void SettingGroup::default_to(std::string_view key, SettingValue value) {
  Setting& setting = (*this)[key];
  if (!setting.given) setting.value = std::move(value);
}

Settings read_layers(const ConfigFile& file, const ConfigInputs& inputs, Problems& problems) {
  return Layers(file, inputs, problems).read();
}

}  // namespace flotsam
