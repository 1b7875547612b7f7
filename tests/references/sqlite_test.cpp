/// What is particular to SQLite: its sandbox, its write-ahead log, its storage classes.

#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "reading.h"
#include "references/sqlite/sqlite_handle.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

class Sqlite : public testing::Test {
 protected:
  /// A connection that stays open, so that its write-ahead log is not written back.
  class Writer {
   public:
    explicit Writer(const std::filesystem::path& path) {
      EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    }
    ~Writer() { sqlite3_close(handle_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    void run(const std::string& sql) const {
      char* error = nullptr;
      EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
          << (error ? error : "") << sql;
      sqlite3_free(error);
    }

   private:
    sqlite3* handle_ = nullptr;
  };
  struct Outcome {
    Result<std::vector<ReadProof>> proofs;
    std::vector<Row> rows;
    Evidence identity;
    std::string text() const { return proofs ? "" : to_text(proofs.error()); }
  };
  Outcome read(const SourceQuery& query, const std::string& name = "app.db") const {
    Reading reading;
    reading.url = "sqlite:" + name;
    reading.base = folder_.path();
    reading.queries = {query};
    Outcome outcome{reading.run(), {}, {}};
    outcome.identity = reading.identity;
    if (!reading.sink.blocks.empty()) outcome.rows = reading.sink.blocks[0].rows;
    return outcome;
  }
  Outcome read(const std::string& sql, const std::string& name = "app.db") const {
    return read(query_of(sql), name);
  }
  std::filesystem::path path() const { return folder_ / "app.db"; }
  TemporaryFolder folder_;
};

TEST_F(Sqlite, RowsStillInTheWriteAheadLogAreRead) {
  const Writer writer(path());
  writer.run(
      "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE files (k); INSERT INTO files "
      "VALUES ('a'), ('b')");
  ASSERT_GT(std::filesystem::file_size(path().native() + "-wal"), 0U);
  const Outcome outcome = read("SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << outcome.text();
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"a"}, {"b"}}));
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "journal_mode"), "wal");
}

TEST_F(Sqlite, TheFilesTimeIsTheNewerOfDatabaseAndLog) {
  const Writer writer(path());
  writer.run(
      "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE files (k); INSERT INTO files "
      "VALUES ('a')");
  const auto set_time = [](const std::string& file, time_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  };
  SourceQuery query = query_of("SELECT k FROM files");
  query.as_of = AsOfKind::file;
  for (const auto& [database, log] :
       {std::pair<time_t, time_t>{1767225600, 1767225700}, {1767225700, 1767225600}}) {
    set_time(path(), database);
    set_time(path().native() + "-wal", log);
    const Outcome outcome = read(query);
    ASSERT_TRUE(outcome.proofs) << outcome.text();
    EXPECT_EQ(outcome.proofs->at(0).true_at, Timestamp(Seconds(1767225700)));
  }
  const Outcome now = read("SELECT k FROM files");
  ASSERT_TRUE(now.proofs);
  EXPECT_FALSE(now.proofs->at(0).true_at);
}

TEST_F(Sqlite, ADatabaseNotWrittenForADayMayBeACopy) {
  const Writer writer(path());
  writer.run(
      "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE files (k); INSERT INTO files "
      "VALUES ('a')");
  const auto set_time = [](const std::string& file, time_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  };
  constexpr time_t kNow = 1767225600;  // 2026-01-01T00:00:00Z
  constexpr time_t kDay = 86400;
  struct Case {
    const char* name;
    time_t database;
    time_t log;
    AsOfKind as_of;
    bool warns;
  };
  for (const Case& row : {Case{"a day old", kNow - kDay, kNow - kDay, AsOfKind::now, true},
                          Case{"almost a day", kNow - kDay + 1, kNow - 2 * kDay, AsOfKind::now, false},
                          Case{"a young log", kNow - 30 * kDay, kNow - 60, AsOfKind::now, false},
                          Case{"an old log", kNow - 60, kNow - 30 * kDay, AsOfKind::now, false},
                          Case{"said: a file", kNow - kDay, kNow - kDay, AsOfKind::file, false},
                          Case{"stated", kNow - kDay, kNow - kDay, AsOfKind::stated, false}}) {
    set_time(path(), row.database);
    set_time(path().native() + "-wal", row.log);
    ManualClock clock{Timestamp(Seconds(kNow))};
    Reading reading;
    reading.url = "sqlite:app.db";
    reading.base = folder_.path();
    reading.clock = &clock;
    reading.queries = {query_of("SELECT k FROM files")};
    reading.queries[0].as_of = row.as_of;
    if (row.as_of == AsOfKind::stated) reading.queries[0].stated_as_of = Timestamp(Seconds(kNow - kDay));
    const auto proofs = reading.run();
    ASSERT_TRUE(proofs) << row.name << ": " << to_text(proofs.error());
    EXPECT_EQ(warns_of(proofs->at(0),
                       "sqlite:app.db was last written at 2025-12-31T00:00:00Z; if this is a "
                       "copy, say as_of = \"file\""),
              row.warns)
        << row.name;
    EXPECT_EQ(warns_of(proofs->at(0), "last written"), row.warns) << row.name;
  }
}

