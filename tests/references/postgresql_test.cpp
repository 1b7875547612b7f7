/// The ways in which a reference set silently shrinks or lies on PostgreSQL, one fixture each.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "reading.h"
#include "references/postgresql/connection.h"
#include "references/postgresql/evidence.h"
#include "support/postgres.h"

namespace flotsam::test {
namespace {

class Postgresql : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(shared_postgres()) << to_text(shared_postgres().error()); }
  static const PostgresServer& server() { return *shared_postgres(); }

  /// Reads one query as the superuser, or through another URL.
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
};

TEST_F(Postgresql, ProvesItsReading) {
  const std::string database =
      server().make_database("CREATE TABLE files AS SELECT 'a' AS k UNION ALL SELECT 'b'");
  const Outcome outcome = read(database, "SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  const ReadProof& proof = outcome.proofs->at(0);
  EXPECT_EQ(evidence_of(proof, "end"), "FETCH 2");
  EXPECT_EQ(evidence_of(proof, "rows_announced"), "2");
  EXPECT_EQ(evidence_of(proof, "rows_received"), "2");
  EXPECT_EQ(evidence_of(proof, "isolation"), "repeatable read");
  EXPECT_EQ(evidence_of(proof, "read_only"), "on");
  EXPECT_EQ(evidence_of(proof, "in_recovery"), "false");
  EXPECT_EQ(evidence_of(proof, "client_encoding"), "UTF8");
  EXPECT_EQ(evidence_of(proof, "search_path"), "{pg_catalog,public}");
  EXPECT_EQ(evidence_of(proof, "relations"), "public.files (r)");
  EXPECT_NE(evidence_of(proof, "snapshot").find(':'), std::string::npos);
  EXPECT_EQ(evidence_of(proof, "query_sha256").size(), 64U);
  EXPECT_FALSE(proof.true_at) << "a primary shows now";
  EXPECT_LE(proof.started_at, proof.finished_at);
  const std::string identifier = server().run(database, "SELECT system_identifier FROM pg_control_system()");
  EXPECT_EQ(outcome.identity, (Evidence{{"system_identifier", identifier}, {"database", database}}));
}

TEST_F(Postgresql, IdentityWithoutTheRightToAskIsHostAndDatabase) {
  const std::string database = server().make_database(
      "CREATE TABLE files AS SELECT 'a' AS k; CREATE ROLE plain LOGIN PASSWORD 'p'; GRANT SELECT ON files TO "
      "plain;"
      "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
  const Outcome outcome = read_url(server().url_as("plain", "p", database), query_of("SELECT k FROM files"));
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "system_identifier"), "unknown");
  EXPECT_EQ(outcome.identity.at(0).first, "host");
}

TEST_F(Postgresql, RowLevelSecurityIsAnErrorAndNotFewerRows) {
  const std::string database = server().make_database(
      "CREATE TABLE files (k text, tenant text); INSERT INTO files VALUES ('a', 'limited'), ('b', 'other');"
      "CREATE ROLE limited LOGIN PASSWORD 'p'; GRANT SELECT ON files TO limited;"
      "ALTER TABLE files ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON files USING (tenant = "
      "current_user)");
  const Outcome outcome =
      read_url(server().url_as("limited", "p", database), query_of("SELECT k FROM files"));
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::permission_denied) << to_text(outcome.proofs.error());
  EXPECT_NE(outcome.proofs.error().hint.find("BYPASSRLS"), std::string::npos);
  EXPECT_TRUE(outcome.rows.empty());
}

TEST_F(Postgresql, RecordsWhichSchemaANameMeantAndWarnsOfItsNamesake) {
  const std::string database = server().make_database(
      "CREATE SCHEMA tenant; CREATE TABLE files AS SELECT 'a' AS k; CREATE TABLE tenant.files AS SELECT 'b' "
      "AS k");
  const Outcome bare = read(database, "SELECT k FROM files");
  ASSERT_TRUE(bare.proofs) << to_text(bare.proofs.error());
  EXPECT_EQ(bare.rows, (std::vector<Row>{{"a"}}));
  EXPECT_TRUE(warns_of(bare.proofs->at(0), "'tenant'"));
  const Outcome qualified = read(database, "SELECT k FROM public.files");
  ASSERT_TRUE(qualified.proofs);
  EXPECT_FALSE(warns_of(qualified.proofs->at(0), "'tenant'"));
  server().run(database, fmt::format("ALTER DATABASE {} SET search_path = tenant", database));
  const Outcome other = read(database, "SELECT k FROM files");
  ASSERT_TRUE(other.proofs);
  EXPECT_EQ(other.rows, (std::vector<Row>{{"b"}}));
  EXPECT_EQ(evidence_of(other.proofs->at(0), "relations"), "tenant.files (r)");
  EXPECT_EQ(evidence_of(other.proofs->at(0), "search_path"), "{pg_catalog,tenant}");
}

