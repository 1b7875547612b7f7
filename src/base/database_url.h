#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace flotsam {

/// One host of a database server and its port, where the URL names one.
struct DatabaseHost {
  std::string name;  ///< a name, an address without brackets; empty where the URL names none
  std::optional<std::uint16_t> port;
};

/// scheme://[user[:password]@][host[:port]][,host…][/database][?name=value&…], percent-decoded (RFC 3986).
struct DatabaseUrl {
  std::string scheme;
  std::string user;
  std::string password;
  bool has_password = false;
  std::vector<DatabaseHost> hosts;
  std::string database;
  std::vector<std::pair<std::string, std::string>> parameters;

  /// The value of a parameter; nothing where it is not there. The last one of a name counts.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// Splits the URL of a database server. The user information ends at the last "@" before the path, so that a
/// stray "@" in a password does not become part of a host name. An "@" behind that must be percent-encoded.
/// Errors: invalid_argument; no message quotes any part of the URL, which may hold a password.
Result<DatabaseUrl> parse_database_url(std::string_view url);

/// The URL for messages and reports: without user information, and of its parameters only those that hold no
/// secret, the others as ***.
std::string shown_database_url(const DatabaseUrl& url);

}  // namespace flotsam
