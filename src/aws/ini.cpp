#include "aws/ini.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// A value while its lines come in.
struct OpenValue {
  std::string name;
  std::size_t indent = 0;
  std::vector<std::pair<std::size_t, std::string_view>>
      lines;  ///< number and text; the first is that of the name
};

class IniParser {
 public:
  explicit IniParser(std::string_view where) : where_(where) {}

  Result<void> take(std::string_view line) {
    ++number_;
    const std::string_view text = stripped(line);
    if (text.starts_with('#') || text.starts_with(';') || text.empty()) return {};
    const std::size_t indent = line.find_first_not_of(kBlanks);
    if (open_ && indent > value_.indent) {
      value_.lines.emplace_back(number_, text);
      return {};
    }
    FLOTSAM_TRY(close());
    if (text.starts_with('[')) return begin_section(text);
    return begin_value(text, indent);
  }

  Result<std::vector<IniSection>> finish() {
    FLOTSAM_TRY(close());
    apply_defaults();
    return std::move(sections_);
  }

 private:
  std::unexpected<Error> wrong(std::size_t number, std::string_view what) const {
    return fail(ErrorCode::corrupt, fmt::format("line {} of {} {}", number, where_, what),
                "mend the file; `aws configure list` shows whether the AWS CLI can read it");
  }

  Result<void> begin_section(std::string_view text) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return wrong(number_, "has a section name without a closing bracket");
    IniSection section;
    section.name = stripped(text.substr(1, end - 1));
    if (section.name.empty()) return wrong(number_, "has a section without a name");
    if (std::ranges::find(sections_, section.name, &IniSection::name) != sections_.end())
      return wrong(number_, fmt::format("begins the section {} a second time", in_quotes(section.name)));
    sections_.push_back(std::move(section));
    return {};
  }

  Result<void> begin_value(std::string_view text, std::size_t indent) {
    if (sections_.empty()) return wrong(number_, "stands before the first section");
    const std::size_t sign = text.find_first_of("=:");
    if (sign == std::string_view::npos) return wrong(number_, "is neither a section nor `name = value`");
    value_ = OpenValue{to_ascii_lower(stripped(text.substr(0, sign))), indent, {}};
    if (value_.name.empty()) return wrong(number_, "has a value without a name");
    const IniSection& section = sections_.back();
    if (section.values.contains(value_.name) || section.nested.contains(value_.name))
      return wrong(number_, "sets what an earlier line of its section has set");
    value_.lines.emplace_back(number_, stripped(text.substr(sign + 1)));
    open_ = true;
    return {};
  }

  Result<void> close() {
    if (!open_) return {};
    open_ = false;
    IniSection& section = sections_.back();
    if (value_.lines.size() > 1 && value_.lines.front().second.empty()) {
      auto& nested = section.nested[value_.name];
      for (std::size_t i = 1; i < value_.lines.size(); ++i) {
        const auto& [number, line] = value_.lines[i];
        const std::size_t sign = line.find('=');
        if (sign == std::string_view::npos)
          return wrong(number, "stands indented below a setting and is not `name = value`");
        nested[std::string(stripped(line.substr(0, sign)))] = stripped(line.substr(sign + 1));
      }
      return {};
    }
    std::string& value = section.values[value_.name];
    for (const auto& [number, line] : value_.lines) {
      if (!value.empty()) value.push_back('\n');
      value.append(line);
    }
    return {};
  }

  void apply_defaults() {
    const auto defaults = std::ranges::find(sections_, "DEFAULT", &IniSection::name);
    if (defaults == sections_.end()) return;
    const IniSection taken = std::move(*defaults);
    sections_.erase(defaults);
    for (IniSection& section : sections_) {
      for (const auto& [name, value] : taken.values) {
        if (!section.nested.contains(name)) section.values.emplace(name, value);
      }
      for (const auto& [name, values] : taken.nested) {
        if (!section.values.contains(name)) section.nested.emplace(name, values);
      }
    }
  }

  std::string_view where_;
  std::size_t number_ = 0;
  std::vector<IniSection> sections_;
  OpenValue value_;
  bool open_ = false;
};

}  // namespace

std::string IniSection::value_of(const std::string& setting) const {
  const auto found = values.find(setting);
  return found == values.end() ? std::string() : found->second;
}

std::string IniSection::nested_value_of(const std::string& setting, const std::string& inner) const {
  const auto found = nested.find(setting);
  if (found == nested.end()) return {};
  const auto value = found->second.find(inner);
  return value == found->second.end() ? std::string() : value->second;
}

Result<std::vector<IniSection>> parse_ini(std::string_view text, std::string_view where) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  IniParser parser(where);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    FLOTSAM_TRY(parser.take(line));
  }
  return parser.finish();
}

}  // namespace flotsam