TEST_F(Postgresql, MaterialisedViewsAndForeignTablesNeedAStatedMoment) {
  const std::string database = server().make_database(
      "CREATE TABLE files AS SELECT 'a' AS k; CREATE MATERIALIZED VIEW kept AS SELECT k FROM files;"
      "CREATE VIEW over_kept AS SELECT k FROM kept;"
      "CREATE EXTENSION file_fdw; CREATE SERVER f FOREIGN DATA WRAPPER file_fdw;"
      "CREATE FOREIGN TABLE outside (k text) SERVER f OPTIONS (filename '/etc/hostname')");
  for (const char* table : {"kept", "over_kept", "outside", "files UNION ALL SELECT k FROM kept"}) {
    const Outcome outcome = read(database, fmt::format("SELECT k FROM {}", table));
    ASSERT_FALSE(outcome.proofs) << table;
    EXPECT_EQ(outcome.proofs.error().code, ErrorCode::refused) << to_text(outcome.proofs.error());
    EXPECT_NE(outcome.proofs.error().hint.find("as_of"), std::string::npos);
    SourceQuery query = query_of(fmt::format("SELECT k FROM {}", table));
    query.as_of = AsOfKind::stated;
    query.stated_as_of = *parse_rfc3339("2026-01-01T00:00:00Z");
    const Outcome stated = read_url(server().url(database), query);
    ASSERT_TRUE(stated.proofs) << table << ": " << to_text(stated.proofs.error());
    EXPECT_EQ(stated.proofs->at(0).true_at, query.stated_as_of);
  }
}

TEST_F(Postgresql, WhatAViewOrAFunctionHidesIsSaid) {
  const std::string database = server().make_database(
      "CREATE TABLE files AS SELECT 'a' AS k;"
      "CREATE VIEW shown AS SELECT k FROM files ORDER BY k LIMIT 28;"
      "CREATE FUNCTION given() RETURNS TABLE (k text) LANGUAGE plpgsql AS "
      "$$ BEGIN RETURN QUERY SELECT files.k FROM files; END $$");
  const auto warnings = [&](const std::string& query) {
    const Outcome outcome = read(database, query);
    EXPECT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
    std::string all;
    for (const std::string& warning : outcome.proofs->at(0).warnings) all += warning + "\n";
    return all;
  };
  EXPECT_NE(warnings("SELECT k FROM shown").find("LIMIT"), std::string::npos);
  EXPECT_NE(warnings("SELECT k FROM given() AS g(k)").find("'public.given'"), std::string::npos);
  EXPECT_EQ(warnings("SELECT k FROM files"), "");
  EXPECT_EQ(warnings("SELECT g::text AS k FROM generate_series(1, 3) g"), "") << "the server's own are known";
}

