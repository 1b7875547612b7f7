#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <mysql.h>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "references/database_url.h"

namespace flotsam {

/// Closes a socket under a blocking call once a stop is asked for or a deadline is over: libmariadb cannot be
/// told. Watches from construction to destruction with a thread of its own.
class SocketWatch {
 public:
  enum class Reason { none, cancelled, late };
  SocketWatch(int socket, const Clock& clock, std::chrono::nanoseconds deadline, const Cancel& cancel);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;
  /// Why the socket was closed.
  Reason reason() const { return reason_.load(); }

 private:
  void run();
  int socket_;
  const Clock& clock_;
  std::chrono::nanoseconds deadline_;
  const Cancel& cancel_;
  std::atomic<Reason> reason_{Reason::none};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

/// How the connection may be protected, as the URL wishes or as is right for its host.
enum class MyTls {
  off,              ///< loopback and sockets, or ssl-mode=DISABLED
  preferred,        ///< encrypted where the server can: a weaker mode that only the URL can ask for
  required,         ///< encrypted, the server's name is not verified
  verify_identity,  ///< encrypted and verified: the default for other hosts
};

struct MyWire {
  std::string host;
  MyTls wished = MyTls::off;
  bool stated = false;  ///< by the URL
  std::string cipher;   ///< in use; empty where nothing is encrypted
};

/// Errors: invalid_argument for an ssl-mode that is not known.
Result<MyWire> wire_of_url(const DatabaseUrl& url);
/// What a person must hear of the wire; nothing where it is local or verified.
std::optional<std::string> warning_of_wire(const MyWire& wire);

using MyRow = std::vector<std::optional<std::string>>;
using MyRows = std::vector<MyRow>;

/// A column of a streamed result.
struct MyColumn {
  std::string name;
  bool is_character = false;         ///< CHAR(n), not BINARY
  std::size_t characters_limit = 0;  ///< of a VARCHAR of a table; 0: none
};

/// One connection (libmariadb): no option file, no reconnect, no LOAD DATA LOCAL, no second statement. One
/// thread, beside the watch.
class MyConnection {
 public:
  struct Limits {
    const Clock& clock;
    const Cancel& cancel;
    Seconds statement;
  };
  /// Errors: permission_denied, not_found (no such database), unavailable, invalid_argument, interrupted.
  static Result<MyConnection> connect(const DatabaseUrl& url, const Limits& limits);

  /// Runs a statement of ours and returns all its rows: for small answers.
  Result<MyRows> ask(const std::string& sql);

  /// Lets the server judge a text as one prepared statement that gives rows and has no parameters; runs
  /// nothing.
  Result<void> judge(const std::string& sql);

  struct RowUse {
    std::function<Result<void>(const std::vector<MyColumn>&)> columns;
    /// Values and their lengths; a null pointer is NULL.
    std::function<Result<void>(MYSQL_ROW, const unsigned long*)> row;
  };
  /// Runs a statement unbuffered and gives it row by row, each value at its full length. Success means that
  /// the server said the end: no row and error number 0.
  Result<void> stream(const std::string& sql, const RowUse& use);

  const MyWire& wire() const { return wire_; }
  /// The server calls itself MariaDB.
  bool is_mariadb() const;
  std::string server_info() const { return mysql_get_server_info(handle_.get()); }

 private:
  explicit MyConnection(MYSQL* handle, const Limits& limits) : handle_(handle), limits_(limits) {}
  Error last_error(std::string_view doing) const;
  Error error_under(const SocketWatch& watch, std::string_view doing) const;
  std::chrono::nanoseconds deadline() const { return limits_.clock.monotonic() + limits_.statement; }

  struct Close {
    void operator()(MYSQL* handle) const { mysql_close(handle); }
  };
  std::unique_ptr<MYSQL, Close> handle_;
  Limits limits_;
  MyWire wire_;
};

/// The error code for an error number of MySQL or MariaDB, or of their client (2000 and up).
ErrorCode code_of_mysql(unsigned number);

}  // namespace flotsam
