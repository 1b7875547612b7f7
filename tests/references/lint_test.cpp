#include "references/lint.h"

#include <gtest/gtest.h>

#include "references/open.h"

namespace flotsam {
namespace {

struct Refusal {
  const char* name;
  const char* query;
  const char* said;  ///< in the message: the word
};

class LintRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(LintRefuses, AndNamesTheWord) {
  const auto found = lint_query(GetParam().query);
  ASSERT_FALSE(found) << GetParam().query;
  EXPECT_EQ(found.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(found.error().message.find(GetParam().said), std::string::npos) << found.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Every, LintRefuses,
    testing::Values(
        Refusal{"Nothing", "", "empty"}, Refusal{"OnlyAComment", "-- nothing\n", "empty"},
        Refusal{"Delete", "DELETE FROM t", "'DELETE'"},
        Refusal{"Explain", "EXPLAIN ANALYZE DELETE FROM t", "'EXPLAIN'"},
        Refusal{"Copy", "COPY t TO PROGRAM 'x'", "'COPY'"},
        Refusal{"Lowercase", "update t set k = 1", "'update'"},
        Refusal{"Create", "CREATE TABLE t (k int)", "'CREATE'"},
        Refusal{"Pragma", "PRAGMA user_version = 1", "'PRAGMA'"},
        Refusal{"TwoStatements", "SELECT k FROM t; DELETE FROM t", "\";\""},
        Refusal{"TwoStatementsBehindComment", "SELECT k FROM t; /* x */ SELECT 1", "\";\""},
        Refusal{"Into", "SELECT k INTO other FROM t", "INTO"},
        Refusal{"IntoOutfile", "SELECT k FROM t INTO OUTFILE '/tmp/x'", "INTO OUTFILE"},
        Refusal{"IntoDumpfile", "SELECT k INTO DUMPFILE '/tmp/x' FROM t", "INTO DUMPFILE"},
        Refusal{"ForUpdate", "SELECT k FROM t FOR UPDATE", "FOR UPDATE"},
        Refusal{"ForShare", "SELECT k FROM t FOR SHARE", "FOR SHARE"},
        Refusal{"ForNoKey", "SELECT k FROM t FOR NO KEY UPDATE", "FOR NO"},
        Refusal{"LockInShareMode", "SELECT k FROM t LOCK IN SHARE MODE", "LOCK IN"},
        Refusal{"DeleteInWith", "WITH x AS (DELETE FROM t RETURNING k) SELECT k FROM x", "DELETE"},
        Refusal{"UpdateBehindWith", "WITH x AS (SELECT 1) UPDATE t SET k = 1", "UPDATE"},
        Refusal{"Limit", "SELECT k FROM t LIMIT 5", "LIMIT"},
        Refusal{"LimitWithSemicolon", "SELECT k FROM t limit 5 ;", "LIMIT"},
        Refusal{"LimitOfUnion", "SELECT k FROM t UNION ALL SELECT k FROM u LIMIT 5", "LIMIT"},
        Refusal{"LimitInBrackets", "(SELECT k FROM t LIMIT 5)", "LIMIT"},
        Refusal{"LimitInAnArm", "SELECT k FROM t UNION ALL (SELECT k FROM u LIMIT 5)", "LIMIT"},
        Refusal{"LimitInTheFirstArm", "((SELECT k FROM t LIMIT 5)) UNION ALL SELECT k FROM u", "LIMIT"},
        Refusal{"LimitBehindWith", "WITH x AS (SELECT 1) SELECT k FROM x LIMIT 5", "LIMIT"},
        Refusal{"LimitInBracketsBehindWith", "WITH x AS (SELECT 1) (SELECT k FROM x LIMIT 5)", "LIMIT"},
        Refusal{"LimitInBracketsOfBracketsBehindWith", "WITH x AS (SELECT 1) ((SELECT k FROM x LIMIT 5))",
                "LIMIT"},
        Refusal{"LimitGluedToANumber", "SELECT k FROM t WHERE 1=1.LIMIT 28", "1.LIMIT"},
        Refusal{"LimitGluedToAFraction", "SELECT k FROM t WHERE .5=.5LIMIT 3", ".5LIMIT"},
        Refusal{"LimitGluedToAnExponent", "SELECT k FROM t WHERE 1e0=1e0LIMIT 3", "1e0LIMIT"},
        Refusal{"LimitGluedToHex", "SELECT k FROM t WHERE 1=0x1LIMIT 28", "0x1LIMIT"},
        Refusal{"LimitBehindALoneCarriageReturn", "SELECT k FROM t -- newest\rLIMIT 28", "control character"},
        Refusal{"CommentByAControlCharacter", "SELECT k FROM t --\x01 '\n LIMIT 28 -- '",
                "control character"},
        Refusal{"OffsetOfText", "SELECT k FROM t OFFSET '2'", "OFFSET"},
        Refusal{"OffsetWithSign", "SELECT k FROM t OFFSET +5", "OFFSET"},
        Refusal{"OffsetOfAFunction", "SELECT k FROM t ORDER BY id OFFSET abs(5)", "OFFSET"},
        Refusal{"OffsetOfAParameter", "SELECT k FROM t OFFSET $1", "OFFSET"},
        Refusal{"Offset", "SELECT k FROM t OFFSET 5", "OFFSET"},
        Refusal{"FetchFirst", "SELECT k FROM t FETCH FIRST 5 ROWS ONLY", "FETCH FIRST"},
        Refusal{"FetchNext", "SELECT k FROM t FETCH NEXT ROW ONLY", "FETCH NEXT"},
        Refusal{"Top", "SELECT TOP 5 k FROM t", "TOP"},
        Refusal{"TopDistinct", "SELECT DISTINCT TOP (5) k FROM t", "TOP"},
        Refusal{"GroupConcat", "SELECT group_concat(k) FROM t", "GROUP_CONCAT"},
        Refusal{"StringAgg", "SELECT string_agg(k, ',') FROM t", "STRING_AGG"},
        Refusal{"Listagg", "SELECT LISTAGG(k) FROM t", "LISTAGG"},
        Refusal{"ArrayAgg", "SELECT array_agg(k)::text FROM t", "ARRAY_AGG"},
        Refusal{"AggregateInSubquery", "SELECT x FROM (SELECT string_agg(k, ',') AS x FROM t) q",
                "STRING_AGG"},
        Refusal{"NextVal", "SELECT nextval('s')", "NEXTVAL"},
        Refusal{"NextValueFor", "SELECT NEXT VALUE FOR s", "NEXT VALUE FOR"},
        Refusal{"LargeObject", "SELECT lo_from_bytea(0, 'x')", "LO_FROM_BYTEA"},
        Refusal{"LargeObjectQuoted", "SELECT \"lo_from_bytea\"(0, 'x')", "LO_FROM_BYTEA"},
        Refusal{"LargeObjectQualified", "SELECT pg_catalog.lo_unlink(1)", "LO_UNLINK"},
        Refusal{"Terminate", "SELECT pg_terminate_backend(1)", "PG_TERMINATE_BACKEND"},
        Refusal{"OpenQuote", "SELECT 'k FROM t", "does not end"},
        Refusal{"OpenComment", "SELECT k FROM t /* x", "does not end"},
        Refusal{"ExecutableComment", "SELECT k FROM t /*! LIMIT 5 */", "/*!"},
        Refusal{"ExecutableCommentOfMariadb", "SELECT k FROM t /*M!100100 LIMIT 5 */", "/*!"}),
    [](const auto& row) { return std::string(row.param.name); });

struct Pass {
  const char* name;
  const char* query;
};

class LintPasses : public testing::TestWithParam<Pass> {};

TEST_P(LintPasses, WhatOnlyReads) {
  const auto found = lint_query(GetParam().query);
  EXPECT_TRUE(found) << GetParam().query << ": " << found.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Every, LintPasses,
    testing::Values(
        Pass{"Plain", "SELECT s3_key FROM book_images"}, Pass{"Semicolon", "SELECT k FROM t ;\n"},
        Pass{"TwoSemicolons", "SELECT k FROM t;; -- end"}, Pass{"Values", "VALUES ('a'), ('b')"},
        Pass{"Table", "TABLE t"}, Pass{"With", "WITH x AS (SELECT k FROM t) SELECT k FROM x"},
        Pass{"Brackets", "(SELECT k FROM t)"},
        Pass{"LimitInSubquery", "SELECT k FROM t WHERE id IN (SELECT id FROM u LIMIT 5)"},
        Pass{"LimitInDerivedTable", "SELECT k FROM (SELECT k FROM t LIMIT 5) q"},
        Pass{"LimitInWith", "WITH x AS (SELECT k FROM t LIMIT 5) SELECT k FROM x"},
        Pass{"LimitAll", "SELECT k FROM t LIMIT ALL"},
        Pass{"OffsetColumn", "SELECT k FROM t WHERE offset > 3 ORDER BY offset DESC"},
        Pass{"Numbers", "SELECT k FROM t WHERE a > 1.5e-3 AND b = 0xFF AND c < .5 AND d > 1_000"},
        Pass{"LinesOfWindows", "SELECT k\r\nFROM t\r\n\t-- all of them\r\n"},
        Pass{"LimitInText", "SELECT k FROM t WHERE k <> 'x LIMIT 5'"},
        Pass{"LimitInAName", "SELECT \"LIMIT\" FROM t"}, Pass{"LimitInBackquotes", "SELECT `LIMIT` FROM t"},
        Pass{"LimitInBrackets", "SELECT [LIMIT] FROM t"},
        Pass{"LimitInComment", "SELECT k FROM t -- LIMIT 5"},
        Pass{"LimitInLongComment", "SELECT k /* LIMIT 5; DELETE */ FROM t"},
        Pass{"LimitInNestedComment", "SELECT k /* a /* b */ LIMIT 5 */ FROM t"},
        Pass{"LimitInHashComment", "SELECT k FROM t # LIMIT 5"},
        Pass{"LimitInDollarQuotes", "SELECT $tag$ LIMIT 5; ' $tag$ FROM t"},
        Pass{"LimitColumn", "SELECT t.limit FROM t"}, Pass{"DoubledQuote", "SELECT 'it''s; LIMIT 5' FROM t"},
        Pass{"EscapeString", "SELECT E'\\'; LIMIT 5' FROM t"},
        Pass{"BackslashString", "SELECT 'a\\'b LIMIT 5' FROM t"},
        Pass{"BackslashIsPlain", "SELECT replace(k, '\\', '/') FROM t"},
        Pass{"SubstringFor", "SELECT substring(k FROM 1 FOR 3) FROM t"},
        Pass{"ReplaceFunction", "SELECT REPLACE(k, 'a', 'b') FROM t"},
        Pass{"InsertFunction", "SELECT INSERT(k, 1, 0, 'books/') FROM t"},
        Pass{"ColumnTop", "SELECT top FROM t"}, Pass{"ColumnOffset", "SELECT offset FROM t"},
        Pass{"ColumnUpdate", "SELECT \"update\", t.delete FROM t"},
        Pass{"LastUpdate", "SELECT max(last_update) FROM t"},
        Pass{"HintComment", "SELECT /*+ MAX_EXECUTION_TIME(1) */ k FROM t"},
        Pass{"JsonOperator", "SELECT data #>> '{a,b}' FROM t"}, Pass{"Cast", "SELECT id::text FROM t"},
        Pass{"IsDistinctFrom", "SELECT k FROM t WHERE a IS DISTINCT FROM b"}, Pass{"Position", "SELECT $1"}),
    [](const auto& row) { return std::string(row.param.name); });

struct Warning {
  const char* name;
  const char* query;
  const char* said;  ///< nullptr: nothing at all
};

class LintWarns : public testing::TestWithParam<Warning> {};

TEST_P(LintWarns, OfWhatMayHideReferences) {
  const auto found = lint_query(GetParam().query);
  ASSERT_TRUE(found) << found.error().message;
  if (GetParam().said == nullptr) {
    EXPECT_TRUE(found->empty()) << found->front();
    return;
  }
  ASSERT_EQ(found->size(), 1U);
  EXPECT_NE(found->front().find(GetParam().said), std::string::npos) << found->front();
}

INSTANTIATE_TEST_SUITE_P(
    Every, LintWarns,
    testing::Values(Warning{"Nothing", "SELECT k FROM t WHERE size > 0", nullptr},
                    Warning{"Distinct", "SELECT DISTINCT k FROM t", "DISTINCT"},
                    Warning{"IsDistinctFrom", "SELECT k FROM t WHERE a IS DISTINCT FROM b", nullptr},
                    Warning{"IsNotDistinctFrom", "SELECT k FROM t WHERE a IS NOT DISTINCT FROM b", nullptr},
                    Warning{"GroupBy", "SELECT k FROM t GROUP BY k", "GROUP BY"},
                    Warning{"Union", "SELECT k FROM t UNION SELECT k FROM u", "UNION without ALL"},
                    Warning{"UnionAll", "SELECT k FROM t UNION ALL SELECT k FROM u", nullptr},
                    Warning{"OrderBy", "SELECT k FROM t ORDER BY k", "ORDER BY"},
                    Warning{"OrderByOfAWindow", "SELECT row_number() OVER (ORDER BY k) FROM t", nullptr},
                    Warning{"Lower", "SELECT lower(k) FROM t", "LOWER()"},
                    Warning{"Trim", "SELECT trim(k) FROM t", "TRIM()"},
                    Warning{"SoftDelete", "SELECT k FROM t WHERE deleted_at IS NULL", "'deleted_at'"},
                    Warning{"SoftDeleteSelected", "SELECT deleted_at FROM t", nullptr},
                    Warning{"Sample", "SELECT k FROM t TABLESAMPLE SYSTEM (10)", "TABLESAMPLE"},
                    Warning{"LimitInSubquery", "SELECT k FROM t WHERE id IN (SELECT id FROM u LIMIT 5)",
                            "LIMIT in a subquery"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(LintOfADialect, ReadsQuotesAndCommentsAsThatDatabaseDoes) {
  struct Case {
    const char* query;
    const SqlDialect* dialect;
    bool passes;
  };
  const Case cases[] = {
      {"SELECT k FROM t # LIMIT 5", &kMysqlDialect, true},
      {"SELECT k FROM t # LIMIT 5", &kPostgresqlDialect, false},
      {"SELECT k FROM t --LIMIT 5", &kPostgresqlDialect, true},
      {"SELECT k FROM t --LIMIT 5", &kMysqlDialect, false},
      {"SELECT 'a\\' LIMIT 5 -- '", &kMysqlDialect, true},
      {"SELECT 'a\\' LIMIT 5 -- '", &kPostgresqlDialect, false},
      {"SELECT 'a\\' LIMIT 5 -- '", &kMysqlPlainDialect, false},
      {"SELECT $$ LIMIT 5 $$", &kPostgresqlDialect, true},
      {"SELECT $$ LIMIT 5 $$", &kMysqlDialect, false},
      {"SELECT [a LIMIT 5] FROM t", &kSqliteDialect, true},
      {"SELECT k /* /* */ LIMIT 5 */ FROM t", &kPostgresqlDialect, true},
      {"SELECT k /* /* */ LIMIT 5", &kMysqlDialect, false},
      {"SELECT U&\"\\006co_unlink\"(1)", &kPostgresqlDialect, false},
  };
  for (const Case& row : cases)
    EXPECT_EQ(lint_query(row.query, *row.dialect).has_value(), row.passes)
        << row.dialect->name << ": " << row.query;
}

TEST(LintOfADialect, ANulByteIsRefused) {
  EXPECT_FALSE(lint_query(std::string_view("SELECT k\0 FROM t", 16)));
}

TEST(WithoutEnd, LeavesWhatCanStandInBrackets) {
  struct Case {
    const char* query;
    const char* left;
  };
  for (const Case& row :
       {Case{"SELECT k FROM t ; -- end", "SELECT k FROM t"}, Case{"SELECT k FROM t", "SELECT k FROM t"},
        Case{"SELECT ';' ;;", "SELECT ';'"}, Case{"SELECT k -- x\nFROM t -- y", "SELECT k -- x\nFROM t"}}) {
    const auto left = without_end(row.query, kSqliteDialect);
    ASSERT_TRUE(left);
    EXPECT_EQ(*left, row.left);
  }
}

}  // namespace
}  // namespace flotsam
