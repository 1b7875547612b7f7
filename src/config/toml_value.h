#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flotsam {

/// What a TOML text holds, with the line of everything: our own small tree, so that only toml_value.cpp knows
/// toml++.
struct TomlValue {
  enum class Kind { string, integer, real, boolean, date_time, local_date_time, list, table };
  Kind kind = Kind::string;
  std::string text;  ///< string; date and time as RFC 3339 text
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<TomlValue> items;                            ///< list
  std::vector<std::pair<std::string, TomlValue>> members;  ///< table, in the order of their lines
  int line = 0;                                            ///< where the value begins
  int key_line = 0;                                        ///< where its key stands
};

/// A text that is not TOML, and where that shows.
struct TomlMistake {
  int line = 0;
  int column = 0;
  std::string message;  ///< printable, one line
};

/// Either the table of the whole text, or the first mistake in it (TOML 1.0). Never throws.
struct TomlText {
  TomlValue table;
  bool ok = false;
  TomlMistake mistake;
};
TomlText parse_toml(std::string_view text);

/// A string as TOML writes it: in double quotes, escaped so that a terminal is safe.
std::string to_toml_string(std::string_view bytes);

/// A value for a message, e.g. `the integer 7`, `the string "x"`, `a list`, `a table`.
std::string described(const TomlValue& value);

}  // namespace flotsam
