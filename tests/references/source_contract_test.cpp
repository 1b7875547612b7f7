/// One suite for every kind of reference source: what references/source.h promises, whichever database is
/// behind it.

#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <sqlite3.h>

#include "base/bytes.h"
#include "reading.h"
#include "support/mariadb.h"
#include "support/postgres.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

/// A table `files` with the columns k (any bytes) and note (text) in one kind of database.
class World {
 public:
  virtual ~World() = default;
  /// Replaces the table's rows; commits.
  virtual void fill(const std::vector<Row>& rows) = 0;
  /// Adds one row from another connection; commits.
  virtual void insert(const Row& row) = 0;
  virtual std::string url() const = 0;
  virtual SourceQuery all() const { return query_of("SELECT k, note FROM files"); }
  virtual bool has_null() const { return true; }
  /// A reading that the world changes under ends in an error instead of not seeing the change.
  virtual bool refuses_change() const { return false; }
  virtual std::string many_url(std::size_t rows) = 0;
  virtual SourceQuery many(std::size_t rows) const = 0;
};

std::string hex_or_null(const Cell& cell, std::string_view before, std::string_view after) {
  return cell ? fmt::format("{}{}{}", before, to_hex(*cell), after) : std::string("NULL");
}

class PostgresWorld final : public World {
 public:
  PostgresWorld() {
    if (!shared_postgres()) throw std::runtime_error(to_text(shared_postgres().error()));
    database_ = server().make_database("CREATE TABLE files (id serial, k bytea, note text)");
  }
  void fill(const std::vector<Row>& rows) override {
    std::string sql = "DELETE FROM files;";
    for (const Row& row : rows) sql += statement(row);
    server().run(database_, "BEGIN;" + sql + "COMMIT;");
  }
  void insert(const Row& row) override { server().run(database_, statement(row)); }
  std::string url() const override { return server().url(database_); }
  std::string many_url(std::size_t /*rows*/) override { return url(); }
  SourceQuery many(std::size_t rows) const override {
    return query_of(
        fmt::format("SELECT 'books/' || i || '.webp' AS k FROM generate_series(1, {}) AS s(i)", rows));
  }

 private:
  static const PostgresServer& server() { return *shared_postgres(); }
  static std::string statement(const Row& row) {
    return fmt::format("INSERT INTO files (k, note) VALUES ({}, convert_from({}, 'UTF8'));",
                       hex_or_null(row[0], "'\\x", "'::bytea"), hex_or_null(row[1], "'\\x", "'::bytea"));
  }
  std::string database_;
};

class MariadbWorld final : public World {
 public:
  MariadbWorld() {
    if (!shared_mariadb()) throw std::runtime_error(to_text(shared_mariadb().error()));
    database_ = server().make_database(
        "CREATE TABLE files (id int AUTO_INCREMENT PRIMARY KEY, k mediumblob, note mediumtext) "
        "ENGINE=InnoDB");
  }
  void fill(const std::vector<Row>& rows) override {
    std::string sql = "DELETE FROM files;";
    for (const Row& row : rows) sql += statement(row);
    server().run(database_, "SET autocommit=0;" + sql + "COMMIT;");
  }
  void insert(const Row& row) override { server().run(database_, statement(row)); }
  std::string url() const override { return server().url(database_); }
  std::string many_url(std::size_t /*rows*/) override { return url(); }
  SourceQuery many(std::size_t rows) const override {
    return query_of(fmt::format("SELECT concat('books/', seq, '.webp') AS k FROM seq_1_to_{}", rows));
  }

 private:
  static const MariadbServer& server() { return *shared_mariadb(); }
  static std::string statement(const Row& row) {
    return fmt::format("INSERT INTO files (k, note) VALUES ({}, CONVERT({} USING utf8mb4));",
                       hex_or_null(row[0], "x'", "'"), hex_or_null(row[1], "x'", "'"));
  }
  std::string database_;
};

class SqliteWorld final : public World {
 public:
  SqliteWorld() { run("PRAGMA journal_mode=WAL; CREATE TABLE files (id INTEGER PRIMARY KEY, k, note TEXT)"); }
  void fill(const std::vector<Row>& rows) override {
    std::string sql = "DELETE FROM files;";
    for (const Row& row : rows) sql += statement(row);
    run("BEGIN;" + sql + "COMMIT;");
  }
  void insert(const Row& row) override { run(statement(row)); }
  std::string url() const override { return "sqlite:" + path(); }
  std::string many_url(std::size_t /*rows*/) override { return url(); }
  SourceQuery many(std::size_t rows) const override {
    return query_of(
        fmt::format("WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < {}) "
                    "SELECT 'books/' || i || '.webp' AS k FROM s",
                    rows));
  }

 private:
  std::string path() const { return folder_ / "app.db"; }
  static std::string statement(const Row& row) {
    return fmt::format("INSERT INTO files (k, note) VALUES (CAST({} AS TEXT), CAST({} AS TEXT));",
                       hex_or_null(row[0], "x'", "'"), hex_or_null(row[1], "x'", "'"));
  }
  void run(const std::string& sql) const {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &handle), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << (error ? error : "");
    sqlite3_free(error);
    sqlite3_close(handle);
  }
  TemporaryFolder folder_;
};

