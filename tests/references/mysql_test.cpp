/// The ways in which a reference set silently shrinks or lies on MariaDB, one fixture each.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "reading.h"
#include "references/mysql/connection.h"
#include "references/mysql/evidence.h"
#include "support/mariadb.h"

namespace flotsam::test {
namespace {

/// A global setting of the server for as long as the value lives.
class GlobalSetting {
 public:
  GlobalSetting(const std::string& name, const std::string& value) : name_(name) {
    before_ = shared_mariadb()->run("mysql", fmt::format("SELECT @@global.{}", name));
    shared_mariadb()->run("mysql", fmt::format("SET GLOBAL {} = {}", name, value));
  }
  ~GlobalSetting() {
    const bool number = before_.find_first_not_of("0123456789.") == std::string::npos && !before_.empty();
    shared_mariadb()->run("mysql",
                          fmt::format("SET GLOBAL {} = {}", name_, number ? before_ : "'" + before_ + "'"));
  }
  GlobalSetting(const GlobalSetting&) = delete;
  GlobalSetting& operator=(const GlobalSetting&) = delete;

 private:
  std::string name_;
  std::string before_;
};

class Mysql : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(shared_mariadb()) << to_text(shared_mariadb().error()); }
  static const MariadbServer& server() { return *shared_mariadb(); }
  struct Outcome {
    Result<std::vector<ReadProof>> proofs;
    std::vector<Row> rows;
    Evidence identity;
    bool padded = false;
  };
  static Outcome read_url(const std::string& url, const SourceQuery& query) {
    Reading reading;
    reading.url = url;
    reading.queries = {query};
    Outcome outcome{reading.run(), {}, {}, false};
    outcome.identity = reading.identity;
    if (!reading.sink.blocks.empty()) {
      outcome.rows = reading.sink.blocks[0].rows;
      outcome.padded = reading.sink.blocks[0].padded;
    }
    return outcome;
  }
  static Outcome read(const std::string& database, const std::string& sql) {
    return read_url(server().url(database), query_of(sql));
  }
  static std::string text_of(const Outcome& outcome) {
    return outcome.proofs ? "" : to_text(outcome.proofs.error());
  }
};

TEST_F(Mysql, ProvesItsReading) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a'), ('b')");
  const Outcome outcome = read(database, "SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << text_of(outcome);
  const ReadProof& proof = outcome.proofs->at(0);
  EXPECT_EQ(evidence_of(proof, "end"), "no row and error number 0");
  EXPECT_EQ(evidence_of(proof, "rows_announced"), "2");
  EXPECT_EQ(evidence_of(proof, "rows_received"), "2");
  EXPECT_EQ(evidence_of(proof, "isolation"), "REPEATABLE-READ");
  EXPECT_EQ(evidence_of(proof, "tables"), database + ".files (InnoDB)");
  EXPECT_NE(evidence_of(proof, "server_version").find("MariaDB"), std::string::npos);
  EXPECT_EQ(evidence_of(proof, "query_sha256").size(), 64U);
  EXPECT_FALSE(proof.true_at) << "a primary shows now";
  ASSERT_FALSE(outcome.identity.empty());
  EXPECT_EQ(outcome.identity.back(), (std::pair<std::string, std::string>("database", database)));
}

TEST_F(Mysql, ARowLimitOfTheServerIsTakenAway) {
  const std::string database =
      server().make_database("CREATE TABLE files ENGINE=InnoDB AS SELECT seq AS k FROM seq_1_to_50");
  const GlobalSetting limit("sql_select_limit", "10");
  const Outcome outcome = read(database, "SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << text_of(outcome);
  EXPECT_EQ(outcome.rows.size(), 50U);
}

TEST_F(Mysql, ReadCommittedAsTheDefaultStillGivesOneSnapshot) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a')");
  const GlobalSetting isolation("tx_isolation", "'READ-COMMITTED'");
  Reading reading;
  reading.url = server().url(database);
  reading.queries = {query_of("SELECT k FROM files"), query_of("SELECT k FROM files")};
  reading.sink.before_row = [&](std::size_t block, std::size_t) -> Result<void> {
    if (block == 0) server().run(database, "INSERT INTO files VALUES ('later')");
    return {};
  };
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(reading.sink.counts, (std::vector<std::size_t>{1, 1}));
}

