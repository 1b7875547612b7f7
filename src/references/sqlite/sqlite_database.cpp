#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "references/block_reading.h"
#include "references/kinds.h"
#include "references/lint.h"
#include "references/sqlite/sqlite_handle.h"

namespace flotsam {
namespace {

/// A database in use may rest for a night; one that rests longer may be a copy that somebody reads as live.
constexpr std::chrono::hours kQuiet{24};

Timestamp modified_of(const struct stat& status) {
  return Timestamp(std::chrono::seconds(status.st_mtim.tv_sec) +
                   std::chrono::nanoseconds(status.st_mtim.tv_nsec));
}

/// Reads one column as it is stored. `utf16` databases store text in UTF-16: there SQLite converts to UTF-8.
FieldView field_of(sqlite3_stmt* statement, int column, bool utf16, BlockReading& reading) {
  const int kind = sqlite3_column_type(statement, column);
  FieldView field;
  if (kind == SQLITE_NULL) {
    field.is_null = true;
    return field;
  }
  if (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) reading.count_non_text();
  const void* bytes = kind == SQLITE_BLOB || !utf16
                          ? sqlite3_column_blob(statement, column)
                          : static_cast<const void*>(sqlite3_column_text(statement, column));
  const int size = sqlite3_column_bytes(statement, column);
  if (size > 0 && bytes != nullptr)
    field.bytes = std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  return field;
}

class SqliteDatabase final : public ReferenceDatabase {
 public:
  SqliteDatabase(std::filesystem::path path, std::string shown, Seconds timeout,
                 const DatabaseContext& context)
      : path_(std::move(path)), shown_(std::move(shown)), timeout_(timeout), clock_(*context.clock) {}

  Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                      const Cancel& cancel) override {
    auto proofs = read_all(queries, sink, cancel);
    if (!proofs) return fail(proofs.error(), fmt::format("while reading {}", shown_));
    return proofs;
  }

  Evidence identity() const override { return identity_; }
  std::string shown() const override { return shown_; }

 private:
  Result<std::vector<ReadProof>> read_all(std::span<const SourceQuery> queries, RowSink& sink,
                                          const Cancel& cancel) {
    std::vector<std::vector<std::string>> warnings;
    for (const SourceQuery& query : queries) {
      FLOTSAM_TRY(check_as_of(query, true, clock_.now()));
      auto found = lint_query(query.query, kSqliteDialect);
      if (!found) return fail(found.error(), fmt::format("in the query of {}", in_quotes(query.name)));
      warnings.push_back(*std::move(found));
    }
    FLOTSAM_ASSIGN(const Timestamp file_time, newest_file_time());
    FLOTSAM_ASSIGN(SqliteHandle handle, SqliteHandle::open(path_, timeout_));
    FLOTSAM_TRY(handle.ask("BEGIN"));
    // The first reading fixes the snapshot for all that follow.
    FLOTSAM_ASSIGN(const Evidence snapshot, look_at(handle));
    std::vector<ReadProof> proofs;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      BlockReading reading({queries[i], i, sink, clock_, cancel});
      for (std::string& warning : warnings[i]) reading.warn(std::move(warning));
      auto proof = read_block(handle, queries[i], reading, cancel, file_time, snapshot);
      if (!proof) return fail(proof.error(), fmt::format("in the query of {}", in_quotes(queries[i].name)));
      proofs.push_back(*std::move(proof));
    }
    FLOTSAM_TRY(handle.ask("ROLLBACK"));
    FLOTSAM_TRY(same_file());
    return proofs;
  }

  /// The newer of the database's time and its write-ahead log's: no row was written after it.
  Result<Timestamp> newest_file_time() const {
    struct stat status{};
    if (stat(path_.c_str(), &status) != 0) return std::unexpected(error_of_errno(errno, "open", path_));
    Timestamp newest = modified_of(status);
    const std::string log = path_.native() + "-wal";
    if (stat(log.c_str(), &status) == 0)
      newest = std::max(newest, modified_of(status));
    else if (errno != ENOENT)
      return std::unexpected(error_of_errno(errno, "look at", log));
    return newest;
  }

