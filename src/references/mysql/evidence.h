#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "references/mysql/connection.h"
#include "references/source.h"

namespace flotsam {

struct MySession {
  Evidence identity;  ///< server_uuid and database where the server has one, else host, port and database
  Evidence evidence;
  std::string database;
  bool quotes_differ = false;  ///< sql_mode has NO_BACKSLASH_ESCAPES or ANSI_QUOTES
  bool pads_char = false;      ///< sql_mode has PAD_CHAR_TO_FULL_LENGTH
};

/// Sets what must hold (character set, isolation, no row limit, time limits), reads it back, and begins the
/// transaction with its snapshot. Errors: corrupt where the server did not take it.
Result<MySession> begin_snapshot(MyConnection& connection, const DatabaseUrl& url, Seconds timeout);

/// Whether the server copies another one's data, and so may be late.
struct MyReplica {
  enum class State { primary, replica, unknown };
  State state = State::unknown;
  std::string seen;  ///< what was asked, and what it said
};
/// Asks inside the transaction, so that a proxy sends the question where the rows come from.
Result<MyReplica> replica_state(MyConnection& connection);

/// What a login sees of replication that may not ask for it. Nothing: the server has no variable of that
/// name, which says nothing about the server.
struct MyReplicaSigns {
  bool mariadb = false;
  std::optional<std::string> slave_running;   ///< of the default connection
  std::optional<std::string> slaves_running;  ///< how many, those of named connections too
  std::optional<std::string> read_only;
  std::optional<std::string> gtid_slave_pos;
};
/// Judges by signs alone: primary only on MariaDB and only where each sign is there and none speaks of
/// replication, now or before; else unknown. MySQL shows such a login nothing that tells its replicas.
MyReplica replica_by_signs(const MyReplicaSigns& signs);

/// A table that a query reads, and the engine that keeps it.
struct MyTable {
  std::string schema;
  std::string name;
  std::string engine;  ///< empty for a view
};
/// The tables behind a query, views followed, from the server's own rewriting of it (EXPLAIN; nothing is
/// executed) and from the names in the query. `judge()` must have passed the text. Errors: permission_denied
/// where the login may not see what stands behind a view.
Result<std::vector<MyTable>> tables_of(MyConnection& connection, const std::string& query,
                                       const std::string& database);

/// `text` in single quotes for a statement of ours.
std::string my_literal(std::string_view text);

}  // namespace flotsam