TEST_F(Mysql, ALatinConnectionIsForcedToUtf8) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(40)) ENGINE=InnoDB; INSERT INTO files VALUES ('\u65E5\u672C.jpg'), "
      "('\U0001F600')");
  const GlobalSetting hook("init_connect", "'SET NAMES latin1'");
  // init_connect does not run for a login with all rights.
  server().run(database,
               fmt::format("CREATE USER IF NOT EXISTS plain IDENTIFIED BY 'p'; GRANT SELECT ON {}.* TO plain",
                           database));
  const Outcome outcome = read_url(server().url_as("plain", "p", database), query_of("SELECT k FROM files"));
  ASSERT_TRUE(outcome.proofs) << text_of(outcome);
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"\u65E5\u672C.jpg"}, {"\U0001F600"}}));
}

TEST_F(Mysql, TablesOutsideTheSnapshotAreRefusedByName) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a');"
      "CREATE TABLE old (k varchar(9)) ENGINE=MyISAM; CREATE TABLE aria (k varchar(9)) ENGINE=Aria;"
      "CREATE TABLE memory (k varchar(9)) ENGINE=MEMORY;"
      "CREATE VIEW over_old AS SELECT k FROM old; CREATE VIEW over_view AS SELECT k FROM over_old;"
      "CREATE ALGORITHM=TEMPTABLE VIEW made AS SELECT DISTINCT k FROM old;"
      "CREATE VIEW good AS SELECT k FROM files");
  struct Case {
    const char* query;
    const char* culprit;
  };
  for (const Case& row : {Case{"SELECT k FROM old", "old"}, Case{"SELECT k FROM aria", "aria"},
                          Case{"SELECT k FROM memory", "memory"}, Case{"SELECT k FROM over_old", "old"},
                          Case{"SELECT k FROM over_view", "old"}, Case{"SELECT k FROM made", "old"},
                          Case{"SELECT k FROM files UNION ALL SELECT k FROM old", "old"},
                          Case{"SELECT k FROM files WHERE k IN (SELECT k FROM old)", "old"},
                          Case{"SELECT f.k FROM files f, old o", "old"},
                          Case{"SELECT f.k FROM files f LEFT JOIN `old` ON 1 = 0", "old"},
                          Case{"SELECT user FROM mysql.global_priv", "mysql"},
                          Case{"SELECT table_name FROM information_schema.tables", "information_schema"}}) {
    const Outcome outcome = read(database, row.query);
    ASSERT_FALSE(outcome.proofs) << row.query;
    EXPECT_EQ(outcome.proofs.error().code, ErrorCode::refused) << row.query << ": " << text_of(outcome);
    EXPECT_NE(outcome.proofs.error().message.find(row.culprit), std::string::npos) << text_of(outcome);
  }
  const Outcome good = read(database, "SELECT k FROM good");
  ASSERT_TRUE(good.proofs) << text_of(good);
  EXPECT_EQ(evidence_of(good.proofs->at(0), "tables"),
            fmt::format("{0}.files (InnoDB), {0}.good (view)", database));
}