  /// The name still leads to the file that was read.
  Result<void> same_file() const {
    struct stat status{};
    if (stat(path_.c_str(), &status) != 0) return std::unexpected(error_of_errno(errno, "look at", path_));
    if (identity_of(status) == identity_) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("{} was replaced by another file while it was read", in_quotes(path_.native())),
                "Run it again.");
  }

  static Evidence identity_of(const struct stat& status) {
    return {{"device", std::to_string(status.st_dev)}, {"inode", std::to_string(status.st_ino)}};
  }

  Result<Evidence> look_at(SqliteHandle& handle) {
    FLOTSAM_ASSIGN(const auto schema, handle.ask("SELECT group_concat(coalesce(sql, ''), char(10)) FROM "
                                                 "(SELECT sql FROM sqlite_schema ORDER BY type, name)"));
    Evidence evidence{{"isolation", "one transaction"},
                      {"schema_sha256", sha256_hex(schema.value_or(""))},
                      {"sqlite", sqlite3_libversion()}};
    for (const char* name :
         {"encoding", "journal_mode", "data_version", "schema_version", "application_id"}) {
      FLOTSAM_ASSIGN(const auto value, handle.ask(fmt::format("PRAGMA {}", name)));
      evidence.emplace_back(name, value.value_or(""));
      if (std::string_view(name) == "encoding") utf16_ = !value || *value != "UTF-8";
    }
    struct stat status{};
    if (stat(path_.c_str(), &status) != 0) return std::unexpected(error_of_errno(errno, "look at", path_));
    identity_ = identity_of(status);
    evidence.emplace_back("modified_at", to_rfc3339_exact(modified_of(status)));
    return evidence;
  }

  Result<ReadProof> read_block(SqliteHandle& handle, const SourceQuery& query, BlockReading& reading,
                               const Cancel& cancel, Timestamp file_time, const Evidence& snapshot) {
    FLOTSAM_ASSIGN(const std::string text, without_end(query.query, kSqliteDialect));
    FLOTSAM_ASSIGN(SqliteStatement statement, handle.prepare_query(text));
    handle.set_deadline(clock_, clock_.monotonic() + timeout_);
    FLOTSAM_ASSIGN(const std::uint64_t announced, count(handle, text, cancel));
    FLOTSAM_TRY(give_rows(handle, statement, reading, cancel));
    for (const auto& [name, value] : snapshot) reading.evidence(name, value);
    reading.evidence("end", "SQLITE_DONE");
    if (query.as_of == AsOfKind::file) {
      reading.true_at(file_time);
    } else if (query.as_of == AsOfKind::stated) {
      reading.true_at(query.stated_as_of);
    } else if (clock_.now() - file_time >= kQuiet) {
      reading.warn(fmt::format("{} was last written at {}; if this is a copy, say as_of = \"file\"", shown_,
                               to_rfc3339(file_time)));
    }
    return reading.finish(announced);
  }

  Result<std::uint64_t> count(SqliteHandle& handle, const std::string& text, const Cancel& cancel) const {
    FLOTSAM_ASSIGN(SqliteStatement statement,
                   handle.prepare_query("SELECT count(*) FROM (\n" + text + "\n)"));
    FLOTSAM_ASSIGN(const bool row, handle.step(statement, cancel));
    if (!row) return fail(ErrorCode::corrupt, "SQLite gave no count of the query's rows");
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0));
  }

  Result<void> give_rows(SqliteHandle& handle, SqliteStatement& statement, BlockReading& reading,
                         const Cancel& cancel) const {
    handle.set_deadline(clock_, clock_.monotonic() + timeout_);
    const int width = sqlite3_column_count(statement.get());
    ColumnNames names;
    for (int i = 0; i < width; ++i) names.emplace_back(sqlite3_column_name(statement.get(), i));
    FLOTSAM_TRY(reading.columns(std::move(names)));
    std::vector<FieldView> row(static_cast<std::size_t>(width));
    while (true) {
      FLOTSAM_ASSIGN(const bool more, handle.step(statement, cancel));
      if (!more) return {};
      for (int i = 0; i < width; ++i)
        row[static_cast<std::size_t>(i)] = field_of(statement.get(), i, utf16_, reading);
      // A value that could not be made for want of memory looks like an empty one.
      if (const int outcome = sqlite3_errcode(handle.get()); (outcome & 0xFF) == SQLITE_NOMEM)
        return std::unexpected(error_of_sqlite(handle.get(), outcome, "SQLite could not give a value"));
      FLOTSAM_TRY(reading.row(row));
    }
  }

  std::filesystem::path path_;
  std::string shown_;
  Seconds timeout_;
  Clock& clock_;
  bool utf16_ = false;
  Evidence identity_;
};

}  // namespace

Result<std::unique_ptr<ReferenceDatabase>> open_sqlite(const DatabaseOptions& options,
                                                       const DatabaseContext& context) {
  const std::string name = options.url.reveal().substr(std::string_view("sqlite:").size());
  if (name.empty()) return fail(ErrorCode::invalid_argument, "sqlite: names no file", "Write sqlite:FILE.");
  return std::make_unique<SqliteDatabase>((options.base / name).lexically_normal(),
                                          "sqlite:" + to_printable(name), options.statement_timeout, context);
}

}  // namespace flotsam
