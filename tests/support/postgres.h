#pragma once

#include <string>

#include "base/error.h"

namespace flotsam::test {

/// A private PostgreSQL on 127.0.0.1. Its user is a superuser.
struct PostgresServer {
  int port = 0;
  std::string user;
  std::string password;
  std::string socket_folder;
  std::string data_folder;

  /// postgresql://user:password@127.0.0.1:port/database
  std::string url(const std::string& database) const;
  /// The same for another login, or another port (a proxy's).
  std::string url_as(const std::string& login, const std::string& login_password,
                     const std::string& database) const;
  std::string url_through(int proxy_port, const std::string& database) const;

  /// Makes a new database and runs SQL in it; returns its name. `options` are those of CREATE DATABASE. The
  /// test fails where this does.
  std::string make_database(const std::string& sql = "", const std::string& options = "") const;
  /// Runs SQL in a connection of its own and returns its unaligned output without the last line break. The
  /// test fails where the SQL does.
  std::string run(const std::string& database, const std::string& sql) const;
};

/// The server of this test program: started at the first call, ended with the program. A test that needs it
/// fails where it cannot start: ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error()).
const Result<PostgresServer>& shared_postgres();

/// A streaming standby of the shared server, started at the first call.
const Result<PostgresServer>& shared_postgres_standby();

}  // namespace flotsam::test
