#include "config/toml_value.h"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <toml++/toml.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

int line_of(const toml::source_region& region) {
  return static_cast<int>(region.begin.line);
}

TomlValue value_of(const toml::node& node);

/// toml++ writes what it saw with escapes of its own: only what a terminal must not see is escaped again.
std::string printable(std::string_view text) {
  std::string out = to_printable(text);
  for (std::size_t at = out.find("\\\\"); at != std::string::npos; at = out.find("\\\\", at + 1))
    out.erase(at, 1);
  return out;
}

TomlValue table_of(const toml::table& table) {
  TomlValue value;
  value.kind = TomlValue::Kind::table;
  value.line = line_of(table.source());
  for (const auto& [key, node] : table) {
    TomlValue member = value_of(node);
    member.key_line = line_of(key.source());
    if (member.line == 0) member.line = member.key_line;
    value.members.emplace_back(std::string(key.str()), std::move(member));
  }
  std::stable_sort(value.members.begin(), value.members.end(),
                   [](const auto& a, const auto& b) { return a.second.key_line < b.second.key_line; });
  return value;
}

TomlValue list_of(const toml::array& array) {
  TomlValue value;
  value.kind = TomlValue::Kind::list;
  for (const toml::node& node : array) value.items.push_back(value_of(node));
  return value;
}

template <typename T>
std::string text_of(const toml::value<T>& value) {
  std::ostringstream out;
  out << value.get();
  return out.str();
}

TomlValue value_of(const toml::node& node) {
  TomlValue value;
  if (const auto* table = node.as_table()) {
    value = table_of(*table);
  } else if (const auto* array = node.as_array()) {
    value = list_of(*array);
  } else if (const auto* string = node.as_string()) {
    value.kind = TomlValue::Kind::string;
    value.text = string->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = TomlValue::Kind::integer;
    value.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    value.kind = TomlValue::Kind::real;
    value.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = TomlValue::Kind::boolean;
    value.boolean = boolean->get();
  } else if (const auto* moment = node.as_date_time()) {
    value.kind = moment->get().offset ? TomlValue::Kind::date_time : TomlValue::Kind::local_date_time;
    value.text = text_of(*moment);
  } else {
    value.kind = TomlValue::Kind::local_date_time;
    if (const auto* date = node.as_date()) value.text = text_of(*date);
    if (const auto* time = node.as_time()) value.text = text_of(*time);
  }
  value.line = line_of(node.source());
  return value;
}

/// The first line whose key or header has more parts than any configuration: the parser goes down one call a
/// part, and its stack is not endless. 0: none.
int line_of_deep_key(std::string_view text) {
  constexpr std::ptrdiff_t kPartsMax = 100;
  int line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view key = text.substr(at, end - at);
    key = key.substr(0, key.find('='));
    if (std::count(key.begin(), key.end(), '.') > kPartsMax &&
        key.find_first_of("\"'#") == std::string_view::npos)
      return line;
    at = end + 1;
  }
  return 0;
}

}  // namespace

TomlText parse_toml(std::string_view text) {
  TomlText result;
  if (const int line = line_of_deep_key(text); line > 0) {
    result.mistake.line = line;
    result.mistake.column = 1;
    result.mistake.message = "a key has more than 100 parts";
    return result;
  }
  try {
    result.table = table_of(toml::parse(text));
    result.ok = true;
  } catch (const toml::parse_error& error) {
    result.mistake.line = line_of(error.source());
    result.mistake.column = static_cast<int>(error.source().begin.column);
    result.mistake.message = printable(error.description());
  } catch (const std::exception& error) {
    result.mistake.message = to_printable(error.what());
  }
  return result;
}

std::string to_toml_string(std::string_view bytes) {
  std::string out = "\"";
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length_of(bytes.substr(at)));
    const std::string_view character = bytes.substr(at, length);
    const std::string printable = to_printable(character);
    if (character == "\"" || character == "\\") {
      out += fmt::format("\\{}", character);
    } else if (character == "\n") {
      out += "\\n";
    } else if (character == "\t") {
      out += "\\t";
    } else if (printable.starts_with("\\u{")) {
      const auto digits = std::string_view(printable).substr(3, printable.size() - 4);
      out += digits.size() <= 4 ? fmt::format("\\u{:0>4}", digits) : fmt::format("\\U{:0>8}", digits);
    } else {
      out += printable;
    }
    at += length;
  }
  return out + "\"";
}

std::string described(const TomlValue& value) {
  switch (value.kind) {
    case TomlValue::Kind::string:
      return fmt::format("the string {}", to_toml_string(value.text));
    case TomlValue::Kind::integer:
      return fmt::format("the integer {}", value.integer);
    case TomlValue::Kind::real:
      return fmt::format("the number {}", value.real);
    case TomlValue::Kind::boolean:
      return value.boolean ? "true" : "false";
    case TomlValue::Kind::date_time:
      return fmt::format("the time {}", value.text);
    case TomlValue::Kind::local_date_time:
      return fmt::format("the date or time {} (without offset)", value.text);
    case TomlValue::Kind::list:
      return value.items.empty() ? "an empty list" : "a list";
    case TomlValue::Kind::table:
      return "a table";
  }
  return "a value";
}

}  // namespace flotsam
