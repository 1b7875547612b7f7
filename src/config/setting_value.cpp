#include <cmath>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "config/settings.h"

namespace flotsam {
namespace {

using Kind = TomlValue::Kind;

/// Reads one value and notes what is wrong with it.
class Reader {
 public:
  Reader(const SettingRow& row, const std::string& name, const TomlValue& value, const Place& place,
         Problems& problems)
      : row_(row), name_(name), value_(value), place_(place), problems_(problems) {}

  SettingValue read() {
    switch (row_.type) {
      case SettingType::text:
      case SettingType::choice:
      case SettingType::moment:
        return text();
      case SettingType::boolean:
        return value_.kind == Kind::boolean ? SettingValue(value_.boolean) : wrong_type();
      case SettingType::count:
        return value_.kind == Kind::integer ? number() : wrong_type();
      case SettingType::percent:
        return percent();
      case SettingType::size:
        return size();
      case SettingType::duration:
        return duration();
      case SettingType::texts:
      case SettingType::globs:
      case SettingType::templates:
        return list();
    }
    return {};
  }

 private:
  SettingValue text() {
    if (row_.type == SettingType::moment && value_.kind == Kind::date_time) return value_.text;
    if (row_.type == SettingType::moment && value_.kind == Kind::local_date_time)
      return problem(fmt::format("{} is {}; a time needs its offset, like \"2026-11-16T06:41:02Z\"", name_,
                                 described(value_)));
    if (value_.kind != Kind::string) return wrong_type();
    if (!check_text(value_.text, name_)) return {};
    if (row_.type == SettingType::choice && !is_choice())
      return problem(fmt::format("{} is {}, but must be {}", name_, shown_text(), expected_of(row_)));
    return value_.text;
  }

  bool is_choice() const {
    std::string_view rest = row_.choices;
    while (!rest.empty()) {
      const std::size_t bar = rest.find('|');
      if (rest.substr(0, bar) == value_.text) return true;
      rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
    }
    return false;
  }

  /// An empty string would silently mean a default, or everything.
  bool check_text(std::string_view text, const std::string& name) {
    if (text.empty()) {
      problem(fmt::format("{} is an empty string; write something, or leave it out", name));
      return false;
    }
    if (text.find('\0') == std::string_view::npos) return true;
    problem(fmt::format("{} holds a zero byte", name));
    return false;
  }

  SettingValue number() {
    if (value_.integer < 0 || static_cast<std::uint64_t>(value_.integer) < row_.least ||
        static_cast<std::uint64_t>(value_.integer) > row_.most)
      return out_of_range(std::to_string(value_.integer));
    return static_cast<std::uint64_t>(value_.integer);
  }

  SettingValue percent() {
    if (value_.kind != Kind::integer && value_.kind != Kind::real) return wrong_type();
    const double given = value_.kind == Kind::integer ? static_cast<double>(value_.integer) : value_.real;
    const std::string shown =
        value_.kind == Kind::integer ? std::to_string(value_.integer) : fmt::format("{}", given);
    if (!std::isfinite(given) || given < static_cast<double>(row_.least) ||
        given > static_cast<double>(row_.most))
      return out_of_range(shown);
    const double hundredths = std::round(given * 100);
    if (std::fabs(given * 100 - hundredths) > 1e-6)
      return problem(fmt::format("{} is {}, but a percentage has at most two decimals", name_, shown));
    return Percent{static_cast<std::uint32_t>(hundredths)};
  }

  SettingValue size() {
    if (value_.kind == Kind::integer) return number();
    if (value_.kind != Kind::string) return wrong_type();
    const auto bytes = parse_size(value_.text);
    if (!bytes) return problem(fmt::format("{}: {}", name_, bytes.error().message));
    if (*bytes < row_.least || *bytes > row_.most) return out_of_range(shown_text());
    return *bytes;
  }

  SettingValue duration() {
    if (value_.kind != Kind::string) return wrong_type();
    const auto seconds = parse_duration(value_.text);
    if (!seconds) return problem(fmt::format("{}: {}", name_, seconds.error().message));
    return *seconds;
  }