TEST_F(Mysql, AViewWhoseTablesTheLoginMayNotSeeIsRefused) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a'); CREATE VIEW "
      "over_files AS SELECT k FROM files");
  server().run(
      database,
      fmt::format(
          "CREATE USER IF NOT EXISTS viewer IDENTIFIED BY 'p'; GRANT SELECT ON {}.over_files TO viewer",
          database));
  const std::string url = server().url_as("viewer", "p", database);
  SourceQuery query = query_of("SELECT k FROM over_files");
  const Outcome refused = read_url(url, query);
  ASSERT_FALSE(refused.proofs);
  EXPECT_EQ(refused.proofs.error().code, ErrorCode::permission_denied) << text_of(refused);
  EXPECT_NE(refused.proofs.error().hint.find("SHOW VIEW"), std::string::npos);
  query.as_of = AsOfKind::stated;
  query.stated_as_of = *parse_rfc3339("2026-01-01T00:00:00Z");
  const Outcome stated = read_url(url, query);
  ASSERT_TRUE(stated.proofs) << text_of(stated);
  EXPECT_EQ(stated.proofs->at(0).true_at, query.stated_as_of);
  EXPECT_TRUE(warns_of(stated.proofs->at(0), "could not be seen"));
}

TEST_F(Mysql, AReplicaIsRecognisedAndRefusedUnlessAMomentIsStated) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a');"
      "CREATE USER IF NOT EXISTS looker IDENTIFIED BY 'p'");
  server().run(database, fmt::format("GRANT SELECT ON {}.* TO looker", database));
  SourceQuery query = query_of("SELECT k FROM files");
  struct Source {
    Source() {
      shared_mariadb()->run(
          "mysql", "CHANGE MASTER 'feed' TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='x'");
    }
    ~Source() { shared_mariadb()->run("mysql", "RESET SLAVE 'feed' ALL"); }
  };
  {
    const Source source;
    const Outcome refused = read_url(server().url(database), query);
    ASSERT_FALSE(refused.proofs) << "a replica whose feed stands still was read as if it showed now";
    EXPECT_EQ(refused.proofs.error().code, ErrorCode::refused);
    EXPECT_NE(refused.proofs.error().message.find("replica"), std::string::npos);
    query.as_of = AsOfKind::stated;
    query.stated_as_of = *parse_rfc3339("2026-01-01T00:00:00Z");
    const Outcome stated = read_url(server().url(database), query);
    ASSERT_TRUE(stated.proofs) << text_of(stated);
    EXPECT_EQ(stated.proofs->at(0).true_at, query.stated_as_of);
  }
  query.as_of = AsOfKind::now;
  const Outcome primary = read_url(server().url(database), query);
  EXPECT_TRUE(primary.proofs) << text_of(primary);
  const Outcome plain = read_url(server().url_as("looker", "p", database), query);
  ASSERT_TRUE(plain.proofs) << "a login that may not ask, on a server that shows no sign of replication: "
                            << text_of(plain);
  EXPECT_NE(evidence_of(plain.proofs->at(0), "replica").find("may not ask"), std::string::npos);
  {
    const GlobalSetting read_only("read_only", "1");
    const Outcome doubtful = read_url(server().url_as("looker", "p", database), query);
    ASSERT_FALSE(doubtful.proofs);
    EXPECT_EQ(doubtful.proofs.error().code, ErrorCode::refused) << text_of(doubtful);
    for (const char* way : {"REPLICATION CLIENT", "REPLICA MONITOR", "SLAVE MONITOR", "as_of"})
      EXPECT_NE(doubtful.proofs.error().hint.find(way), std::string::npos) << way;
    query.as_of = AsOfKind::stated;
    const Outcome stated = read_url(server().url_as("looker", "p", database), query);
    ASSERT_TRUE(stated.proofs) << text_of(stated);
    EXPECT_EQ(stated.proofs->at(0).true_at, query.stated_as_of);
    query.as_of = AsOfKind::now;
    const Outcome told = read_url(server().url(database), query);
    EXPECT_TRUE(told.proofs) << "read-only, but it says that it replicates from nobody: " << text_of(told);
  }
}

TEST_F(Mysql, APastAsAReplicaIsSeenByALoginThatMayNotAsk) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a');"
      "CREATE USER IF NOT EXISTS looker IDENTIFIED BY 'p'");
  server().run(database, fmt::format("GRANT SELECT ON {}.* TO looker", database));
  const GlobalSetting position("gtid_slave_pos", "'7-7-7'");
  const Outcome outcome = read_url(server().url_as("looker", "p", database), query_of("SELECT k FROM files"));
  ASSERT_FALSE(outcome.proofs) << "it has applied another server's events";
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::refused) << text_of(outcome);
  EXPECT_NE(outcome.proofs.error().message.find("7-7-7"), std::string::npos);
}

