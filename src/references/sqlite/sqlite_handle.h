#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"

namespace flotsam {

/// Makes an Error of SQLite's last failure on this handle (sqlite3_extended_errcode).
Error error_of_sqlite(sqlite3* handle, int outcome, std::string_view doing);

/// One prepared statement. Not more than its RAII.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
};

/// A database file opened to be read and nothing else (references.md §5): read-only handle, query_only,
/// defensive mode, no attached files, no extensions, untrusted schema, no memory map. Never `immutable`: what
/// still stands in the write-ahead log would vanish. One thread.
class SqliteHandle {
 public:
  /// `patience`: how long to wait for a writer's lock, at most 10 s.
  /// Errors: not_found where the file is missing (it is never created); refused for a folder or pipe;
  /// corrupt.
  static Result<SqliteHandle> open(const std::filesystem::path& path, Seconds patience);

  /// Runs one statement of ours and returns its first column of its first row; nothing where there is no row.
  Result<std::optional<std::string>> ask(const std::string& sql);

  /// Prepares a user's text in the sandbox: an authorizer that allows reading alone, one statement,
  /// read-only, without parameters. Errors: invalid_argument, refused, not_found (no such table or column).
  Result<SqliteStatement> prepare_query(const std::string& sql);

  /// The next row. True: there is one; false: SQLITE_DONE, the only end.
  Result<bool> step(SqliteStatement& statement, const Cancel& cancel);

  /// From here on step() gives up at this moment of the clock's monotonic time.
  void set_deadline(const Clock& clock, std::chrono::nanoseconds deadline);

  sqlite3* get() const { return handle_.get(); }

 private:
  explicit SqliteHandle(sqlite3* handle) : handle_(handle) {}
  Result<void> lock_down(Seconds patience);

  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Watch {
    const Clock* clock = nullptr;
    std::chrono::nanoseconds deadline{0};
    const Cancel* cancel = nullptr;
    bool late() const { return clock != nullptr && clock->monotonic() >= deadline; }
  };
  static int keep_going(void* watch);
  std::unique_ptr<sqlite3, Close> handle_;
  std::unique_ptr<Watch> watch_ = std::make_unique<Watch>();
};

}  // namespace flotsam