TEST_F(Postgresql, TablesThatASubscriptionFillsNeedAStatedMoment) {
  // The catalogue as CREATE SUBSCRIPTION would fill it from a publisher.
  const std::string database = server().make_database(
      "CREATE TABLE files AS SELECT 'a' AS k; CREATE TABLE own AS SELECT 'b' AS k;"
      "CREATE VIEW over_files AS SELECT k FROM files;"
      "CREATE TABLE parts (k text) PARTITION BY HASH (k);"
      "CREATE TABLE part PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0);"
      "CREATE ROLE subscriber_reader LOGIN PASSWORD 'p';"
      "GRANT SELECT ON ALL TABLES IN SCHEMA public TO subscriber_reader;"
      "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false);"
      "SET allow_system_table_mods = on;"
      "INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate) SELECT s.oid, t.oid, 'r' FROM "
      "pg_subscription s, pg_class t WHERE s.subname = 'feed' AND t.oid IN ('files'::regclass, "
      "'parts'::regclass)");
  const std::string url = server().url_as("subscriber_reader", "p", database);
  for (const char* table : {"files", "over_files", "parts", "part", "own UNION ALL SELECT k FROM files"}) {
    SourceQuery query = query_of(fmt::format("SELECT k FROM {}", table));
    const Outcome outcome = read_url(url, query);
    ASSERT_FALSE(outcome.proofs) << table;
    EXPECT_EQ(outcome.proofs.error().code, ErrorCode::refused) << to_text(outcome.proofs.error());
    EXPECT_NE(outcome.proofs.error().message.find("subscription"), std::string::npos) << table;
    EXPECT_NE(outcome.proofs.error().hint.find("as_of"), std::string::npos);
    EXPECT_TRUE(outcome.rows.empty()) << table;
    query.as_of = AsOfKind::stated;
    query.stated_as_of = *parse_rfc3339("2026-01-01T00:00:00Z");
    const Outcome stated = read_url(url, query);
    ASSERT_TRUE(stated.proofs) << table << ": " << to_text(stated.proofs.error());
    EXPECT_EQ(stated.proofs->at(0).true_at, query.stated_as_of);
  }
  const Outcome own = read_url(url, query_of("SELECT k FROM own"));
  ASSERT_TRUE(own.proofs) << "a table of its own beside subscribed ones: " << to_text(own.proofs.error());
  server().run(database, "ALTER SUBSCRIPTION feed SET (slot_name = NONE); DROP SUBSCRIPTION feed;");
  const Outcome after = read_url(url, query_of("SELECT k FROM files"));
  EXPECT_TRUE(after.proofs) << to_text(after.proofs.error());
}

TEST_F(Postgresql, AsOfFileIsForFiles) {
  SourceQuery query = query_of("SELECT 'a' AS k");
  query.as_of = AsOfKind::file;
  const Outcome outcome = read_url(server().url("test"), query);
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::invalid_argument);
}

TEST_F(Postgresql, AStandbySaysWhatMomentItShows) {
  const std::string database = server().make_database("CREATE TABLE files AS SELECT 'a' AS k");
  const auto& standby = shared_postgres_standby();
  ASSERT_TRUE(standby) << to_text(standby.error());
  const SystemClock clock;
  const Timestamp before = clock.now();
  server().run(database, "INSERT INTO files VALUES ('b')");
  // The test waits for the row and not for a time.
  for (int i = 0; i < 3000 && standby->run(database, "SELECT count(*) FROM files") != "2"; ++i) continue;
  const Outcome outcome = read_url(standby->url(database), query_of("SELECT k FROM files"));
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  const ReadProof& proof = outcome.proofs->at(0);
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"a"}, {"b"}}));
  EXPECT_EQ(evidence_of(proof, "in_recovery"), "true");
  ASSERT_TRUE(proof.true_at) << "the cutoff must go back to what the standby shows";
  EXPECT_GT(*proof.true_at, before - Seconds(120));
  EXPECT_LT(*proof.true_at, clock.now() - Seconds(59)) << "a margin for commits that overtake each other";
  EXPECT_TRUE(warns_of(proof, "standby"));
  SourceQuery stated = query_of("SELECT k FROM files");
  stated.as_of = AsOfKind::stated;
  stated.stated_as_of = *parse_rfc3339("2026-01-01T00:00:00Z");
  const Outcome said = read_url(standby->url(database), stated);
  ASSERT_TRUE(said.proofs) << to_text(said.proofs.error());
  EXPECT_EQ(said.proofs->at(0).true_at, stated.stated_as_of);
}

