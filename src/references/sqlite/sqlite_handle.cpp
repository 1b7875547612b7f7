#include "references/sqlite/sqlite_handle.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"

namespace flotsam {
namespace {

constexpr Seconds kBusyTimeout{10};
constexpr int kStepsBetweenLooks = 4096;

/// A file: URI without immutable=1, so that a path with "?" or "%" stays a path.
std::string uri_of(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.native()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    if (plain)
      uri += c;
    else
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return uri + "?mode=ro";
}

/// A key is at most some thousand bytes long; a text to extract from may be longer.
constexpr int kValueBytesMax = 256 << 20;

/// Functions that reach beyond the database, where a build of SQLite has them.
bool reaches_out(const char* function) {
  for (const char* name : {"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"})
    if (function != nullptr && equal_ignoring_case(function, name)) return true;
  return false;
}

/// A pragma as a table: newer SQLite has some that change something.
bool is_pragma(const char* table) {
  return table != nullptr && equal_ignoring_case(std::string_view(table).substr(0, 7), "pragma_");
}

int allow_reading(void* /*unused*/, int action, const char* first, const char* second,
                  const char* /*database*/, const char* /*trigger*/) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return is_pragma(first) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_FUNCTION:
      return reaches_out(second) ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

ErrorCode code_of(int outcome, std::string_view message) {
  switch (outcome & 0xFF) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ErrorCode::corrupt;
    case SQLITE_PERM:
      return ErrorCode::permission_denied;
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return ErrorCode::refused;
    case SQLITE_ERROR:
      if (message.starts_with("no such ")) return ErrorCode::not_found;
      return ErrorCode::refused;
    default:
      return ErrorCode::unavailable;
  }
}

}  // namespace

Error error_of_sqlite(sqlite3* handle, int outcome, std::string_view doing) {
  const std::string said = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(outcome);
  Error error;
  error.code = code_of(outcome, said);
  error.message = fmt::format("{}: {}", doing, to_printable(said));
  error.service_code = std::to_string(outcome);
  if ((outcome & 0xFF) == SQLITE_CANTOPEN)
    error.hint =
        "A database in WAL mode needs its -wal and -shm files, or a folder that this login may write to make "
        "them.";
  if ((outcome & 0xFF) == SQLITE_BUSY) error.hint = "Another program holds the database: run it again later.";
  return error;
}

Result<SqliteHandle> SqliteHandle::open(const std::filesystem::path& path, Seconds patience) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return std::unexpected(error_of_errno(errno, "open", path));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::refused, fmt::format("{} is no regular file", in_quotes(path.native())));
  sqlite3* raw = nullptr;
  const int outcome = sqlite3_open_v2(uri_of(path).c_str(), &raw,
                                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteHandle handle(raw);
  if (outcome != SQLITE_OK)
    return std::unexpected(
        error_of_sqlite(raw, outcome, fmt::format("cannot open {}", in_quotes(path.native()))));
  FLOTSAM_TRY(handle.lock_down(std::min(patience, kBusyTimeout)));
  return handle;
}

Result<void> SqliteHandle::lock_down(Seconds patience) {
  sqlite3* db = get();
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, static_cast<int>(std::chrono::milliseconds(patience).count()));
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_progress_handler(db, kStepsBetweenLooks, &SqliteHandle::keep_going, watch_.get());
  struct Switch {
    int option;
    int value;
    const char* name;
  };
  // DQS_DML off: in SQLite a misspelt "column" in double quotes would be that text, in every row.
  constexpr Switch kSwitches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1, "defensive"},
                                  {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, "trusted_schema"},
                                  {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, "load_extension"},
                                  {SQLITE_DBCONFIG_DQS_DML, 0, "double_quoted_strings"}};
  for (const Switch& row : kSwitches) {
    int now = -1;
    if (sqlite3_db_config(db, row.option, row.value, &now) != SQLITE_OK || now != row.value)
      return fail(ErrorCode::refused, fmt::format("this SQLite library cannot set {}", row.name),
                  "Use SQLite 3.38 or newer.");
  }
  for (const char* pragma : {"PRAGMA query_only=1", "PRAGMA mmap_size=0", "PRAGMA cell_size_check=1"})
    FLOTSAM_TRY(ask(pragma));
  FLOTSAM_ASSIGN(const auto query_only, ask("PRAGMA query_only"));
  if (query_only != "1") return fail(ErrorCode::refused, "SQLite did not take PRAGMA query_only");
  return {};
}

