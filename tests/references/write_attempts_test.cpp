/// Some 25 ways to write through a reference query, for each database: none goes through, and the data stay
/// as they were.

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "reading.h"
#include "references/mysql/connection.h"
#include "references/postgresql/connection.h"
#include "references/sqlite/sqlite_handle.h"
#include "support/mariadb.h"
#include "support/postgres.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

void expect_refused(const std::string& url, const std::vector<std::string>& attempts,
                    const std::function<std::string()>& state) {
  const std::string before = state();
  ASSERT_FALSE(before.empty());
  for (const std::string& sql : attempts) {
    Reading reading;
    reading.url = url;
    reading.queries = {query_of(sql)};
    const auto proofs = reading.run();
    EXPECT_FALSE(proofs) << "went through: " << sql;
    if (!proofs) {
      EXPECT_TRUE(proofs.error().code == ErrorCode::invalid_argument ||
                  proofs.error().code == ErrorCode::refused || proofs.error().code == ErrorCode::not_found ||
                  proofs.error().code == ErrorCode::permission_denied)
          << sql << ": " << to_text(proofs.error());
    }
    ASSERT_EQ(state(), before) << "changed the data: " << sql;
  }
}

TEST(WriteAttempts, PostgresqlRefusesAll) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  const PostgresServer& server = *shared_postgres();
  const std::string database = server.make_database(
      "CREATE TABLE files (k text); INSERT INTO files VALUES ('a'); CREATE SEQUENCE s;"
      "CREATE FUNCTION writes() RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO files VALUES ('by "
      "function'); RETURN 'x'; END $$;"
      "CREATE VIEW acting AS SELECT writes() AS k");
  const std::string mark = "/tmp/flotsam_test_" + database;
  const auto state = [&] {
    return server.run(database,
                      "SELECT (SELECT string_agg(k, ',') FROM files), (SELECT count(*) FROM pg_class), "
                      "(SELECT count(*) FROM pg_largeobject_metadata), (SELECT last_value || is_called::text "
                      "FROM s), "
                      "(SELECT count(*) FROM pg_roles)") +
           (std::filesystem::exists(mark) ? "FILE" : "");
  };
  expect_refused(server.url(database),
                 {"INSERT INTO files VALUES ('x')",
                  "UPDATE files SET k = 'x'",
                  "DELETE FROM files",
                  "TRUNCATE files",
                  "DROP TABLE files",
                  "CREATE TABLE other (k text)",
                  "SELECT k INTO other FROM files",
                  "CREATE TABLE other AS SELECT k FROM files",
                  "ALTER TABLE files ADD x int",
                  "WITH x AS (DELETE FROM files RETURNING k) SELECT k FROM x",
                  "WITH x AS (INSERT INTO files VALUES ('x') RETURNING k) SELECT k FROM x",
                  fmt::format("COPY files TO '{}'", mark),
                  fmt::format("COPY files TO PROGRAM 'touch {}'", mark),
                  fmt::format("COPY (SELECT 1) TO PROGRAM 'touch {}'", mark),
                  fmt::format("SELECT 1) TO PROGRAM 'touch {}' --", mark),
                  "COMMIT; INSERT INTO files VALUES ('x')",
                  "SELECT k FROM files; DELETE FROM files",
                  "DO $$ BEGIN DELETE FROM files; END $$",
                  "SELECT k FROM files FOR UPDATE",
                  "SELECT nextval('s')",
                  "SELECT setval('s', 9)",
                  "SELECT lo_from_bytea(0, 'x')",
                  "SELECT \"lo_creat\"(-1)",
                  "SELECT pg_catalog.lo_import('/etc/hostname')",
                  "SELECT writes()",
                  "SELECT k FROM acting",
                  "EXPLAIN ANALYZE DELETE FROM files",
                  "ANALYZE DELETE FROM files",
                  "CREATE ROLE intruder SUPERUSER",
                  "CALL x()",
                  "SET TRANSACTION READ WRITE",
                  "LOCK TABLE files",
                  "NOTIFY x",
                  "SELECT set_config('transaction_read_only', 'off', false)",
                  "SELECT query_to_xml('DELETE FROM files', true, true, '')"},
                 state);
}

TEST(WriteAttempts, MariadbRefusesAll) {
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  const MariadbServer& server = *shared_mariadb();
  const std::string database = server.make_database(
      "CREATE TABLE files (k varchar(20)) ENGINE=InnoDB; INSERT INTO files VALUES ('a'); CREATE SEQUENCE s "
      "ENGINE=InnoDB;\n"
      "DELIMITER //\nCREATE FUNCTION writes() RETURNS int BEGIN INSERT INTO files VALUES ('by function'); "
      "RETURN 1; END//\nDELIMITER ;\n");
  const std::string mark = server.data_folder + "/../outfile_of_" + database;
  const auto state = [&] {
    return server.run(
               database,
               "SELECT group_concat(k) FROM files; SHOW TABLES; SELECT next_not_cached_value FROM s;"
               "SELECT count(*) FROM mysql.global_priv; SELECT count(*) FROM information_schema.schemata") +
           (std::filesystem::exists(mark) ? "FILE" : "");
  };
  expect_refused(server.url(database),
                 {"INSERT INTO files VALUES ('x')",
                  "UPDATE files SET k = 'x'",
                  "DELETE FROM files",
                  "TRUNCATE files",
                  "DROP TABLE files",
                  "CREATE TABLE other (k int)",
                  "CREATE TABLE other AS SELECT k FROM files",
                  "ALTER TABLE files ADD x int",
                  "REPLACE INTO files VALUES ('x')",
                  "RENAME TABLE files TO other",
                  fmt::format("SELECT k FROM files INTO OUTFILE '{}'", mark),
                  fmt::format("SELECT k INTO OUTFILE '{}' FROM files", mark),
                  fmt::format("SELECT k FROM files INTO DUMPFILE '{}'", mark),
                  "SELECT k INTO @x FROM files",
                  fmt::format("SELECT k FROM files /*! INTO OUTFILE '{}' */", mark),
                  fmt::format("(SELECT k FROM files INTO OUTFILE '{}')", mark),
                  "SELECT k FROM files; DELETE FROM files",
                  "SELECT k FROM files FOR UPDATE",
                  "SELECT k FROM files LOCK IN SHARE MODE",
                  "SELECT nextval(s)",
                  "SELECT setval(s, 9)",
                  "SELECT NEXT VALUE FOR s",
                  "SELECT writes()",
                  "SET GLOBAL max_connections = 10",
                  "GRANT ALL ON *.* TO intruder@'%' IDENTIFIED BY 'x'",
                  "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE files",
                  "CALL x()",
                  "DO writes()",
                  "COMMIT",
                  "LOCK TABLES files WRITE",
                  "ANALYZE TABLE files",
                  "HANDLER files OPEN",
                  "SELECT k FROM files WHERE writes() = 1"},
                 state);
}

