// The XML of requests to the fake S3, read as strictly as AWS does.

#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "support/fake_s3_parts.h"

namespace flotsam::test {
namespace {

bool is_character(unsigned long code) {
  return code == 0x9 || code == 0xA || code == 0xD || (code >= 0x20 && code <= 0xD7FF) ||
         (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

void append_utf8(std::string& out, unsigned long code) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The text of an element as XML reads it, or nothing.
std::optional<std::string> text_of(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto c = static_cast<unsigned char>(raw[i]);
    if (c == '\r') {  // a raw CR, and CR LF, is a line feed
      out += '\n';
      if (i + 1 < raw.size() && raw[i + 1] == '\n') ++i;
    } else if (c != '&') {
      out += raw[i];
    } else {
      const auto end = raw.find(';', i);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string name(raw.substr(i + 1, end - i - 1));
      static const std::map<std::string, char> kNamed = {
          {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
      if (const auto named = kNamed.find(name); named != kNamed.end()) {
        out += named->second;
      } else {
        if (name.size() < 2 || name[0] != '#') return std::nullopt;
        const bool is_hex = name[1] == 'x';
        char* stop = nullptr;
        const std::string digits = name.substr(is_hex ? 2 : 1);
        const unsigned long code = std::strtoul(digits.c_str(), &stop, is_hex ? 16 : 10);
        if (digits.empty() || *stop != '\0' || !is_character(code)) return std::nullopt;
        append_utf8(out, code);
      }
      i = end;
    }
  }
  return out;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Reads the element at `at`, which stands behind its "<".
bool read_element(std::string_view text, std::size_t& at, XmlElement& element, unsigned depth) {
  const auto end = text.find('>', at);
  if (end == std::string_view::npos || depth > 8) return false;
  std::string_view tag = text.substr(at, end - at);
  const bool is_empty = tag.ends_with('/');
  if (is_empty) tag.remove_suffix(1);
  element.name = tag.substr(0, tag.find_first_of(" \t\r\n"));
  if (element.name.empty() || element.name[0] == '!' || element.name[0] == '?') return false;
  at = end + 1;
  if (is_empty) return true;
  std::string raw;
  while (true) {
    const auto open = text.find('<', at);
    if (open == std::string_view::npos) return false;
    raw += text.substr(at, open - at);
    at = open + 1;
    if (text.substr(at, 1) == "/") break;
    if (!read_element(text, at, element.children.emplace_back(), depth + 1)) return false;
  }
  const auto close = text.find('>', at);
  if (close == std::string_view::npos || text.substr(at + 1, close - at - 1) != element.name) return false;
  at = close + 1;
  if (!element.children.empty()) return is_blank(raw);
  const auto read = text_of(raw);
  if (!read) return false;
  element.text = *read;
  return true;
}

bool holds_only_characters(std::string_view text) {
  if (!is_utf8(text)) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
  }
  return text.find("\xEF\xBF\xBE") == std::string_view::npos &&
         text.find("\xEF\xBF\xBF") == std::string_view::npos;
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const XmlElement& each) { return each.name == child_name; });
  return found == children.end() ? nullptr : &*found;
}

std::optional<XmlElement> parse_request_xml(std::string_view text) {
  if (!holds_only_characters(text)) return std::nullopt;
  std::size_t at = 0;
  if (text.starts_with("<?xml")) {
    at = text.find("?>");
    if (at == std::string_view::npos) return std::nullopt;
    at += 2;
  }
  const auto open = text.find('<', at);
  if (open == std::string_view::npos || !is_blank(text.substr(at, open - at))) return std::nullopt;
  at = open + 1;
  XmlElement root;
  if (!read_element(text, at, root, 0) || !is_blank(text.substr(at))) return std::nullopt;
  return root;
}

}  // namespace flotsam::test
