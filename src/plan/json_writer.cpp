#include "plan/json_writer.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "plan/plan.h"

namespace flotsam {
namespace {

char32_t character_of(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (bytes.size() == 1) return byte(0);
  char32_t value = byte(0) & (0x7FU >> bytes.size());
  for (std::size_t i = 1; i < bytes.size(); ++i) value = (value << 6U) | (byte(i) & 0x3FU);
  return value;
}

// What moves a cursor, hides itself or turns the direction of what follows.
bool is_hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

void append_escape(std::string& out, char32_t c) {
  const auto unit = [&](char32_t value) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(value));
  };
  if (c < 0x10000) return unit(c);
  unit(0xD800 + ((c - 0x10000) >> 10U));
  unit(0xDC00 + ((c - 0x10000) & 0x3FFU));
}

void append_string(std::string& out, std::string_view utf8) {
  out += '"';
  while (!utf8.empty()) {
    const std::size_t length = utf8_length_of(utf8);
    CHECK(length > 0);
    const std::string_view character = utf8.substr(0, length);
    const char32_t c = character_of(character);
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_hidden(c)) {
      append_escape(out, c);
    } else {
      out += character;
    }
    utf8.remove_prefix(length);
  }
  out += '"';
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length_of(bytes);
    if (length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(bytes.front()));
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string with_hidden_escaped(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length_of(json), 1);
    const std::string_view character = json.substr(0, length);
    const char32_t c = character_of(character);
    if (is_hidden(c) && c >= 0x7F) {
      append_escape(out, c);
    } else {
      out += character;
    }
    json.remove_prefix(length);
  }
  return out;
}

std::string to_visible(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length_of(bytes);
    const std::string_view character = bytes.substr(0, std::max<std::size_t>(length, 1));
    if (length > 0 && !is_hidden(character_of(character))) {
      out += character;
    } else {
      for (const char byte : character)
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
    }
    bytes.remove_prefix(character.size());
  }
  return out;
}

void append_json_text(std::string& out, std::string_view bytes) {
  if (is_utf8(bytes)) return append_string(out, bytes);
  out += "{\"base64\":\"";
  out += to_base64(bytes);
  out += "\"}";
}

void append_json_name(std::string& out, std::string_view bytes) {
  append_string(out, to_utf8(bytes));
}

std::string to_json_key(std::string_view key) {
  std::string out;
  append_json_text(out, key);
  return out;
}

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  ++depth_;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  --depth_;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  ++depth_;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  --depth_;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::name(std::string_view bytes) {
  separate();
  append_json_name(out_, bytes);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view bytes) {
  separate();
  append_json_text(out_, bytes);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
  return raw(std::to_string(value));
}
JsonWriter& JsonWriter::tenths(std::uint64_t value) {
  return raw(fmt::format("{}.{}", value / 10, value % 10));
}
JsonWriter& JsonWriter::boolean(bool value) {
  return raw(value ? "true" : "false");
}
JsonWriter& JsonWriter::null() {
  return raw("null");
}
JsonWriter& JsonWriter::time(Timestamp moment) {
  return text(to_rfc3339(moment));
}

std::string JsonWriter::take() {
  CHECK(depth_ == 0);
  needs_comma_ = false;
  return std::exchange(out_, {});
}

}  // namespace flotsam