TEST(WriteAttempts, SqliteRefusesAll) {
  const TemporaryFolder folder;
  const std::string path = folder / "app.db";
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle, "CREATE TABLE files (k); INSERT INTO files VALUES ('a')", nullptr, nullptr,
                         nullptr),
            SQLITE_OK);
  sqlite3_close(handle);
  const std::string other = folder / "other.db";
  const auto state = [&] {
    std::string names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      names += entry.path().filename().native() + "\n";
    return names + content_of(path);
  };
  const std::vector<std::string> attempts{"INSERT INTO files VALUES ('x')",
                                          "UPDATE files SET k = 'x'",
                                          "DELETE FROM files",
                                          "DROP TABLE files",
                                          "CREATE TABLE other (k)",
                                          "CREATE TABLE other AS SELECT k FROM files",
                                          "CREATE TEMP TABLE other (k)",
                                          "ALTER TABLE files ADD x",
                                          "REPLACE INTO files VALUES ('x')",
                                          "WITH x AS (SELECT 1) INSERT INTO files SELECT 'x'",
                                          "WITH x AS (SELECT 1) DELETE FROM files",
                                          fmt::format("ATTACH '{}' AS o", other),
                                          "DETACH main",
                                          fmt::format("VACUUM INTO '{}'", other),
                                          "VACUUM",
                                          "REINDEX",
                                          "ANALYZE",
                                          "PRAGMA user_version = 7",
                                          "PRAGMA journal_mode = WAL",
                                          "PRAGMA writable_schema = 1",
                                          "SELECT k FROM files; DELETE FROM files",
                                          "BEGIN IMMEDIATE",
                                          "COMMIT",
                                          "SAVEPOINT x",
                                          "SELECT load_extension('x')",
                                          fmt::format("SELECT writefile('{}', 'x')", other),
                                          "SELECT * FROM pragma_journal_mode('wal')",
                                          "EXPLAIN SELECT k FROM files",
                                          "CREATE VIRTUAL TABLE v USING fts5(x)"};
  expect_refused("sqlite:" + path, attempts, state);

  // Without the lint, too: the handle by itself lets none of them through.
  const std::string before = state();
  for (const std::string& sql : attempts) {
    auto sandbox = SqliteHandle::open(path, Seconds(1));
    ASSERT_TRUE(sandbox);
    EXPECT_FALSE(sandbox->prepare_query(sql)) << sql;
    ASSERT_EQ(state(), before) << sql;
  }
}

/// The fences behind the lint, each by itself.
TEST(WriteAttempts, PostgresqlsCursorAndTransactionHoldWithoutTheLint) {
  ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error());
  const PostgresServer& server = *shared_postgres();
  const std::string database =
      server.make_database("CREATE TABLE files (k text); INSERT INTO files VALUES ('a')");
  const SystemClock clock;
  const Cancel cancel;
  for (const char* sql :
       {"DELETE FROM files", "SELECT k INTO other FROM files",
        "WITH x AS (DELETE FROM files RETURNING k) SELECT k FROM x", "SELECT k FROM files; DELETE FROM files",
        "SELECT 1) TO PROGRAM 'true' --", "SELECT k FROM files FOR UPDATE"}) {
    auto connection =
        PgConnection::connect(*parse_database_url(server.url(database)), {clock, cancel, Seconds(60)});
    ASSERT_TRUE(connection) << to_text(connection.error());
    ASSERT_TRUE(connection->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    EXPECT_FALSE(connection->run(std::string("DECLARE c NO SCROLL CURSOR FOR\n") + sql)) << sql;
  }
  EXPECT_EQ(server.run(database, "SELECT count(*) FROM files"), "1");
}

TEST(WriteAttempts, MariadbsPreparedStatementHoldsAgainstTwoStatements) {
  ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error());
  const SystemClock clock;
  const Cancel cancel;
  auto connection =
      MyConnection::connect(*parse_database_url(shared_mariadb()->url("test")), {clock, cancel, Seconds(60)});
  ASSERT_TRUE(connection) << to_text(connection.error());
  EXPECT_FALSE(connection->judge("SELECT 1; SELECT 2"));
  EXPECT_FALSE(connection->ask("SELECT 1; SELECT 2")) << "no second statement over the other interface";
  EXPECT_FALSE(connection->judge("DO 1")) << "gives no rows";
  EXPECT_TRUE(connection->judge("SELECT 1"));
}

}  // namespace
}  // namespace flotsam::test
