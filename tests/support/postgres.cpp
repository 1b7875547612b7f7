#include "support/postgres.h"

#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/private_server.h"

namespace flotsam::test {
namespace {

class Server {
 public:
  explicit Server(const std::map<std::string, std::string>& environment)
      : process_({"postgres", "start_postgres.sh", "stop_postgres.sh"}), server_(start(environment)) {}
  const Result<PostgresServer>& server() const { return server_; }

 private:
  Result<PostgresServer> start(const std::map<std::string, std::string>& environment) {
    FLOTSAM_ASSIGN(const auto values, process_.start(environment));
    return PostgresServer{std::stoi(values.at("PGPORT")), values.at("PGUSER"), values.at("PGPASSWORD"),
                          values.at("PG_SOCKET_DIR"), process_.folder() + "/data"};
  }
  PrivateServer process_;
  Result<PostgresServer> server_;
};

}  // namespace

std::string PostgresServer::url_as(const std::string& login, const std::string& login_password,
                                   const std::string& database) const {
  return fmt::format("postgresql://{}:{}@127.0.0.1:{}/{}", login, login_password, port, database);
}

std::string PostgresServer::url(const std::string& database) const {
  return url_as(user, password, database);
}

std::string PostgresServer::url_through(int proxy_port, const std::string& database) const {
  return fmt::format("postgresql://{}:{}@127.0.0.1:{}/{}", user, password, proxy_port, database);
}

std::string PostgresServer::run(const std::string& database, const std::string& sql) const {
  const RunOutcome outcome =
      run_program({"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                   std::to_string(port), "-U", user, "-d", database, "-f", "-"},
                  {{"PGPASSWORD", password}, {"PGCLIENTENCODING", "UTF8"}}, sql);
  if (outcome.exit_code != 0)
    ADD_FAILURE() << "psql (Debian: postgresql) failed: " << outcome.errors << "\nfor: " << sql;
  std::string output = outcome.output;
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

std::string PostgresServer::make_database(const std::string& sql, const std::string& options) const {
  static std::atomic<int> count{0};
  const std::string name = fmt::format("d{}", ++count);
  run("postgres", fmt::format("CREATE DATABASE {} {}", name, options));
  if (!sql.empty()) run(name, sql);
  return name;
}

const Result<PostgresServer>& shared_postgres() {
  static const Server server({});
  return server.server();
}

const Result<PostgresServer>& shared_postgres_standby() {
  static const Server server([] {
    const auto& primary = shared_postgres();
    return std::map<std::string, std::string>{
        {"PG_STANDBY_OF", primary ? std::to_string(primary->port) : "0"}};
  }());
  return server.server();
}

}  // namespace flotsam::test