TEST_F(Sqlite, AMissingFileIsNotMade) {
  const Outcome outcome = read("SELECT k FROM files", "none.db");
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none.db"));
  EXPECT_FALSE(read("SELECT 1", ":memory:").proofs) << "a name is a file and nothing else";
}

TEST_F(Sqlite, PathsAreNoUris) {
  const std::string name = "a?mode=rwc&b%41#c d.db";
  Writer(folder_ / name).run("CREATE TABLE files (k); INSERT INTO files VALUES ('a')");
  const Outcome outcome = read("SELECT k FROM files", name);
  ASSERT_TRUE(outcome.proofs) << outcome.text();
  EXPECT_EQ(outcome.rows.size(), 1U);
}

TEST_F(Sqlite, FoldersAndOtherFilesAreErrors) {
  std::filesystem::create_directory(folder_ / "folder");
  const Outcome folder = read("SELECT 1", "folder");
  ASSERT_FALSE(folder.proofs);
  EXPECT_EQ(folder.proofs.error().code, ErrorCode::refused);
  folder_.write("text",
                "this is no database, and long enough to be looked at as one: " + std::string(200, 'x'));
  const Outcome text = read("SELECT 1", "text");
  ASSERT_FALSE(text.proofs);
  EXPECT_EQ(text.proofs.error().code, ErrorCode::corrupt) << text.text();
}

TEST_F(Sqlite, NumbersAreCountedAndSaid) {
  Writer(path()).run(
      "CREATE TABLE files (k INTEGER); INSERT INTO files VALUES ('0123'), ('1e3'), ('x'), (NULL)");
  const Outcome outcome = read("SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << outcome.text();
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"123"}, {"1000"}, {"x"}, {std::nullopt}}));
  EXPECT_EQ(outcome.proofs->at(0).non_text_values, 2U);
  EXPECT_TRUE(warns_of(outcome.proofs->at(0), "2 values are stored as numbers"));
}

TEST_F(Sqlite, Utf16DatabasesGiveUtf8) {
  Writer(path()).run(
      "PRAGMA encoding='UTF-16le'; CREATE TABLE files (k); INSERT INTO files VALUES ('caf\u00e9'), "
      "(x'00ff')");
  const Outcome outcome = read("SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs) << outcome.text();
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"caf\u00e9"}, {std::string("\0\xff", 2)}}));
}

TEST_F(Sqlite, CollationsDoNotMergeKeys) {
  Writer(path()).run(
      "CREATE TABLE files (k TEXT COLLATE NOCASE); INSERT INTO files VALUES ('Photo.jpg'), ('photo.jpg')");
  const Outcome outcome = read("SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs);
  EXPECT_EQ(outcome.rows.size(), 2U);
}

TEST_F(Sqlite, AMisspeltColumnInDoubleQuotesIsNoText) {
  Writer(path()).run("CREATE TABLE files (s3_key); INSERT INTO files VALUES ('a')");
  const Outcome outcome = read("SELECT \"s3_kye\" FROM files");
  ASSERT_FALSE(outcome.proofs) << "every row would have been the text s3_kye";
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::not_found) << outcome.text();
}

TEST_F(Sqlite, ErrorsSayWhatThePersonCanDo) {
  Writer(path()).run("CREATE TABLE files (k)");
  struct Case {
    const char* query;
    ErrorCode code;
  };
  for (const Case& row :
       {Case{"SELECT k FROM none", ErrorCode::not_found}, Case{"SELECT x FROM files", ErrorCode::not_found},
        Case{"SELECT k FROM files WHERE", ErrorCode::refused},
        Case{"SELECT k FROM files WHERE k = ?1", ErrorCode::invalid_argument},
        Case{"SELECT k FROM files WHERE k = :tenant", ErrorCode::invalid_argument},
        Case{"SELECT k FROM files LIMIT 1", ErrorCode::invalid_argument},
        Case{"", ErrorCode::invalid_argument}}) {
    const Outcome outcome = read(row.query);
    ASSERT_FALSE(outcome.proofs) << row.query;
    EXPECT_EQ(outcome.proofs.error().code, row.code) << row.query << ": " << outcome.text();
    EXPECT_NE(outcome.text().find("the block"), std::string::npos);
  }
}

