/// What breaks in the middle of a reading must end it: never fewer rows that look like all.

#include <arpa/inet.h>
#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cut_proxy.h"
#include "reading.h"
#include "support/mariadb.h"
#include "support/postgres.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

constexpr std::size_t kCutRows = 300;

/// Reads through a proxy that cuts the connection after every k-th byte of the server's.
void cut_everywhere(int port, const std::function<std::string(int)>& url_through) {
  const auto read = [&](std::optional<CutProxy::Cut> cut, Reading& reading) {
    const CutProxy proxy(port, cut);
    reading.url = url_through(proxy.port());
    reading.queries = {query_of("SELECT k FROM files")};
    auto proofs = reading.run();
    return std::pair(std::move(proofs), proxy.passed());
  };
  Reading whole;
  const auto [proofs, total] = read(std::nullopt, whole);
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  ASSERT_EQ(whole.sink.counts.at(0), kCutRows);
  ASSERT_GT(total, 4000U);
  std::vector<std::uint64_t> places;
  for (std::uint64_t at = 1; at + 260 < total; at += total / 70) places.push_back(at);
  // The rows and what follows them, closely.
  for (std::uint64_t at = total - 260; at < total; at += 4) places.push_back(at);
  std::size_t with_rows = 0;
  for (const std::uint64_t at : places) {
    const auto manner = at % 2 == 0 ? CutProxy::Manner::orderly : CutProxy::Manner::reset;
    Reading reading;
    const auto outcome = read(CutProxy::Cut{at, manner}, reading).first;
    ASSERT_FALSE(outcome) << "cut after " << at << " of " << total << " bytes, and "
                          << (reading.sink.counts.empty() ? 0 : reading.sink.counts[0])
                          << " rows were believed";
    EXPECT_TRUE(outcome.error().code == ErrorCode::unavailable || outcome.error().code == ErrorCode::corrupt)
        << to_text(outcome.error());
    with_rows += !reading.sink.counts.empty() && reading.sink.counts[0] > 0 ? 1U : 0U;
  }
  EXPECT_GT(with_rows, 10U) << "no cut fell among the rows: the test proves nothing";
}

TEST(Faults, PostgresqlCutAfterEveryFewBytesIsNeverASmallerResult) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  const PostgresServer& server = *shared_postgres();
  const std::string database = server.make_database(fmt::format(
      "CREATE TABLE files AS SELECT 'books/' || i || '/image.webp' AS k FROM generate_series(1, {}) s(i)",
      kCutRows));
  cut_everywhere(server.port, [&](int port) { return server.url_through(port, database); });
}

TEST(Faults, MariadbCutAfterEveryFewBytesIsNeverASmallerResult) {
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  const MariadbServer& server = *shared_mariadb();
  const std::string database = server.make_database(fmt::format(
      "CREATE TABLE files ENGINE=InnoDB AS SELECT concat('books/', seq, '/image.webp') AS k FROM seq_1_to_{}",
      kCutRows));
  cut_everywhere(server.port, [&](int port) { return server.url_through(port, database); });
}

TEST(Faults, PostgresqlServerProcessEndedAmongTheRowsIsAnError) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  const PostgresServer& server = *shared_postgres();
  const std::string database = server.make_database();
  for (const char* function : {"pg_terminate_backend", "pg_cancel_backend"}) {
    Reading reading;
    reading.url = server.url(database);
    reading.queries = {query_of("SELECT repeat('x', 200) || i FROM generate_series(1, 400000) s(i)")};
    reading.sink.keep = false;
    reading.sink.before_row = [&](std::size_t, std::size_t row) -> Result<void> {
      if (row == 1000) {
        const std::string sql = fmt::format(
            "SELECT count(*) FROM (SELECT {}(pid) FROM pg_stat_activity WHERE application_name = 'flotsam' "
            "AND datname = '{}') x",
            function, database);
        EXPECT_EQ(server.run("postgres", sql), "1");
      }
      return {};
    };
    const auto proofs = reading.run();
    // FETCH gathers its rows in the server first; a cancel that comes while they are sent is not looked at.
    if (std::string_view(function) == "pg_cancel_backend" && proofs) {
      EXPECT_EQ(proofs->at(0).rows, 400000U);
      continue;
    }
    ASSERT_FALSE(proofs) << function;
    EXPECT_EQ(proofs.error().code, ErrorCode::unavailable) << to_text(proofs.error());
    EXPECT_GT(reading.sink.counts.at(0), 1000U) << function;
    EXPECT_LT(reading.sink.counts.at(0), 400000U) << function;
  }
}

TEST(Faults, MariadbKillAmongTheRowsIsAnError) {
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  const MariadbServer& server = *shared_mariadb();
  const std::string database = server.make_database();
  struct Case {
    const char* statement;
    const char* number;
  };
  for (const Case& row : {Case{"KILL QUERY", "1317"}, Case{"KILL CONNECTION", ""}}) {
    Reading reading;
    reading.url = server.url(database);
    reading.queries = {query_of("SELECT concat(repeat('x', 200), seq) AS k FROM seq_1_to_400000")};
    reading.sink.keep = false;
    reading.sink.before_row = [&](std::size_t, std::size_t number) -> Result<void> {
      if (number == 1000) {
        const std::string id = server.run(
            "mysql", fmt::format("SELECT id FROM information_schema.processlist WHERE db = '{}'", database));
        server.run("mysql", fmt::format("{} {}", row.statement, id));
      }
      return {};
    };
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs) << row.statement;
    EXPECT_EQ(proofs.error().code, ErrorCode::unavailable) << to_text(proofs.error());
    if (*row.number != '\0') {
      EXPECT_EQ(proofs.error().service_code, row.number);
    }
    EXPECT_GT(reading.sink.counts.at(0), 1000U);
    EXPECT_LT(reading.sink.counts.at(0), 400000U);
  }
}

