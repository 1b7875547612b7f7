#include "base/bytes.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <vector>

namespace flotsam {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

bool is_continuation(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (byte_at(bytes, at) & 0xC0U) == 0x80U;
}

char32_t character_of(std::string_view bytes, std::size_t length) {
  const unsigned char first = byte_at(bytes, 0);
  if (length == 1) return first;
  char32_t value = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) value = (value << 6U) | (byte_at(bytes, i) & 0x3FU);
  return value;
}

/// Characters that move the cursor, hide themselves or turn the direction of what follows.
bool is_hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF) || (c & 0xFFFEU) == 0xFFFEU;
}

bool is_shell_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
}

enum class Backslash { doubled, kept };
enum class Beyond { shown, escaped };

std::string escaped(std::string_view bytes, Backslash backslash, Beyond beyond_ascii = Beyond::shown) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = utf8_length_of(bytes.substr(at));
    if (length == 0) {
      out += fmt::format("\\x{:02x}", byte_at(bytes, at));
      ++at;
      continue;
    }
    const char32_t c = character_of(bytes.substr(at), length);
    if (c == '\\' && backslash == Backslash::doubled) {
      out += "\\\\";
    } else if (is_hidden(c) || (c >= 0x80 && beyond_ascii == Beyond::escaped)) {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
    } else {
      out += bytes.substr(at, length);
    }
    at += length;
  }
  return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = (group << 8U) | (j < here ? byte_at(bytes, i + j) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= here ? kBase64[(group >> (18U - 6U * static_cast<unsigned>(j))) & 63U] : '=';
  }
  return out;
}

std::optional<std::string> bytes_of_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    std::size_t padding = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const char c = text[i + j];
      std::size_t value = kBase64.find(c);
      if (c == '=' && i + 4 == text.size() && j >= 2) {
        ++padding;
        value = 0;
      } else if (value == std::string_view::npos || padding > 0) {
        return std::nullopt;
      }
      group = (group << 6U) | static_cast<std::uint32_t>(value);
    }
    for (std::size_t j = 0; j < 3 - padding; ++j)
      out += static_cast<char>((group >> (16U - 8U * static_cast<unsigned>(j))) & 255U);
    if (padding > 0 && to_base64(std::string_view(out).substr(out.size() - (3 - padding))) != text.substr(i))
      return std::nullopt;  // bits behind the end are not zero
  }
  return out;
}

std::size_t utf8_length_of(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const unsigned char first = byte_at(bytes, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(bytes, i)) return 0;
  const char32_t c = character_of(bytes, length);
  if (length == 3 && (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF))) return 0;
  if (length == 4 && (c < 0x10000 || c > 0x10FFFF)) return 0;
  return length;
}

bool is_utf8(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (byte_at(bytes, at) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = utf8_length_of(bytes.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string to_ascii(std::string_view bytes) {
  return escaped(bytes, Backslash::doubled, Beyond::escaped);
}

std::string to_printable(std::string_view bytes) {
  return escaped(bytes, Backslash::doubled);
}
std::string to_shown(std::string_view text) {
  return escaped(text, Backslash::kept);
}

std::string in_quotes(std::string_view bytes) {
  return "'" + to_printable(bytes) + "'";
}

std::string shell_quoted(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_shell_safe)) return std::string(word);
  if (to_printable(word).size() == word.size() ||
      (is_utf8(word) && to_printable(word).find("\\u{") == std::string::npos)) {
    std::string out = "'";
    for (const char c : word) {
      if (c == '\'') {
        out += "'\\''";
      } else {
        out += c;
      }
    }
    return out + "'";
  }
  std::string out = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "'";
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::string to_ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool equal_ignoring_case(std::string_view text, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(text.begin(), text.end(), other.begin(), other.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t same = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + same});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace flotsam
