#pragma once

#include <cstdint>
#include <functional>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "references/database_url.h"

namespace flotsam {

/// A result of libpq that frees itself.
class PgResult {
 public:
  explicit PgResult(PGresult* result) : result_(result) {}
  PGresult* get() const { return result_.get(); }
  int rows() const { return PQntuples(get()); }
  /// A value of ours; nothing for NULL.
  std::optional<std::string> value(int row, int column) const;
  std::string text(int row, int column) const { return value(row, column).value_or(""); }
  /// The number behind a command tag: "FETCH 12" → 12; nothing where the tag is another.
  std::optional<std::uint64_t> count_of_tag(std::string_view command) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

/// How the wire to the server is protected, as libpq ended up.
struct PgWire {
  std::string host;     ///< as given, or a socket's folder
  std::string sslmode;  ///< in force
  bool encrypted = false;
};

/// One connection (libpq). Every text goes over the extended protocol, which refuses a second statement;
/// waits look at `cancel` and at a deadline of our own, and then ask the server to stop (PQcancel). One
/// thread.
class PgConnection {
 public:
  struct Limits {
    const Clock& clock;
    const Cancel& cancel;
    Seconds statement;  ///< for each statement
  };

  /// Connects to the first host of the URL that answers. Errors: permission_denied, not_found (no such
  /// database), unavailable, interrupted, invalid_argument (an unknown parameter).
  static Result<PgConnection> connect(const DatabaseUrl& url, const Limits& limits);

  /// Runs one statement and returns its only result: rows or a command's tag.
  Result<PgResult> run(const std::string& sql, const std::vector<std::string>& parameters = {});

  /// Describes the columns of an open cursor.
  Result<PgResult> describe_cursor(const std::string& name);

  /// Runs one statement in single-row mode and gives each row to `row`. Returns the last result, which has no
  /// row and whose tag counts them: the server's statement that this was all.
  Result<PgResult> stream(const std::string& sql, const std::function<Result<void>(const PGresult*)>& row);

  PgWire wire() const;
  int server_version() const { return PQserverVersion(connection_.get()); }

 private:
  PgConnection(PGconn* connection, const Limits& limits) : connection_(connection), limits_(limits) {}
  Result<void> finish_connecting(Seconds timeout);
  void begin_statement() { deadline_ = limits_.clock.monotonic() + limits_.statement; }
  /// Waits until PQgetResult would not block.
  Result<void> wait();
  Result<void> wait_for_socket(short events);
  Result<PgResult> only_result();
  /// Asks the server to stop the statement; best effort, the connection is given up anyway.
  void stop_statement();
  Error broken(std::string_view doing) const;

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  Limits limits_;
  std::chrono::nanoseconds deadline_{0};
};

/// The Error behind a failed result: its code from the SQLSTATE, which stands in service_code.
Error error_of_postgresql(const PGresult* result);

/// The error code for a SQLSTATE (PostgreSQL, appendix A).
ErrorCode code_of_sqlstate(std::string_view state);

/// The SQLSTATE inside a verbose message of libpq ("FATAL:  28P01: …"); empty where there is none.
std::string sqlstate_in(std::string_view message);

/// What a person must hear of the wire; nothing where it is local, or verified to the host's name.
std::optional<std::string> warning_of_wire(const PgWire& wire);

}  // namespace flotsam