class CsvWorld final : public World {
 public:
  void fill(const std::vector<Row>& rows) override {
    std::string text = "k,note\n";
    for (const Row& row : rows) text += line(row);
    folder_.write("files.csv", text);
  }
  void insert(const Row& row) override {
    std::ofstream(folder_ / "files.csv", std::ios::app | std::ios::binary) << line(row);
  }
  std::string url() const override { return "csv:" + (folder_ / "files.csv").native(); }
  SourceQuery all() const override { return columns_of({"k", "note"}); }
  bool has_null() const override { return false; }
  bool refuses_change() const override { return true; }
  std::string many_url(std::size_t rows) override {
    std::string text = "k\n";
    for (std::size_t i = 1; i <= rows; ++i) text += fmt::format("books/{}.webp\n", i);
    return "csv:" + folder_.write("many.csv", text).native();
  }
  SourceQuery many(std::size_t /*rows*/) const override { return columns_of({"k"}); }

 private:
  static std::string line(const Row& row) {
    std::string out;
    for (const Cell& cell : row) {
      out += out.empty() ? "\"" : ",\"";
      for (const char c : cell.value_or("")) out += c == '"' ? std::string("\"\"") : std::string(1, c);
      out += '"';
    }
    return out + "\n";
  }
  TemporaryFolder folder_;
};

struct Kind {
  const char* name;
  std::unique_ptr<World> (*make)();
};

class ReferenceSourceContract : public testing::TestWithParam<Kind> {
 protected:
  ReferenceSourceContract() : world_(GetParam().make()) {}
  std::unique_ptr<World> world_;
};

/// Reading is not copyable in parts (it holds a Cancel): build it in place.
#define READING(variable, ...)  \
  Reading variable;             \
  variable.url = world_->url(); \
  variable.queries = std::vector<SourceQuery> __VA_ARGS__

TEST_P(ReferenceSourceContract, GivesEveryRowByteForByte) {
  std::vector<Row> rows;
  std::string all_bytes;
  for (int c = 0; c < 256; ++c) all_bytes += static_cast<char>(c);
  rows.push_back({all_bytes, "all bytes"});
  for (int c = 0; c < 256; ++c)
    rows.push_back({"a" + std::string(1, static_cast<char>(c)) + "b", "one byte"});
  rows.push_back({std::string(100000, 'x') + "end", "a long value"});
  rows.push_back({" blanks \t", "日本é\U0001F600"});
  rows.push_back({"Photo.jpg", ""});
  rows.push_back({"photo.jpg", "a,b\"c\r\nd"});
  rows.push_back({"photo.jpg", "twice"});
  world_->fill(rows);
  READING(reading, {world_->all()});
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(reading.sink.blocks.at(0).rows, rows);
  EXPECT_EQ(reading.sink.blocks.at(0).columns, (ColumnNames{"k", "note"}));
  EXPECT_FALSE(reading.sink.out_of_order);
  ASSERT_EQ(proofs->size(), 1U);
  EXPECT_EQ(proofs->at(0).rows, rows.size());
  EXPECT_EQ(evidence_of(proofs->at(0), "rows_received"), std::to_string(rows.size()));
  EXPECT_EQ(proofs->at(0).invalid_utf8, 129U) << "128 single bytes beyond ASCII, and all bytes together";
}

TEST_P(ReferenceSourceContract, GivesRandomBytesAsTheyAre) {
  std::mt19937 random(20251230);
  std::vector<Row> rows;
  for (int i = 0; i < 200; ++i) {
    std::string value;
    for (auto size = random() % 40; size > 0; --size) value += static_cast<char>(random());
    rows.push_back({value, "n" + std::to_string(i)});
  }
  world_->fill(rows);
  READING(reading, {world_->all()});
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(reading.sink.blocks.at(0).rows, rows);
}

TEST_P(ReferenceSourceContract, TellsNullFromEmpty) {
  if (!world_->has_null()) {
    world_->fill({{"", "x"}});
    READING(reading, {world_->all()});
    ASSERT_TRUE(reading.run());
    EXPECT_EQ(reading.sink.blocks.at(0).rows, (std::vector<Row>{{"", "x"}}));
    return;
  }
  const std::vector<Row> rows{{"", "empty"}, {std::nullopt, "null"}, {"k", std::nullopt}};
  world_->fill(rows);
  READING(reading, {world_->all()});
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(reading.sink.blocks.at(0).rows, rows);
}

TEST_P(ReferenceSourceContract, GivesColumnsOfATableWithoutRows) {
  world_->fill({});
  READING(reading, {world_->all(), world_->all()});
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  ASSERT_EQ(reading.sink.blocks.size(), 2U);
  for (const auto& block : reading.sink.blocks) {
    EXPECT_EQ(block.columns, (ColumnNames{"k", "note"}));
    EXPECT_TRUE(block.rows.empty());
  }
  EXPECT_EQ(proofs->at(1).rows, 0U);
}