TEST(Faults, OurOwnDeadlineEndsAReadingThatTheServerWouldGoOnWith) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  const std::string postgres = shared_postgres()->make_database();
  const std::string mariadb = shared_mariadb()->make_database();
  struct Case {
    const char* name;
    std::string url;
    std::string query;
  };
  for (const Case& row : {Case{"PostgreSQL", shared_postgres()->url(postgres),
                               "SELECT i::text FROM generate_series(1, 300000) s(i)"},
                          Case{"MariaDB", shared_mariadb()->url(mariadb),
                               "SELECT concat(repeat('x', 300), seq) FROM seq_1_to_300000"}}) {
    // A clock that this test moves; the watch over libmariadb looks at it from its own thread.
    class SharedClock final : public Clock {
     public:
      Timestamp now() const override {
        return Timestamp(std::chrono::nanoseconds(1'800'000'000'000'000'000));
      }
      std::chrono::nanoseconds monotonic() const override { return std::chrono::nanoseconds(now_.load()); }
      void sleep_for(std::chrono::nanoseconds duration) override { now_ += duration.count(); }

     private:
      std::atomic<std::int64_t> now_{0};
    } clock;
    Reading reading;
    reading.url = row.url;
    reading.queries = {query_of(row.query)};
    reading.clock = &clock;
    reading.timeout = Seconds(600);
    reading.sink.keep = false;
    reading.sink.before_row = [&](std::size_t, std::size_t number) -> Result<void> {
      if (number == 100) clock.sleep_for(Seconds(601));
      return {};
    };
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs) << row.name;
    EXPECT_EQ(proofs.error().code, ErrorCode::unavailable) << to_text(proofs.error());
    EXPECT_NE(proofs.error().message.find("time limit"), std::string::npos) << to_text(proofs.error());
    EXPECT_LT(reading.sink.counts.at(0), 300000U);
  }
}

TEST(Faults, ASlowQueryEndsAtItsTimeLimit) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  struct Case {
    const char* name;
    std::string url;
    std::string query;
  };
  const std::string postgres = shared_postgres()->make_database();
  const std::string mariadb = shared_mariadb()->make_database();
  for (const Case& row : {Case{"PostgreSQL", shared_postgres()->url(postgres), "SELECT pg_sleep(600)::text"},
                          Case{"MariaDB", shared_mariadb()->url(mariadb), "SELECT sleep(600)"},
                          Case{"SQLite", "sqlite:empty.db",
                               "WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s) SELECT i "
                               "FROM s WHERE i < 0"}}) {
    Reading reading;
    const TemporaryFolder folder;
    folder.write("empty.db", "");
    reading.base = folder.path();
    reading.url = row.url;
    reading.queries = {query_of(row.query)};
    reading.timeout = Seconds(1);
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs) << row.name;
    EXPECT_EQ(proofs.error().code, ErrorCode::unavailable) << to_text(proofs.error());
  }
}

TEST(Faults, AServerThatTakesTheConnectionAndSaysNothingEndsAtTheTimeLimit) {
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_EQ(listen(silent, 4), 0);
  Reading reading;
  reading.url = fmt::format("postgresql://u@127.0.0.1:{}/db?connect_timeout=1", ntohs(address.sin_port));
  reading.queries = {query_of("SELECT 1")};
  const auto proofs = reading.run();
  close(silent);
  ASSERT_FALSE(proofs);
  EXPECT_EQ(proofs.error().code, ErrorCode::unavailable);
  EXPECT_NE(proofs.error().message.find("did not answer within 1 s"), std::string::npos)
      << to_text(proofs.error());
}

TEST(Faults, AServerThatIsDownOrNotThereSaysSo) {
  for (const char* url :
       {"postgresql://u:secretword@127.0.0.1:1/db", "mysql://u:secretword@127.0.0.1:1/db"}) {
    Reading reading;
    reading.url = url;
    reading.queries = {query_of("SELECT 1")};
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs) << url;
    EXPECT_EQ(proofs.error().code, ErrorCode::unavailable) << to_text(proofs.error());
    EXPECT_FALSE(proofs.error().hint.empty());
    EXPECT_EQ(to_text(proofs.error()).find("secretword"), std::string::npos);
  }
}

TEST(Faults, AWrongPasswordOrDatabaseIsToldApartAndNotPrinted) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  struct Case {
    std::string url;
    ErrorCode code;
  };
  const PostgresServer& postgres = *shared_postgres();
  const MariadbServer& mariadb = *shared_mariadb();
  for (const Case& row :
       {Case{postgres.url_as("test", "secretword", "test"), ErrorCode::permission_denied},
        Case{postgres.url_as("nobody_here", "secretword", "test"), ErrorCode::permission_denied},
        Case{fmt::format("postgresql://test@127.0.0.1:{}/test", postgres.port), ErrorCode::permission_denied},
        Case{postgres.url("no_such_database"), ErrorCode::not_found},
        Case{mariadb.url_as("test", "secretword", "test"), ErrorCode::permission_denied},
        Case{mariadb.url("no_such_database"), ErrorCode::not_found}}) {
    Reading reading;
    reading.url = row.url;
    reading.queries = {query_of("SELECT 1 AS k")};
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs) << row.url;
    EXPECT_EQ(proofs.error().code, row.code) << to_text(proofs.error());
    EXPECT_EQ(to_text(proofs.error()).find("secretword"), std::string::npos);
  }
}

}  // namespace
}  // namespace flotsam::test