TEST_F(Sqlite, ADamagedFileIsAnErrorAndNotFewerRows) {
  {
    const Writer writer(path());
    writer.run("CREATE TABLE files (k)");
    writer.run(
        "WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < 3000) "
        "INSERT INTO files SELECT 'books/' || i || '.webp' FROM s");
  }
  std::string content = content_of(path());
  ASSERT_GT(content.size(), 40000U);
  for (std::size_t page = 3; page < 8; ++page)
    std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(page * 4096), 64, '\xff');
  folder_.write("app.db", content);
  const Outcome damaged = read("SELECT k FROM files");
  ASSERT_FALSE(damaged.proofs);
  EXPECT_EQ(damaged.proofs.error().code, ErrorCode::corrupt) << damaged.text();
  content.resize(content.size() / 2);
  folder_.write("app.db", content);
  EXPECT_FALSE(read("SELECT k FROM files").proofs) << "half a file";
}

TEST_F(Sqlite, ALockedDatabaseIsAnError) {
  const Writer writer(path());
  writer.run("CREATE TABLE files (k); INSERT INTO files VALUES ('a')");
  writer.run("BEGIN EXCLUSIVE");
  Reading reading;
  reading.url = "sqlite:" + path().native();
  reading.queries = {query_of("SELECT k FROM files")};
  reading.timeout = Seconds(1);
  const auto proofs = reading.run();
  ASSERT_FALSE(proofs);
  EXPECT_EQ(proofs.error().code, ErrorCode::unavailable) << to_text(proofs.error());
}

TEST_F(Sqlite, ADatabaseReplacedWhileItIsReadIsRefused) {
  Writer(path()).run("CREATE TABLE files (k); INSERT INTO files VALUES ('a')");
  Writer(folder_ / "new.db").run("CREATE TABLE files (k); INSERT INTO files VALUES ('b')");
  Reading reading;
  reading.url = "sqlite:" + path().native();
  reading.queries = {query_of("SELECT k FROM files")};
  reading.sink.before_row = [&](std::size_t, std::size_t) -> Result<void> {
    std::filesystem::rename(folder_ / "new.db", path());
    return {};
  };
  const auto proofs = reading.run();
  ASSERT_FALSE(proofs);
  EXPECT_EQ(proofs.error().code, ErrorCode::corrupt);
}

TEST_F(Sqlite, EveryFenceOfTheHandleStandsByItself) {
  Writer(path()).run("CREATE TABLE files (k)");
  auto handle = SqliteHandle::open(path(), Seconds(1));
  ASSERT_TRUE(handle);
  EXPECT_EQ(sqlite3_limit(handle->get(), SQLITE_LIMIT_ATTACHED, -1), 0);
  EXPECT_EQ(sqlite3_db_readonly(handle->get(), "main"), 1);
  EXPECT_EQ(*handle->ask("PRAGMA query_only"), "1");
  EXPECT_EQ(*handle->ask("PRAGMA cell_size_check"), "1");
  EXPECT_EQ(*handle->ask("PRAGMA trusted_schema"), "0");
  EXPECT_EQ(handle->ask("PRAGMA mmap_size").value().value_or("0"), "0");
  for (const int option :
       {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_DQS_DML}) {
    int value = -1;
    ASSERT_EQ(sqlite3_db_config(handle->get(), option, -1, &value), SQLITE_OK);
    EXPECT_EQ(value, option == SQLITE_DBCONFIG_DEFENSIVE ? 1 : 0) << option;
  }
}

TEST_F(Sqlite, IdentityIsTheFile) {
  Writer(path()).run("CREATE TABLE files (k)");
  struct stat status{};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  const Outcome outcome = read("SELECT k FROM files");
  ASSERT_TRUE(outcome.proofs);
  EXPECT_EQ(outcome.identity,
            (Evidence{{"device", std::to_string(status.st_dev)}, {"inode", std::to_string(status.st_ino)}}));
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "end"), "SQLITE_DONE");
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "rows_announced"), "0");
  EXPECT_EQ(evidence_of(outcome.proofs->at(0), "schema_sha256").size(), 64U);
}

}  // namespace
}  // namespace flotsam::test