  SettingValue list() {
    if (value_.kind != Kind::list) return wrong_type();
    std::vector<std::string> texts;
    bool ok = true;
    for (std::size_t i = 0; i < value_.items.size(); ++i) {
      const TomlValue& item = value_.items[i];
      const std::string name = fmt::format("{}[{}]", name_, i);
      if (item.kind != Kind::string) {
        problem(fmt::format("{} is {}, but must be a string", name, described(item)));
        ok = false;
        continue;
      }
      // An empty prefix has a message of its own: that of the scope.
      if (row_.key != "prefixes" && !check_text(item.text, name)) ok = false;
      texts.push_back(item.text);
    }
    if (!ok) return {};
    return texts;
  }

  SettingValue out_of_range(const std::string& shown) {
    const std::string range = row_.most == kNoMost ? fmt::format("at least {}", row_.least)
                                                   : fmt::format("between {} and {}", row_.least, row_.most);
    return problem(fmt::format(
        "{} is {}, but must be {}{}", name_, shown, range,
        row_.least > 0 && (shown == "0" || shown.starts_with("\"0")) && row_.type != SettingType::percent
            ? "; 0 never means unlimited"
            : ""));
  }

  SettingValue wrong_type() {
    const std::string seen = row_.secret && value_.kind == Kind::string ? "a string" : described(value_);
    return problem(fmt::format("{} is {}, but must be {}", name_, seen, expected_of(row_)));
  }

  std::string shown_text() const { return row_.secret ? "***" : to_toml_string(value_.text); }

  SettingValue problem(std::string message) {
    problems_.add(place_, std::move(message));
    return {};
  }

  const SettingRow& row_;
  const std::string& name_;
  const TomlValue& value_;
  const Place& place_;
  Problems& problems_;
};

std::string to_size_text(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  std::string text = std::to_string(bytes);
  std::uint64_t count = bytes;
  for (const std::string_view unit : kUnits) {
    if (count == 0 || count % 1024 != 0) break;
    count /= 1024;
    text = fmt::format("\"{}{}\"", count, unit);
  }
  return text;
}

std::string to_percent_text(Percent percent) {
  if (percent.hundredths % 100 == 0) return std::to_string(percent.hundredths / 100);
  std::string text = fmt::format("{}.{:02}", percent.hundredths / 100, percent.hundredths % 100);
  if (text.back() == '0') text.pop_back();
  return text;
}

}  // namespace

std::string expected_of(const SettingRow& row) {
  switch (row.type) {
    case SettingType::text:
      return "a string";
    case SettingType::choice: {
      std::string text = "one of ";
      for (const char c : row.choices) text += c == '|' ? std::string(", ") : std::string(1, c);
      return text;
    }
    case SettingType::boolean:
      return "true or false";
    case SettingType::count:
      return "a whole number";
    case SettingType::percent:
      return "a percentage like 10 or 0.5";
    case SettingType::size:
      return "a number of bytes, or a size like \"1GiB\"";
    case SettingType::duration:
      return "a duration like \"7d\" (s, m, h, d, w)";
    case SettingType::moment:
      return "\"now\", \"file\" or a time like \"2026-11-16T06:41:02Z\"";
    case SettingType::texts:
      return "a list of strings like [\"a\", \"b\"]";
    case SettingType::globs:
      return "a list of globs like [\"books/**\"]";
    case SettingType::templates:
      return "a list of templates like [\"books/{s3_key}\"]";
  }
  return "a value";
}

SettingValue read_setting(const SettingRow& row, const std::string& name, const TomlValue& value,
                          const Place& place, Problems& problems) {
  return Reader(row, name, value, place, problems).read();
}

std::string to_toml(const SettingValue& value, SettingType type) {
  if (const auto* text = std::get_if<std::string>(&value)) return to_toml_string(redacted(*text));
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::string out = "[";
    for (const std::string& text : *list)
      out += (out.size() > 1 ? ", " : "") + to_toml_string(redacted(text));
    return out + "]";
  }
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t>(&value))
    return type == SettingType::size ? to_size_text(*number) : std::to_string(*number);
  if (const auto* seconds = std::get_if<Seconds>(&value))
    return fmt::format("\"{}\"", to_human_seconds(seconds->count()));
  if (const auto* percent = std::get_if<Percent>(&value)) return to_percent_text(*percent);
  return {};
}

}  // namespace flotsam