TEST_P(ReferenceSourceContract, ReadsAllBlocksInOneSnapshot) {
  world_->fill({{"a", "1"}, {"b", "2"}});
  READING(reading, {world_->all(), world_->all()});
  bool inserted = false;
  reading.sink.before_row = [&](std::size_t, std::size_t) -> Result<void> {
    if (!inserted) world_->insert({"c", "3"});
    inserted = true;
    return {};
  };
  const auto proofs = reading.run();
  ASSERT_TRUE(inserted);
  if (world_->refuses_change()) {
    ASSERT_FALSE(proofs) << "a file that grew under the reading was believed";
    EXPECT_EQ(proofs.error().code, ErrorCode::corrupt);
    return;
  }
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(reading.sink.counts, (std::vector<std::size_t>{2, 2})) << "a commit between the blocks was seen";
  READING(again, {world_->all()});
  ASSERT_TRUE(again.run());
  EXPECT_EQ(again.sink.counts, (std::vector<std::size_t>{3})) << "the commit had happened";
}

TEST_P(ReferenceSourceContract, TheSinksErrorEndsTheReading) {
  world_->fill({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  for (const bool at_columns : {true, false}) {
    READING(reading, {world_->all()});
    const auto wish = [&] { return fail(ErrorCode::refused, "no more"); };
    if (at_columns)
      reading.sink.before_columns = [&](std::size_t) -> Result<void> { return wish(); };
    else
      reading.sink.before_row = [&](std::size_t, std::size_t row) -> Result<void> {
        if (row == 1) return wish();
        return {};
      };
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs);
    EXPECT_EQ(proofs.error().code, ErrorCode::refused);
    EXPECT_EQ(proofs.error().message, "no more");
    EXPECT_EQ(reading.sink.counts, (std::vector<std::size_t>{at_columns ? 0U : 1U}));
  }
}

TEST_P(ReferenceSourceContract, StopsWhenAskedTo) {
  const std::size_t rows = 20000;
  Reading reading;
  reading.url = world_->many_url(rows);
  reading.queries = {world_->many(rows)};
  reading.sink.before_row = [&](std::size_t, std::size_t row) -> Result<void> {
    if (row == 10) reading.cancel.request();
    return {};
  };
  const auto proofs = reading.run();
  ASSERT_FALSE(proofs);
  EXPECT_EQ(proofs.error().code, ErrorCode::interrupted);
  EXPECT_EQ(reading.sink.counts.at(0), 11U);
}

TEST_P(ReferenceSourceContract, ReadsManyRows) {
  const std::size_t rows = 100000;
  Reading reading;
  reading.url = world_->many_url(rows);
  reading.queries = {world_->many(rows)};
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(proofs->at(0).rows, rows);
  EXPECT_EQ(reading.sink.blocks.at(0).rows.at(0), (Row{"books/1.webp"}));
  EXPECT_EQ(reading.sink.blocks.at(0).rows.at(rows - 1), (Row{"books/100000.webp"}));
}

TEST_P(ReferenceSourceContract, CanBeReadAgain) {
  world_->fill({{"a", "1"}});
  READING(first, {world_->all()});
  ASSERT_TRUE(first.run());
  READING(second, {world_->all()});
  ASSERT_TRUE(second.run());
  EXPECT_EQ(first.sink.blocks.at(0).rows, second.sink.blocks.at(0).rows);
  EXPECT_EQ(first.identity, second.identity);
  EXPECT_FALSE(first.identity.empty());
}

TEST_P(ReferenceSourceContract, AStatedMomentIsWhatItShows) {
  world_->fill({{"a", "1"}});
  SourceQuery query = world_->all();
  query.as_of = AsOfKind::stated;
  query.stated_as_of = *parse_rfc3339("2026-01-02T03:04:05Z");
  READING(reading, {query});
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  EXPECT_EQ(proofs->at(0).true_at, query.stated_as_of);
  query.stated_as_of = SystemClock().now() + Seconds(3600);
  READING(future, {query});
  const auto refused = future.run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().message.find("future"), std::string::npos);
}

TEST_P(ReferenceSourceContract, NothingShownHoldsThePassword) {
  world_->fill({{"a", "1"}});
  READING(reading, {world_->all()});
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs);
  std::string everything = reading.shown;
  for (const auto& [name, value] : reading.identity) everything += name + value;
  for (const ReadProof& proof : *proofs) {
    for (const auto& [name, value] : proof.evidence) everything += name + "=" + value + "\n";
    for (const std::string& warning : proof.warnings) everything += warning;
  }
  EXPECT_EQ(everything.find(":test@"), std::string::npos) << everything;
  EXPECT_EQ(reading.shown.find('@'), std::string::npos) << reading.shown;
}

template <typename Made>
std::unique_ptr<World> make() {
  return std::make_unique<Made>();
}

INSTANTIATE_TEST_SUITE_P(Every, ReferenceSourceContract,
                         testing::Values(Kind{"PostgreSQL", make<PostgresWorld>},
                                         Kind{"MariaDB", make<MariadbWorld>},
                                         Kind{"SQLite", make<SqliteWorld>}, Kind{"Csv", make<CsvWorld>}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace flotsam::test
