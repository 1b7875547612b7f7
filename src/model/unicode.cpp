#include "model/unicode.h"

#include <cstdlib>
#include <utf8proc.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

std::string mapped(std::string_view text, int options) {
  if (is_ascii(text) || !is_utf8(text)) return std::string(text);
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &out, static_cast<utf8proc_option_t>(options));
  if (size < 0) return std::string(text);
  std::string result(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  std::free(out);
  return result;
}

template <typename Change>
std::string each_character(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t character = 0;
    const auto read = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    utf8proc_uint8_t bytes[4];
    const auto written = utf8proc_encode_char(change(character), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(written));
    at += static_cast<std::size_t>(read);
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_scheme(std::string_view text) {
  if (text.empty() || text.size() > 20) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!letter && (i == 0 || !other)) return false;
  }
  return true;
}

}  // namespace

std::string to_lower(std::string_view text) {
  if (is_ascii(text) || !is_utf8(text)) return to_ascii_lower(text);
  return each_character(text, utf8proc_tolower);
}

std::string to_upper(std::string_view text) {
  if (is_ascii(text) || !is_utf8(text)) {
    std::string out(text);
    for (char& c : out)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
  }
  return each_character(text, utf8proc_toupper);
}

std::string to_nfc(std::string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}
std::string to_nfd(std::string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
}

void fold(std::string& text) {
  if (is_ascii(text) || !is_utf8(text)) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return;
  }
  // Decomposed first: an iota subscript folds to a letter, which would tear it from accents that belong
  // before it.
  text = to_nfd(text);
  // Folding may leave text that composes further (and the reverse): twice reaches the fixed point.
  text = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  text = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

std::string percent_decoded(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool room = text[at] == '%' && at + 2 < text.size();
    const int high = room ? hex_value(text[at + 1]) : -1;
    const int low = room ? hex_value(text[at + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string_view basename_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view extension_with_dot_of(std::string_view path) {
  const std::string_view name = basename_of(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

UrlPath path_of_url(std::string_view text) {
  std::size_t host = 0;
  if (text.starts_with("//")) {
    host = 2;
  } else {
    const std::size_t sign = text.find("://");
    if (sign == std::string_view::npos || !is_scheme(text.substr(0, sign))) return {};
    host = sign + 3;
  }
  std::string_view rest = text.substr(host);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return {true, {}};
  return {true, rest.substr(slash + 1)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks(" \t\r\n\f\v\0", 7);
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace flotsam
