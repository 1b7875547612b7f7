#pragma once

#include <string>

#include "base/error.h"

namespace flotsam::test {

/// A private MariaDB on 127.0.0.1. Its user may do everything.
struct MariadbServer {
  int port = 0;
  std::string user;
  std::string password;
  std::string socket;
  std::string data_folder;

  /// mysql://user:password@127.0.0.1:port/database
  std::string url(const std::string& database) const;
  std::string url_as(const std::string& login, const std::string& login_password,
                     const std::string& database) const;
  std::string url_through(int proxy_port, const std::string& database) const;

  /// Makes a new database (utf8mb4, utf8mb4_bin) and runs SQL in it; returns its name. The test fails where
  /// this does.
  std::string make_database(const std::string& sql = "") const;
  /// Runs SQL in a connection of its own and returns its tab-separated output without the last line break.
  /// The test fails where the SQL does.
  std::string run(const std::string& database, const std::string& sql) const;
};

/// The server of this test program: started at the first call, ended with the program.
const Result<MariadbServer>& shared_mariadb();

}  // namespace flotsam::test