TEST(MysqlReplica, OnlyMariaDbWithEverySignAtRestIsAPrimaryToALoginThatMayNotAsk) {
  using State = MyReplica::State;
  struct Case {
    const char* name;
    MyReplicaSigns signs;
    State state;
  };
  const std::optional<std::string> none;
  for (const Case& row :
       {Case{"MariaDB at rest", {true, "OFF", "0", "OFF", ""}, State::primary},
        Case{"MySQL 8, which has none of them", {false, none, none, "OFF", none}, State::unknown},
        Case{"MySQL that answers as MariaDB does", {false, "OFF", "0", "OFF", ""}, State::unknown},
        Case{"no Slave_running", {true, none, "0", "OFF", ""}, State::unknown},
        Case{"no Slaves_running", {true, "OFF", none, "OFF", ""}, State::unknown},
        Case{"no read_only", {true, "OFF", "0", none, ""}, State::unknown},
        Case{"no gtid_slave_pos", {true, "OFF", "0", "OFF", none}, State::unknown},
        Case{"it replicates", {true, "ON", "0", "OFF", ""}, State::unknown},
        Case{"a named connection replicates", {true, "OFF", "1", "OFF", ""}, State::unknown},
        Case{"read-only", {true, "OFF", "0", "ON", ""}, State::unknown},
        Case{"it replicated once", {true, "OFF", "0", "OFF", "0-1-9"}, State::unknown}}) {
    const MyReplica judged = replica_by_signs(row.signs);
    EXPECT_EQ(judged.state, row.state) << row.name;
    EXPECT_NE(judged.seen.find("may not ask"), std::string::npos) << row.name;
  }
  EXPECT_NE(replica_by_signs({false, none, none, "OFF", none}).seen.find("gtid_slave_pos not there"),
            std::string::npos);
}

TEST_F(Mysql, CollationsDoNotMergeKeys) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci) ENGINE=InnoDB;"
      "INSERT INTO files VALUES ('Photo.jpg'), ('photo.jpg'), ('ph\u00F3to.jpg'), ('photo.jpg ')");
  const Outcome outcome = read(database, "SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs);
  EXPECT_EQ(outcome.rows.size(), 4U);
  EXPECT_EQ(outcome.rows.at(3), (Row{"photo.jpg "}));
}

TEST_F(Mysql, NumbersDatesAndPaddingComeAsTheServerWritesThem) {
  const std::string database = server().make_database(
      "CREATE TABLE files (z int(8) ZEROFILL, d double, c char(4), t datetime, e enum('x','y'), v "
      "varchar(3)) ENGINE=InnoDB;"
      "INSERT INTO files VALUES (42, 0.1, 'ab', '2026-01-02 03:04:05', 'y', 'abc'), (7, 1e20, '', "
      "'2026-01-02', 'x', 'ab')");
  const Outcome outcome = read(database, "SELECT z, d, c, t, e, v FROM files");
  ASSERT_TRUE(outcome.proofs) << text_of(outcome);
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"00000042", "0.1", "ab", "2026-01-02 03:04:05", "y", "abc"},
                                            {"00000007", "1e20", "", "2026-01-02 00:00:00", "x", "ab"}}));
  EXPECT_FALSE(outcome.padded);
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "at_column_limit.v"), "1");
  EXPECT_TRUE(warns_of(outcome.proofs->at(0), "'v'"));
  const GlobalSetting mode("sql_mode", "'PAD_CHAR_TO_FULL_LENGTH'");
  const Outcome padded = read(database, "SELECT c FROM files");
  ASSERT_TRUE(padded.proofs) << text_of(padded);
  EXPECT_EQ(padded.rows, (std::vector<Row>{{"ab  "}, {"    "}}));
  EXPECT_TRUE(padded.padded);
}

