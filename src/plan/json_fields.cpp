#include "plan/json_fields.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/bytes.h"

namespace flotsam {
namespace {

using nlohmann::json;

constexpr std::string_view kBlanks = " \t\r\n";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

json value_of(std::string_view text) {
  return json::parse(text, nullptr, false);
}

std::optional<std::string> bytes_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object() || value.size() != 1 || !value.contains("base64") || !value["base64"].is_string())
    return std::nullopt;
  return bytes_of_base64(value["base64"].get_ref<const std::string&>());
}

std::unexpected<Error> wrong(std::string_view name, std::string_view expected) {
  return fail(ErrorCode::corrupt, fmt::format("its field {} is not {}", in_quotes(name), expected));
}

}  // namespace

std::size_t end_of_value(std::string_view json_text, std::size_t at) {
  int depth = 0;
  for (; at < json_text.size(); ++at) {
    const char c = json_text[at];
    if (c == '"') {
      at = end_of_string(json_text, at) - 1;
      if (depth == 0) return at + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (depth == 0 && (c == ',' || kBlanks.find(c) != std::string_view::npos)) {
      return at;
    }
  }
  return json_text.size();
}

Result<JsonFields> JsonFields::parse(std::string_view text) {
  std::size_t at = skip_blanks(text, 0);
  if (at == text.size() || text[at] != '{' || !json::accept(text))
    return fail(ErrorCode::corrupt, "it is not a JSON object");
  JsonFields fields;
  at = skip_blanks(text, at + 1);
  while (text[at] != '}') {
    if (text[at] == ',') at = skip_blanks(text, at + 1);
    const std::size_t name_end = end_of_string(text, at);
    std::string name = value_of(text.substr(at, name_end - at)).get<std::string>();
    if (fields.has(name))
      return fail(ErrorCode::corrupt, fmt::format("its field {} stands twice", in_quotes(name)));
    at = skip_blanks(text, skip_blanks(text, name_end) + 1);
    const std::size_t end = end_of_value(text, at);
    fields.fields_.emplace_back(std::move(name), text.substr(at, end - at));
    at = skip_blanks(text, end);
  }
  return fields;
}

const std::string_view* JsonFields::find(std::string_view name) const {
  for (const auto& [known, value] : fields_)
    if (known == name) return &value;
  return nullptr;
}

Result<std::string_view> JsonFields::raw(std::string_view name) const {
  const std::string_view* value = find(name);
  if (value == nullptr)
    return fail(ErrorCode::corrupt, fmt::format("its field {} is missing", in_quotes(name)));
  return *value;
}

Result<std::string> JsonFields::bytes(std::string_view name) const {
  FLOTSAM_ASSIGN(const std::string_view text, raw(name));
  auto bytes = bytes_of(value_of(text));
  if (!bytes) return wrong(name, "a string, nor base64");
  return *std::move(bytes);
}

Result<std::uint64_t> JsonFields::number(std::string_view name) const {
  FLOTSAM_ASSIGN(const std::string_view text, raw(name));
  const auto number = parse_unsigned(text);
  if (!number) return wrong(name, "a whole number");
  return *number;
}

Result<Timestamp> JsonFields::time(std::string_view name) const {
  FLOTSAM_ASSIGN(const std::string text, bytes(name));
  const auto moment = parse_rfc3339(text);
  if (!moment) return wrong(name, "a time");
  return *moment;
}

Result<std::vector<std::string>> JsonFields::list(std::string_view name) const {
  FLOTSAM_ASSIGN(const std::string_view text, raw(name));
  const json value = value_of(text);
  if (!value.is_array()) return wrong(name, "a list");
  std::vector<std::string> items;
  for (const json& item : value) {
    auto bytes = bytes_of(item);
    if (!bytes) return wrong(name, "a list of strings");
    items.push_back(*std::move(bytes));
  }
  return items;
}

Result<std::vector<JsonFields>> JsonFields::objects(std::string_view name) const {
  FLOTSAM_ASSIGN(const std::string_view text, raw(name));
  if (!text.starts_with('[')) return wrong(name, "a list");
  std::vector<JsonFields> items;
  for (std::size_t at = skip_blanks(text, 1); at < text.size() && text[at] != ']';) {
    const std::size_t end = end_of_value(text, at);
    FLOTSAM_ASSIGN(auto item, parse(text.substr(at, end - at)));
    items.push_back(std::move(item));
    at = skip_blanks(text, end);
    if (at < text.size() && text[at] == ',') at = skip_blanks(text, at + 1);
  }
  return items;
}

Result<JsonFields> JsonFields::object(std::string_view name) const {
  FLOTSAM_ASSIGN(const std::string_view text, raw(name));
  if (!text.starts_with('{')) return wrong(name, "an object");
  return parse(text);
}

}  // namespace flotsam
