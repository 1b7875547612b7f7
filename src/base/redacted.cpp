#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/secret.h"

namespace flotsam {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Blanks the value behind every `name` that is followed by "=" or ":" (blanks and quotes between are
/// allowed).
void blank_values(std::string& text, std::string_view name) {
  const std::string lower = to_ascii_lower(text);
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
    if (at < copied) continue;
    std::size_t value = at + name.size();
    while (value < text.size() && (text[value] == ' ' || text[value] == '"' || text[value] == '\'')) ++value;
    if (value >= text.size() || (text[value] != '=' && text[value] != ':')) continue;
    ++value;
    while (value < text.size() && text[value] == ' ') ++value;
    std::size_t end = value;
    if (end < text.size() && (text[end] == '"' || text[end] == '\'')) {
      const std::size_t close = text.find(text[end], end + 1);
      end = close == std::string::npos ? text.size() : close + 1;
    } else {
      while (end < text.size() &&
             std::string_view(" &,;\"'\n\r\t<>)").find(text[end]) == std::string_view::npos)
        ++end;
    }
    if (end == value) continue;
    out.append(text, copied, value - copied);
    out += Secret::shown();
    copied = end;
  }
  out.append(text, copied);
  text = std::move(out);
}

/// "AKIA" and "ASIA" with 12 or more capitals and digits behind them are access key ids.
void blank_key_ids(std::string& text) {
  for (const std::string_view start : {"AKIA", "ASIA"}) {
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
      if (at > 0 && is_word(text[at - 1])) continue;
      std::size_t end = at + start.size();
      while (end < text.size() &&
             ((text[end] >= 'A' && text[end] <= 'Z') || (text[end] >= '0' && text[end] <= '9')))
        ++end;
      if (end - at >= 16) text.replace(at + 4, end - at - 4, Secret::shown());
    }
  }
}

/// The user information of every URL: "scheme://user:password@host" keeps the scheme and the host.
void blank_user_information(std::string& text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t start = at + 3;
    std::size_t end = start;
    while (end < text.size() && std::string_view(" /?#\"'\n\r\t<>").find(text[end]) == std::string_view::npos)
      ++end;
    const std::size_t sign = text.rfind('@', end == 0 ? 0 : end - 1);
    if (sign == std::string::npos || sign < start || sign >= end) continue;
    text.replace(start, sign - start, Secret::shown());
  }
}

}  // namespace

std::string redacted(std::string_view text) {
  std::string out(text);
  blank_user_information(out);
  constexpr std::array<std::string_view, 8> kNames = {
      "x-amz-signature", "x-amz-security-token", "x-amz-credential", "password",
      "passwd",          "secret_access_key",    "session_token",    "signature"};
  for (const std::string_view name : kNames) blank_values(out, name);
  blank_key_ids(out);
  return out;
}

}  // namespace flotsam