TEST_F(Mysql, ALongValueIsNeverCut) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k longtext) ENGINE=InnoDB; INSERT INTO files VALUES (repeat('x', 3000000)), "
      "('end')");
  const Outcome outcome = read(database, "SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << text_of(outcome);
  EXPECT_EQ(outcome.rows.at(0).at(0)->size(), 3000000U);
  EXPECT_EQ(outcome.rows.at(1), (Row{"end"}));
}

TEST_F(Mysql, ACommentAtTheEndAndASemicolonAreNoHarm) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a')");
  for (const char* sql :
       {"SELECT k FROM files -- all of them", "SELECT k FROM files # all", "SELECT k FROM files;",
        "SELECT k FROM files /* x */ ; -- end", "(SELECT k FROM files)", "VALUES ('a')",
        "WITH x AS (SELECT k FROM files) SELECT k FROM x", "SELECT k FROM files WHERE k <> ' LIMIT 1'"}) {
    const Outcome outcome = read(database, sql);
    EXPECT_TRUE(outcome.proofs) << sql << ": " << text_of(outcome);
  }
}

TEST_F(Mysql, OtherQuotesOfTheServerDoNotFoolTheLint) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a')");
  const GlobalSetting mode("sql_mode", "'NO_BACKSLASH_ESCAPES'");
  // Read with backslash escapes this is one text; the server reads the end of one, and then INTO OUTFILE.
  const Outcome outcome =
      read(database, "SELECT k, '\\' INTO OUTFILE '/tmp/flotsam_test_outfile' -- '\nFROM files");
  ASSERT_FALSE(outcome.proofs);
  EXPECT_NE(to_text(outcome.proofs.error()).find("INTO"), std::string::npos) << text_of(outcome);
}

TEST_F(Mysql, RowsThatDependOnChanceAreNotBelieved) {
  const std::string database =
      server().make_database("CREATE TABLE files ENGINE=InnoDB AS SELECT seq AS k FROM seq_1_to_2000");
  const Outcome outcome = read(database, "SELECT k FROM files WHERE rand() < 0.5");
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::corrupt) << text_of(outcome);
}

TEST_F(Mysql, AValueThatTheServerCutIsAnError) {
  const std::string database = server().make_database(
      "CREATE TABLE files ENGINE=InnoDB AS SELECT seq AS k FROM seq_1_to_100;"
      "CREATE VIEW joined AS SELECT group_concat(k) AS ks FROM files;"
      "SET GLOBAL group_concat_max_len = 64");
  const Outcome outcome = read(database, "SELECT ks FROM joined");
  server().run(database, "SET GLOBAL group_concat_max_len = DEFAULT");
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::corrupt) << text_of(outcome);
  EXPECT_NE(text_of(outcome).find("1260"), std::string::npos) << text_of(outcome);
}

TEST_F(Mysql, ErrorsSayWhatThePersonCanDo) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k varchar(9)) ENGINE=InnoDB; INSERT INTO files VALUES ('a');"
      "CREATE USER IF NOT EXISTS stranger IDENTIFIED BY 'p'");
  server().run(database,
               fmt::format("CREATE TABLE mine (k int); GRANT SELECT ON {}.mine TO stranger", database));
  struct Case {
    const char* query;
    ErrorCode code;
    const char* said;
    const char* login = "test";
  };
  for (const Case& row : {Case{"SELECT k FROM no_such_table", ErrorCode::not_found, "no_such_table"},
                          Case{"SELECT no_such_column FROM files", ErrorCode::not_found, "no_such_column"},
                          Case{"SELECT k FROM files WHERE", ErrorCode::refused, "syntax"},
                          Case{"SELECT k FROM files WHERE k = ?", ErrorCode::invalid_argument, "parameters"},
                          Case{"SELECT k, k FROM files", ErrorCode::refused, "aliases"},
                          Case{"SELECT k FROM files LIMIT 1", ErrorCode::invalid_argument, "LIMIT"},
                          Case{"SELECT k FROM files", ErrorCode::permission_denied, "denied", "stranger"}}) {
    const bool stranger = std::string_view(row.login) == "stranger";
    const Outcome outcome =
        read_url(server().url_as(row.login, stranger ? "p" : "test", database), query_of(row.query));
    ASSERT_FALSE(outcome.proofs) << row.query;
    EXPECT_EQ(outcome.proofs.error().code, row.code) << row.query << ": " << text_of(outcome);
    EXPECT_NE(text_of(outcome).find(row.said), std::string::npos) << text_of(outcome);
    EXPECT_NE(text_of(outcome).find("the block"), std::string::npos) << "the block is named";
  }
}

