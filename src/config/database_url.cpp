#include "config/database_url.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/database_url.h"
#include "base/secret.h"
#include "config/sections.h"

namespace flotsam {
namespace {

constexpr std::array<std::string_view, 4> kServers = {"postgresql", "postgres", "mysql", "mariadb"};
constexpr std::string_view kKnown = "postgresql://, mysql://, sqlite:FILE and csv:FILE";

std::string_view scheme_of(std::string_view url) {
  return url.substr(0, std::min(url.size(), url.find(':')));
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
  const auto server = parse_database_url(url);
  return server ? shown_database_url(*server) : Secret::shown();
}

std::string digested_database(std::string_view url, std::string_view folder) {
  if (kind_of_database(url) == DatabaseKind::server) {
    const auto server = parse_database_url(url);
    CHECK(server);  // database_mistake let it pass
    const bool is_postgresql = server->scheme.starts_with("postgres");
    // libpq takes the last name that it is given.
    const std::string name =
        is_postgresql ? server->parameter("dbname").value_or(server->database) : server->database;
    return fmt::format("{}:{}", is_postgresql ? "postgresql" : "mysql", name);
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
      if (const auto server = parse_database_url(url); !server) return ": " + sentences_of(server.error());
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