TEST_F(Postgresql, ReadsTextOfOtherServerEncodings) {
  const std::string latin = server().make_database("", "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  server().run(latin, "CREATE TABLE files (k text); INSERT INTO files VALUES ('caf\u00e9.jpg')");
  const Outcome outcome = read(latin, "SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"caf\u00e9.jpg"}}));

  const std::string ascii = server().make_database("", "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
  server().run(ascii, "CREATE TABLE files (k text); INSERT INTO files VALUES (E'caf\\xe9.jpg'), ('plain')");
  const Outcome raw = read(ascii, "SELECT k FROM files");
  ASSERT_TRUE(raw.proofs) << to_text(raw.proofs.error());
  EXPECT_EQ(raw.rows, (std::vector<Row>{{"caf\xe9.jpg"}, {"plain"}}));
  EXPECT_EQ(raw.proofs->at(0).invalid_utf8, 1U);
  EXPECT_EQ(evidence_of(raw.proofs->at(0), "server_encoding"), "SQL_ASCII");
}

TEST_F(Postgresql, PaddedByteaAndLimitedColumns) {
  const std::string database = server().make_database(
      "CREATE DOMAIN code AS char(6); CREATE TABLE files (c char(5), d code, b bytea, v varchar(4));"
      "INSERT INTO files VALUES ('ab', 'xy', '\\x00ff', 'abcd'), ('cd', 'zz', '', 'abc');"
      "ALTER ROLE test IN DATABASE postgres SET bytea_output = 'hex'");
  server().run(database, fmt::format("ALTER DATABASE {} SET bytea_output = 'escape'", database));
  const Outcome outcome = read(database, "SELECT c, d, b, v FROM files");
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"ab   ", "xy    ", std::string("\0\xff", 2), "abcd"},
                                            {"cd   ", "zz    ", "", "abc"}}));
  EXPECT_TRUE(outcome.padded);
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "at_column_limit.v"), "1");
  EXPECT_TRUE(warns_of(outcome.proofs->at(0), "'v'"));
  const Outcome text = read(database, "SELECT v FROM files");
  EXPECT_FALSE(text.padded);
}

TEST_F(Postgresql, ACommentAtTheEndAndASemicolonAreNoHarm) {
  for (const char* sql : {"SELECT 'a' AS k -- all of them", "SELECT 'a' AS k;",
                          "SELECT 'a' AS k /* x */ ; -- end", "VALUES ('a')", "TABLE pg_catalog.pg_language",
                          "(SELECT 'a' AS k)", "WITH x AS (SELECT 'a' AS k) SELECT k FROM x"}) {
    const Outcome outcome = read("test", sql);
    EXPECT_TRUE(outcome.proofs) << sql << ": " << (outcome.proofs ? "" : to_text(outcome.proofs.error()));
  }
}

TEST_F(Postgresql, RowsThatDependOnChanceAreNotBelieved) {
  const std::string database =
      server().make_database("CREATE TABLE files AS SELECT i AS k FROM generate_series(1, 2000) s(i)");
  const Outcome outcome = read(database, "SELECT k FROM files WHERE random() < 0.5");
  ASSERT_FALSE(outcome.proofs) << "two counts of a random selection agreed by chance, or are not compared";
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::corrupt);
  EXPECT_NE(outcome.proofs.error().message.find("announced"), std::string::npos);
}

TEST_F(Postgresql, ErrorsSayWhatThePersonCanDo) {
  const std::string database =
      server().make_database("CREATE TABLE files AS SELECT 'a' AS k; CREATE ROLE reader LOGIN PASSWORD 'p'");
  struct Case {
    const char* query;
    ErrorCode code;
    const char* login = "test";
  };
  for (const Case& row :
       {Case{"SELECT k FROM no_such_table", ErrorCode::not_found},
        Case{"SELECT no_such_column FROM files", ErrorCode::not_found},
        Case{"SELECT k FROM files WHERE (", ErrorCode::refused},
        Case{"SELECT k FROM files LIMIT 1", ErrorCode::invalid_argument},
        Case{"SELECT $1::text", ErrorCode::not_found}, Case{"SELECT 1/0", ErrorCode::refused},
        Case{"SELECT k FROM files", ErrorCode::permission_denied, "reader"}}) {
    const bool reader = std::string_view(row.login) == "reader";
    const Outcome outcome =
        read_url(server().url_as(row.login, reader ? "p" : "test", database), query_of(row.query));
    ASSERT_FALSE(outcome.proofs) << row.query;
    if (std::string_view(row.query).find('$') == std::string_view::npos) {
      EXPECT_EQ(outcome.proofs.error().code, row.code)
          << row.query << ": " << to_text(outcome.proofs.error());
    }
    EXPECT_NE(to_text(outcome.proofs.error()).find("the block"), std::string::npos) << "the block is named";
  }
}