TEST_F(Mysql, ConnectsThroughASocket) {
  const Outcome outcome = read_url(fmt::format("mysql://test:test@localhost/test?socket={}", server().socket),
                                   query_of("SELECT 'a' AS k"));
  ASSERT_TRUE(outcome.proofs) << text_of(outcome);
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"a"}}));
}

TEST_F(Mysql, TlsThatWasAskedForIsNotGivenUpSilently) {
  // The test's server has no certificate.
  for (const char* mode : {"REQUIRED", "VERIFY_IDENTITY"}) {
    const Outcome outcome = read_url(server().url("test") + "?ssl-mode=" + mode, query_of("SELECT 'a' AS k"));
    ASSERT_FALSE(outcome.proofs) << mode;
    EXPECT_EQ(outcome.proofs.error().code, ErrorCode::unavailable) << text_of(outcome);
  }
}

TEST(MysqlWire, OtherHostsAreVerifiedUnlessTheUrlSaysOtherwise) {
  struct Case {
    const char* url;
    MyTls wished;
    bool warns;
  };
  for (const Case& row :
       {Case{"mysql://u@127.0.0.1/db", MyTls::off, false},
        Case{"mysql://u@localhost/db?socket=/run/x.sock", MyTls::off, false},
        Case{"mysql://u@db.example.com/db", MyTls::verify_identity, false},
        Case{"mysql://u@db.example.com/db?ssl-mode=required", MyTls::required, true},
        Case{"mysql://u@db.example.com/db?ssl-mode=DISABLED", MyTls::off, true},
        Case{"mysql://u@db.example.com/db?ssl-mode=PREFERRED", MyTls::preferred, true},
        Case{"mysql://u@127.0.0.1/db?ssl-mode=VERIFY_IDENTITY", MyTls::verify_identity, false}}) {
    const auto url = parse_database_url(row.url);
    ASSERT_TRUE(url);
    const auto wire = wire_of_url(*url);
    ASSERT_TRUE(wire) << row.url;
    EXPECT_EQ(wire->wished, row.wished) << row.url;
    EXPECT_EQ(warning_of_wire(*wire).has_value(), row.warns) << row.url;
  }
  const auto unknown = wire_of_url(*parse_database_url("mysql://u@h/db?ssl-mode=maybe"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::invalid_argument);
}

TEST(MysqlErrors, NumbersBecomeWhatThePersonCanDo) {
  struct Case {
    unsigned number;
    ErrorCode code;
  };
  for (const Case& row :
       {Case{1045, ErrorCode::permission_denied}, Case{1142, ErrorCode::permission_denied},
        Case{1049, ErrorCode::not_found}, Case{1146, ErrorCode::not_found}, Case{1054, ErrorCode::not_found},
        Case{1064, ErrorCode::refused}, Case{1792, ErrorCode::refused}, Case{1969, ErrorCode::unavailable},
        Case{3024, ErrorCode::unavailable}, Case{1317, ErrorCode::unavailable},
        Case{2013, ErrorCode::unavailable}, Case{2003, ErrorCode::unavailable},
        Case{1194, ErrorCode::corrupt}, Case{0, ErrorCode::unavailable}})
    EXPECT_EQ(code_of_mysql(row.number), row.code) << row.number;
}

}  // namespace
}  // namespace flotsam::test
