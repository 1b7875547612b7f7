#include "base/database_url.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/secret.h"

namespace flotsam {
namespace {

constexpr const char* kEncodeHint =
    "In a database URL, percent-encode the characters % @ : / ? # & = of user, password and names.";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<std::string> decode(std::string_view text, std::string_view what) {
  auto decoded = percent_decoded(text);
  if (!decoded)
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("the {} in the database URL holds a \"%\" that two hex digits do not follow", what),
        kEncodeHint);
  return *std::move(decoded);
}

Result<DatabaseHost> parse_host(std::string_view text) {
  DatabaseHost host;
  std::string_view name = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos)
      return fail(ErrorCode::invalid_argument, "the address in the database URL has no closing \"]\"",
                  kEncodeHint);
    name = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest[0] != ':')
      return fail(ErrorCode::invalid_argument,
                  "something other than a port follows the address in the database URL", kEncodeHint);
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    name = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  FLOTSAM_ASSIGN(host.name, decode(name, "host"));
  if (has_port && !port.empty()) {
    const auto number = parse_unsigned(port);
    if (!number || *number == 0 || *number > 65535)
      return fail(ErrorCode::invalid_argument, "the port in the database URL is no number from 1 to 65535",
                  kEncodeHint);
    host.port = static_cast<std::uint16_t>(*number);
  }
  return host;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// A host as a URL has it. What cannot be part of a name, an address or a socket's path came out of
/// percent-encoding, and may be user information that slipped in there whole.
std::string shown_host(std::string_view name) {
  const bool is_address = name.find(':') != std::string_view::npos;
  const bool is_path = name.starts_with('/');
  const std::string_view also = is_address ? ":.%" : is_path ? "/.-_" : ".-_";
  const bool is_plain = std::all_of(name.begin(), name.end(), [&](char c) {
    return is_alphanumeric(c) || also.find(c) != std::string_view::npos ||
           (!is_address && static_cast<unsigned char>(c) >= 0x80);
  });
  const std::string_view digits = name.substr(0, name.find('%'));
  const bool is_hexadecimal = digits.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  if (!is_plain || (is_address && !is_hexadecimal)) return Secret::shown();
  if (is_address) return fmt::format("[{}]", name);
  std::string shown;
  for (const char c : name) shown += c == '/' ? std::string("%2F") : std::string(1, c);
  return shown;
}

bool is_harmless(std::string_view parameter) {
  constexpr std::array<std::string_view, 12> kHarmless = {
      "sslmode",          "host",   "port",        "dbname",   "connect_timeout",
      "application_name", "ssl",    "sslrootcert", "ssl-mode", "target_session_attrs",
      "socket",           "charset"};
  return std::find(kHarmless.begin(), kHarmless.end(), parameter) != kHarmless.end();
}

Result<void> parse_parameters(std::string_view text, DatabaseUrl& url) {
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t sign = pair.find('=');
    if (sign == std::string_view::npos || sign == 0)
      return fail(ErrorCode::invalid_argument,
                  "a parameter of the database URL is not of the form name=value", kEncodeHint);
    FLOTSAM_ASSIGN(std::string name, decode(pair.substr(0, sign), "parameter"));
    FLOTSAM_ASSIGN(std::string value, decode(pair.substr(sign + 1), "parameter"));
    url.parameters.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

std::optional<std::string> DatabaseUrl::parameter(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : parameters)
    if (key == name) found = value;
  return found;
}

Result<DatabaseUrl> parse_database_url(std::string_view text) {
  DatabaseUrl url;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos)
    return fail(ErrorCode::invalid_argument, "the database URL has no \"://\" after its scheme",
                "Write it like postgresql://user:password@host:5432/database.");
  url.scheme = to_ascii_lower(text.substr(0, mark));
  const std::string_view rest = text.substr(mark + 3);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  std::string_view behind = rest.substr(authority.size());
  // It may be part of a name or a parameter, but more likely ends a password in which a "/" or "?" was not
  // encoded: then what looks like the host is a piece of that password.
  if (behind.find('@') != std::string_view::npos)
    return fail(ErrorCode::invalid_argument, "the database URL has an \"@\" behind its first \"/\" or \"?\"",
                kEncodeHint);
  if (const std::size_t question = behind.find('?'); question != std::string_view::npos) {
    FLOTSAM_TRY(parse_parameters(behind.substr(question + 1), url));
    behind = behind.substr(0, question);
  }
  if (!behind.empty()) {
    FLOTSAM_ASSIGN(url.database, decode(behind.substr(1), "database name"));
  }
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view information = authority.substr(0, at);
    authority = authority.substr(at + 1);
    const std::size_t colon = information.find(':');
    FLOTSAM_ASSIGN(url.user, decode(information.substr(0, colon), "user"));
    if (colon != std::string_view::npos) {
      FLOTSAM_ASSIGN(url.password, decode(information.substr(colon + 1), "password"));
      url.has_password = true;
    }
  }
  while (!authority.empty()) {
    const std::size_t comma = authority.find(',');
    FLOTSAM_ASSIGN(DatabaseHost host, parse_host(authority.substr(0, comma)));
    url.hosts.push_back(std::move(host));
    authority = comma == std::string_view::npos ? std::string_view() : authority.substr(comma + 1);
  }
  return url;
}

std::string shown_database_url(const DatabaseUrl& url) {
  std::string shown = url.scheme + "://";
  for (std::size_t i = 0; i < url.hosts.size(); ++i) {
    shown += (i == 0 ? "" : ",") + shown_host(url.hosts[i].name);
    if (url.hosts[i].port) shown += fmt::format(":{}", *url.hosts[i].port);
  }
  if (!url.database.empty()) shown += "/" + url.database;
  char mark = '?';
  for (const auto& [name, value] : url.parameters) {
    shown += mark + (is_harmless(name) ? name + "=" + value : std::string(Secret::shown()));
    mark = '&';
  }
  return to_printable(redacted(shown));
}

}  // namespace flotsam
