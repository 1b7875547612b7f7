#include "support/mariadb.h"

#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/private_server.h"

namespace flotsam::test {
namespace {

class Server {
 public:
  Server() : process_({"mariadb", "start_mariadb.sh", "stop_mariadb.sh"}), server_(start()) {}
  const Result<MariadbServer>& server() const { return server_; }

 private:
  Result<MariadbServer> start() {
    FLOTSAM_ASSIGN(const auto values, process_.start());
    return MariadbServer{std::stoi(values.at("MYSQL_TCP_PORT")), values.at("MYSQL_USER"),
                         values.at("MYSQL_PWD"), values.at("MYSQL_UNIX_PORT"), process_.folder() + "/data"};
  }
  PrivateServer process_;
  Result<MariadbServer> server_;
};

}  // namespace

std::string MariadbServer::url_as(const std::string& login, const std::string& login_password,
                                  const std::string& database) const {
  return fmt::format("mysql://{}:{}@127.0.0.1:{}/{}", login, login_password, port, database);
}

std::string MariadbServer::url(const std::string& database) const {
  return url_as(user, password, database);
}

std::string MariadbServer::url_through(int proxy_port, const std::string& database) const {
  return fmt::format("mysql://{}:{}@127.0.0.1:{}/{}", user, password, proxy_port, database);
}

std::string MariadbServer::run(const std::string& database, const std::string& sql) const {
  const RunOutcome outcome =
      run_program({"mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-N", "-B", "-r", "-h",
                   "127.0.0.1", "-P", std::to_string(port), "-u", user, database},
                  {{"MYSQL_PWD", password}}, sql);
  if (outcome.exit_code != 0)
    ADD_FAILURE() << "mariadb (Debian: mariadb-server) failed: " << outcome.errors << "\nfor: " << sql;
  std::string output = outcome.output;
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

std::string MariadbServer::make_database(const std::string& sql) const {
  static std::atomic<int> count{0};
  const std::string name = fmt::format("d{}", ++count);
  run("mysql", fmt::format("CREATE DATABASE {} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", name));
  if (!sql.empty()) run(name, sql);
  return name;
}

const Result<MariadbServer>& shared_mariadb() {
  static const Server server;
  return server.server();
}

}  // namespace flotsam::test
