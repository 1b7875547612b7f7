#include "config/database_url.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/secret.h"

namespace flotsam {
namespace {

constexpr std::array<std::string_view, 4> kServers = {"postgresql", "postgres", "mysql", "mariadb"};
constexpr std::string_view kKnown = "postgresql://, mysql://, sqlite:FILE and csv:FILE";

std::string_view scheme_of(std::string_view url) {
  return url.substr(0, std::min(url.size(), url.find(':')));
}

/// A server URL cut in three: what stands before the last "@" is user information (an unescaped password may
/// hold any
/// "/" or "?", so that the last "@" of all is taken: rather too much is hidden than too little).
struct ServerUrl {
  std::string_view scheme;
  std::string_view place;       ///< host, port, database
  std::string_view parameters;  ///< behind the "?"
};

ServerUrl parts_of(std::string_view url) {
  ServerUrl parts;
  parts.scheme = scheme_of(url);
  std::string_view rest = url.substr(parts.scheme.size());
  if (rest.starts_with("://")) rest.remove_prefix(3);
  const std::size_t sign = rest.rfind('@');
  if (sign != std::string_view::npos) rest.remove_prefix(sign + 1);
  const std::size_t question = rest.find('?');
  parts.place = rest.substr(0, question);
  if (question != std::string_view::npos) parts.parameters = rest.substr(question + 1);
  return parts;
}

/// Host and port, unless something in them is percent-encoded beyond the "/" of a socket's path: then a
/// password may have slipped in there.
std::string shown_place(std::string_view place) {
  const std::string_view host = place.substr(0, place.find('/'));
  for (std::size_t at = host.find('%'); at != std::string_view::npos; at = host.find('%', at + 1))
    if (!equal_ignoring_case(host.substr(at, 3), "%2F"))
      return std::string(Secret::shown()) + std::string(place.substr(host.size()));
  return std::string(place);
}

bool is_harmless(std::string_view parameter) {
  constexpr std::array<std::string_view, 12> kHarmless = {
      "sslmode",          "host",   "port",        "dbname",   "connect_timeout",
      "application_name", "ssl",    "sslrootcert", "ssl-mode", "target_session_attrs",
      "socket",           "charset"};
  return std::find(kHarmless.begin(), kHarmless.end(), parameter) != kHarmless.end();
}

}  // namespace

DatabaseKind kind_of_database(std::string_view url) {
  const std::string_view scheme = scheme_of(url);
  if (scheme.size() == url.size()) return DatabaseKind::unknown;
  if (scheme == "sqlite") return DatabaseKind::sqlite;
  if (scheme == "csv") return DatabaseKind::csv;
  const bool is_server = std::find(kServers.begin(), kServers.end(), scheme) != kServers.end();
  return is_server && url.substr(scheme.size()).starts_with("://") ? DatabaseKind::server
                                                                   : DatabaseKind::unknown;
}

std::string shown_database(std::string_view url) {
  if (kind_of_database(url) != DatabaseKind::server) return redacted(url);
  const ServerUrl parts = parts_of(url);
  std::string shown = fmt::format("{}://{}", parts.scheme, shown_place(parts.place));
  std::string_view rest = parts.parameters;
  char sign = '?';
  while (!rest.empty()) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest = rest.substr(std::min(rest.size(), parameter.size() + 1));
    const std::string_view name = parameter.substr(0, parameter.find('='));
    shown +=
        fmt::format("{}{}", sign, is_harmless(name) ? std::string(parameter) : std::string(Secret::shown()));
    sign = '&';
  }
  return shown;
}

std::string digested_database(std::string_view url, std::string_view folder) {
  const DatabaseKind kind = kind_of_database(url);
  if (kind == DatabaseKind::server) {
    const ServerUrl parts = parts_of(url);
    const std::string_view scheme =
        parts.scheme.starts_with("postgres") ? std::string_view("postgresql") : std::string_view("mysql");
    const std::size_t slash = parts.place.find('/');
    return fmt::format("{}:{}", scheme, slash == std::string_view::npos ? "" : parts.place.substr(slash + 1));
  }
  std::string_view file = url.substr(std::min(url.size(), url.find(':') + 1));
  if (file.starts_with("//")) file.remove_prefix(2);
  const auto path = (std::filesystem::path(folder) / std::filesystem::path(file)).lexically_normal();
  return fmt::format("{}:{}", scheme_of(url), path.native());
}

std::string database_mistake(std::string_view url) {
  const std::string_view scheme = scheme_of(url);
  switch (kind_of_database(url)) {
    case DatabaseKind::server:
      if (url.size() == scheme.size() + 3)
        return fmt::format("is {}:// and nothing else; write {}://HOST/NAME", scheme, scheme);
      return {};
    case DatabaseKind::sqlite:
    case DatabaseKind::csv: {
      const std::string_view file = url.substr(scheme.size() + 1);
      if (file.empty() || file == "//") return fmt::format("names no file; write {}:FILE", scheme);
      return {};
    }
    case DatabaseKind::unknown:
      break;
  }
  const bool is_server = std::find(kServers.begin(), kServers.end(), scheme) != kServers.end();
  if (is_server && scheme.size() < url.size()) return fmt::format("must begin with {}://", scheme);
  const bool is_word = scheme.size() < url.size() && !scheme.empty() && scheme.size() <= 20 &&
                       std::all_of(scheme.begin(), scheme.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return is_word ? fmt::format("begins with {}:, but must begin with one of {}", scheme, kKnown)
                 : fmt::format("must begin with one of {}", kKnown);
}

}  // namespace flotsam
