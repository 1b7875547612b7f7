#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "references/postgresql/connection.h"
#include "references/source.h"

namespace flotsam {

/// What the server says of itself inside the transaction, and what must hold there.
struct PgSession {
  Evidence identity;  ///< system identifier and database, else host, port and database
  Evidence evidence;  ///< snapshot, isolation, versions, roles, encodings, search path
  bool in_recovery = false;
  std::string snapshot;
};

/// Asks for identity, snapshot and encodings: the first select of the transaction, which takes its snapshot.
/// Errors: corrupt where the transaction is not repeatable read and read-only, or a literal does not come
/// back as it was sent.
Result<PgSession> session_of(PgConnection& connection, const DatabaseUrl& url);

/// Settings of this transaction alone: row security off, time limits, hex bytea, plans for whole results.
Result<void> settle(PgConnection& connection, Seconds timeout);

/// One relation that a query reads.
struct PgRelation {
  std::string schema;
  std::string name;
  char kind = '?';  ///< pg_class.relkind, or '?' where the login cannot see it, or one of the two below
};
inline constexpr char kFunctionKind = 'F';  ///< no relation, but a function that gives rows
inline constexpr char kLimitKind = 'L';     ///< no relation, but a LIMIT somewhere below

/// The relations that the server's own plan of a query names (EXPLAIN (VERBOSE, FORMAT JSON), nothing is
/// executed).
Result<std::vector<PgRelation>> relations_of(PgConnection& connection, const std::string& query);

/// The relations in EXPLAIN's JSON, each once, without their kinds. Foreign joins that the plan names only as
/// a text come as {"", text, 'f'}. Errors: corrupt where it is no such JSON.
Result<std::vector<PgRelation>> relations_in_plan(const std::string& json);

/// Whether a subscription of logical replication fills the relation, or a table that it is a partition of: it
/// shows what has arrived, and no server says how late that is. Errors: permission_denied where the login may
/// not read pg_subscription_rel, which every login may unless that was taken away.
Result<bool> is_subscribed(PgConnection& connection, const PgRelation& relation);

/// Other schemas that the login can see and that hold a relation of the same name.
Result<std::vector<std::string>> namesakes_of(PgConnection& connection, const PgRelation& relation);

/// The moment up to which a standby surely shows every commit, asked for before the snapshot is taken;
/// nothing on a primary, or where it has replayed no transaction since it started.
Result<std::optional<Timestamp>> replayed_until(PgConnection& connection);

}  // namespace flotsam