int SqliteHandle::keep_going(void* watch) {
  const auto* now = static_cast<const Watch*>(watch);
  return now->late() || (now->cancel != nullptr && now->cancel->requested()) ? 1 : 0;
}

void SqliteHandle::set_deadline(const Clock& clock, std::chrono::nanoseconds deadline) {
  watch_->clock = &clock;
  watch_->deadline = deadline;
}

Result<std::optional<std::string>> SqliteHandle::ask(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  int outcome = sqlite3_prepare_v2(get(), sql.c_str(), -1, &raw, nullptr);
  const SqliteStatement statement(raw);
  if (outcome == SQLITE_OK) outcome = sqlite3_step(raw);
  if (outcome == SQLITE_DONE) return std::optional<std::string>();
  if (outcome != SQLITE_ROW)
    return std::unexpected(error_of_sqlite(get(), outcome, "SQLite refused a question"));
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  return std::optional<std::string>(text != nullptr ? text : "");
}

Result<SqliteStatement> SqliteHandle::prepare_query(const std::string& sql) {
  sqlite3_set_authorizer(get(), &allow_reading, nullptr);
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int outcome = sqlite3_prepare_v2(get(), sql.c_str(), static_cast<int>(sql.size()) + 1, &raw, &tail);
  SqliteStatement statement(raw);
  Error error;
  if (outcome != SQLITE_OK) error = error_of_sqlite(get(), outcome, "SQLite refuses the query");
  sqlite3_set_authorizer(get(), nullptr, nullptr);
  if (outcome != SQLITE_OK) {
    if (error.code == ErrorCode::refused) error.hint = "A reference query reads tables, and nothing else.";
    return std::unexpected(std::move(error));
  }
  if (raw == nullptr) return fail(ErrorCode::invalid_argument, "the query is empty");
  for (; tail != nullptr && *tail != '\0'; ++tail)
    if (std::string_view(" \t\r\n;").find(*tail) == std::string_view::npos)
      return fail(ErrorCode::invalid_argument, "something follows the query's first statement");
  if (sqlite3_stmt_readonly(raw) == 0 || sqlite3_stmt_isexplain(raw) != 0 || sqlite3_column_count(raw) == 0)
    return fail(ErrorCode::refused, "the query does not only read");
  if (sqlite3_bind_parameter_count(raw) > 0)
    return fail(ErrorCode::invalid_argument,
                fmt::format("the query has {} parameters without a value: each would be NULL",
                            sqlite3_bind_parameter_count(raw)));
  return statement;
}

Result<bool> SqliteHandle::step(SqliteStatement& statement, const Cancel& cancel) {
  watch_->cancel = &cancel;
  const int outcome = sqlite3_step(statement.get());
  watch_->cancel = nullptr;
  if (outcome == SQLITE_ROW) return true;
  if (outcome == SQLITE_DONE) return false;
  if ((outcome & 0xFF) == SQLITE_INTERRUPT) {
    FLOTSAM_TRY(cancel.check());
    if (watch_->late())
      return fail(ErrorCode::unavailable, "the query took longer than its time limit",
                  "Run it again when the machine is quieter, or make the query cheaper.");
  }
  return std::unexpected(error_of_sqlite(get(), outcome, "SQLite stopped in the middle of the query"));
}

}  // namespace flotsam