TEST_F(Postgresql, ConnectsThroughASocket) {
  const std::string url =
      fmt::format("postgresql://test:test@/test?host={}&port={}", server().socket_folder, server().port);
  const Outcome outcome = read_url(url, query_of("SELECT 'a' AS k"));
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"a"}}));
}

TEST_F(Postgresql, ALowerTimeLimitOfTheServerStays) {
  const std::string database = server().make_database();
  server().run(database, fmt::format("ALTER DATABASE {} SET statement_timeout = '200ms'", database));
  const Outcome outcome = read(database, "SELECT pg_sleep(600)::text");
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::unavailable);
  EXPECT_EQ(outcome.proofs.error().service_code, "57014");
}

TEST_F(Postgresql, DefaultsOfTheRoleDoNotLoosenTheTransaction) {
  const std::string database = server().make_database("CREATE TABLE files AS SELECT 'a' AS k");
  server().run(database, fmt::format("ALTER DATABASE {} SET default_transaction_isolation = 'read committed';"
                                     "ALTER DATABASE {} SET client_encoding = 'LATIN1'",
                                     database, database));
  const Outcome outcome = read(database, "SELECT 'caf\u00e9' AS k");
  ASSERT_TRUE(outcome.proofs) << to_text(outcome.proofs.error());
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"caf\u00e9"}}));
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "isolation"), "repeatable read");
}

TEST(PostgresqlWire, WarnsUnlessLocalOrVerifiedToTheName) {
  struct Case {
    PgWire wire;
    bool warns;
  };
  for (const Case& row :
       {Case{{"127.0.0.1", "prefer", false}, false}, Case{{"/run/postgresql", "prefer", false}, false},
        Case{{"db.example.com", "prefer", false}, true}, Case{{"db.example.com", "prefer", true}, true},
        Case{{"db.example.com", "require", true}, true}, Case{{"db.example.com", "verify-ca", true}, true},
        Case{{"db.example.com", "verify-full", true}, false}}) {
    const auto warning = warning_of_wire(row.wire);
    EXPECT_EQ(warning.has_value(), row.warns) << row.wire.host << " " << row.wire.sslmode;
    if (warning) {
      EXPECT_NE(warning->find("verify-full"), std::string::npos);
    }
  }
}

TEST(PostgresqlErrors, SqlstatesBecomeWhatThePersonCanDo) {
  struct Case {
    const char* state;
    ErrorCode code;
  };
  for (const Case& row : {Case{"28P01", ErrorCode::permission_denied},
                          Case{"42501", ErrorCode::permission_denied}, Case{"3D000", ErrorCode::not_found},
                          Case{"42P01", ErrorCode::not_found}, Case{"42601", ErrorCode::refused},
                          Case{"25006", ErrorCode::refused}, Case{"57014", ErrorCode::unavailable},
                          Case{"40001", ErrorCode::unavailable}, Case{"XX001", ErrorCode::corrupt},
                          Case{"08006", ErrorCode::unavailable}, Case{"99999", ErrorCode::unavailable}})
    EXPECT_EQ(code_of_sqlstate(row.state), row.code) << row.state;
  EXPECT_EQ(sqlstate_in("connection failed: FATAL:  28P01: password authentication failed"), "28P01");
  EXPECT_EQ(sqlstate_in("SCHWERWIEGEND:  3D000: Datenbank fehlt"), "3D000");
  EXPECT_EQ(sqlstate_in("connection refused"), "");
}

TEST(PostgresqlPlan, NamesEveryRelationOnce) {
  const auto relations = relations_in_plan(
      R"json([{"Plan": {"Node Type": "Append", "Plans": [
           {"Node Type": "Seq Scan", "Relation Name": "files", "Schema": "public", "Alias": "f"},
           {"Node Type": "Index Scan", "Relation Name": "files", "Schema": "public", "Alias": "g"},
           {"Node Type": "Foreign Scan", "Relations": "(a) INNER JOIN (b)"}]}}])json");
  ASSERT_TRUE(relations);
  ASSERT_EQ(relations->size(), 2U);
  EXPECT_EQ(relations->at(0).name, "files");
  EXPECT_EQ(relations->at(1).kind, 'f') << "a join that the foreign server makes";
  EXPECT_FALSE(relations_in_plan("no json"));
}

}  // namespace
}  // namespace flotsam::test
