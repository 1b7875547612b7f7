#include "references/postgresql/evidence.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace flotsam {
namespace {

/// é, 日 and an emoji: two, three and four bytes of UTF-8.
constexpr const char* kProof = "\u00E9\u65E5\U0001F600";

/// A commit's time is taken a moment before its place in the log, so that a later one may stand before it.
constexpr Seconds kReplayMargin{60};

struct Question {
  const char* name;
  const char* sql;
};

constexpr std::array<Question, 18> kQuestions = {{
    {"isolation", "current_setting('transaction_isolation')"},
    {"read_only", "current_setting('transaction_read_only')"},
    {"in_recovery", "pg_is_in_recovery()::text"},
    {"server_encoding", "current_setting('server_encoding')"},
    {"client_encoding", "current_setting('client_encoding')"},
    {"proof_of_encoding", nullptr},  // by session_of()
    {"snapshot", nullptr},
    {"database", "current_database()"},
    {"role", "current_user::text"},
    {"session_role", "session_user::text"},
    {"server_address", "coalesce(host(inet_server_addr()), 'socket')"},
    {"server_port", "coalesce(inet_server_port()::text, '')"},
    {"server_version", "current_setting('server_version')"},
    {"server_started_at", "pg_postmaster_start_time()::text"},
    {"server_time", "clock_timestamp()::text"},
    {"backend", "pg_backend_pid()::text"},
    {"search_path", "current_schemas(true)::text"},
    {"may_read_control",
     "(SELECT bool_and(has_function_privilege(p.oid, 'EXECUTE'))::text FROM pg_proc p "
     "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pg_catalog' "
     "AND p.proname IN ('pg_control_system', 'pg_control_checkpoint'))"},
}};

std::string value_of(const Evidence& evidence, std::string_view name) {
  for (const auto& [key, value] : evidence)
    if (key == name) return value;
  return {};
}

Result<void> check_session(const Evidence& evidence, const std::string& proof) {
  if (value_of(evidence, "isolation") != "repeatable read" || value_of(evidence, "read_only") != "on")
    return fail(ErrorCode::corrupt,
                fmt::format("the transaction is {}, read-only {}: it should be repeatable read and read-only",
                            in_quotes(value_of(evidence, "isolation")), value_of(evidence, "read_only")),
                "Does a pooler stand between? It must keep one server connection for a whole transaction.");
  const bool as_stored = value_of(evidence, "server_encoding") == "SQL_ASCII";
  if (value_of(evidence, "client_encoding") != (as_stored ? "SQL_ASCII" : "UTF8"))
    return fail(ErrorCode::corrupt, fmt::format("the connection speaks {} instead of UTF8",
                                                in_quotes(value_of(evidence, "client_encoding"))));
  if (!proof.empty() && value_of(evidence, "proof_of_encoding") != proof)
    return fail(ErrorCode::corrupt, "a text with letters beyond ASCII did not come back as it was sent",
                "Something between flotsam and the database changes encodings; connect without it.");
  return {};
}

/// The system identifier and timeline, where this login may know them.
Result<void> add_control(PgConnection& connection, PgSession& session) {
  const std::string database = value_of(session.evidence, "database");
  if (value_of(session.evidence, "may_read_control") == "true") {
    FLOTSAM_ASSIGN(const PgResult control,
                   connection.run("SELECT s.system_identifier::text, c.timeline_id::text "
                                  "FROM pg_control_system() AS s, pg_control_checkpoint() AS c"));
    session.evidence.emplace_back("system_identifier", control.text(0, 0));
    session.evidence.emplace_back("timeline", control.text(0, 1));
    session.identity = {{"system_identifier", control.text(0, 0)}, {"database", database}};
  } else {
    session.evidence.emplace_back("system_identifier", "unknown");
  }
  return {};
}

void walk(const nlohmann::json& node, std::vector<PgRelation>& relations) {
  if (node.is_array()) {
    for (const auto& part : node) walk(part, relations);
    return;
  }
  if (!node.is_object()) return;
  const auto text = [&](const char* name) {
    const auto found = node.find(name);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  PgRelation relation{text("Schema"), text("Relation Name"), '?'};
  if (relation.name.empty() && text("Node Type") == "Foreign Scan") {
    const std::string joined = text("Relations");
    relation = {"", joined.empty() ? "a foreign scan" : joined, 'f'};
  }
  if (text("Node Type") == "Limit") relation = {"", "LIMIT", kLimitKind};
  if (const std::string function = text("Function Name"); !function.empty() && text("Schema") != "pg_catalog")
    relation = {text("Schema"), function, kFunctionKind};
  const bool known = std::any_of(relations.begin(), relations.end(), [&](const PgRelation& other) {
    return other.schema == relation.schema && other.name == relation.name;
  });
  if (!relation.name.empty() && !known) relations.push_back(std::move(relation));
  for (const auto& [name, part] : node.items()) walk(part, relations);
}

}  // namespace

Result<PgSession> session_of(PgConnection& connection, const DatabaseUrl& url) {
  // Which letters can be sent depends on what the server stores: a LATIN1 server has no 日.
  FLOTSAM_ASSIGN(const PgResult encoding, connection.run("SHOW server_encoding"));
  const std::string stored = encoding.text(0, 0);
  // SQL_ASCII keeps bytes of no known encoding; asked for UTF8, the server would refuse those that are not.
  if (stored == "SQL_ASCII") FLOTSAM_TRY(connection.run("SET LOCAL client_encoding = 'SQL_ASCII'"));
  std::string proof;
  if (stored == "UTF8" || stored == "SQL_ASCII") proof = kProof;
  if (stored == "LATIN1" || stored == "LATIN9" || stored == "WIN1252") proof = "\u00E9";
  const std::string snapshot_call =
      connection.server_version() >= 130000 ? "pg_current_snapshot()::text" : "txid_current_snapshot()::text";
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < kQuestions.size(); ++i) {
    const std::string_view name = kQuestions[i].name;
    if (i > 0) sql += ", ";
    if (name == "proof_of_encoding")
      sql += "'" + proof + "'::text";
    else if (name == "snapshot")
      sql += snapshot_call;
    else
      sql += kQuestions[i].sql;
  }
  FLOTSAM_ASSIGN(const PgResult answer, connection.run(sql));
  if (answer.rows() != 1) return fail(ErrorCode::corrupt, "the server did not answer who it is");
  PgSession session;
  for (std::size_t i = 0; i < kQuestions.size(); ++i)
    session.evidence.emplace_back(kQuestions[i].name, answer.text(0, static_cast<int>(i)));
  FLOTSAM_TRY(check_session(session.evidence, proof));
  session.in_recovery = value_of(session.evidence, "in_recovery") == "true";
  session.snapshot = value_of(session.evidence, "snapshot");
  const PgWire wire = connection.wire();
  session.identity = {{"host", wire.host},
                      {"port", value_of(session.evidence, "server_port")},
                      {"database", value_of(session.evidence, "database")}};
  FLOTSAM_TRY(add_control(connection, session));
  session.evidence.emplace_back("sslmode", wire.sslmode);
  session.evidence.emplace_back("encrypted", wire.encrypted ? "yes" : "no");
  session.evidence.emplace_back("host", shown_database_url(url));
  return session;
}

Result<void> settle(PgConnection& connection, Seconds timeout) {
  const auto limit_ms = std::to_string(std::chrono::milliseconds(timeout).count());
  // Lower limits of the server's own stay: they end in an error, which is right.
  constexpr const char* kLower =
      "SELECT set_config(s.name, $2, true) FROM pg_settings AS s "
      "WHERE s.name = $1 AND (s.setting::bigint = 0 OR s.setting::bigint > $2::bigint)";
  for (const char* name : {"statement_timeout", "idle_in_transaction_session_timeout"})
    FLOTSAM_TRY(connection.run(kLower, {name, limit_ms}));
  FLOTSAM_TRY(connection.run(kLower, {"lock_timeout", "30000"}));
  for (const char* setting : {"SET LOCAL row_security = off", "SET LOCAL standard_conforming_strings = on",
                              "SET LOCAL bytea_output = 'hex'", "SET LOCAL cursor_tuple_fraction = 1.0"})
    FLOTSAM_TRY(connection.run(setting));
  return {};
}

Result<std::vector<PgRelation>> relations_in_plan(const std::string& json) {
  const auto plan = nlohmann::json::parse(json, nullptr, false);
  if (plan.is_discarded() || !plan.is_array())
    return fail(ErrorCode::corrupt, "the server's plan of the query is no JSON");
  std::vector<PgRelation> relations;
  walk(plan, relations);
  return relations;
}

Result<std::vector<PgRelation>> relations_of(PgConnection& connection, const std::string& query) {
  FLOTSAM_ASSIGN(const PgResult answer, connection.run("EXPLAIN (VERBOSE, FORMAT JSON) " + query));
  std::string json;
  for (int row = 0; row < answer.rows(); ++row) json += answer.text(row, 0) + "\n";
  FLOTSAM_ASSIGN(std::vector<PgRelation> relations, relations_in_plan(json));
  for (PgRelation& relation : relations) {
    if (relation.schema.empty() || relation.kind != '?') continue;
    FLOTSAM_ASSIGN(
        const PgResult kind,
        connection.run("SELECT c.relkind::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                       "ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                       {relation.schema, relation.name}));
    if (kind.rows() == 1 && kind.text(0, 0).size() == 1) relation.kind = kind.text(0, 0)[0];
  }
  return relations;
}

Result<bool> is_subscribed(PgConnection& connection, const PgRelation& relation) {
  constexpr int kFirstWithSubscriptions = 100000;
  if (connection.server_version() < kFirstWithSubscriptions) return false;
  // A plan names partitions, and a subscription may name the table above them. UNION ends where a name comes
  // twice. Who is subscribed stands in pg_subscription, which plain logins may not read whole.
  FLOTSAM_ASSIGN(
      const PgResult found,
      connection.run(
          "WITH RECURSIVE above(oid) AS (SELECT c.oid FROM pg_catalog.pg_class c JOIN "
          "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 "
          "UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN above a ON a.oid = i.inhrelid) "
          "SELECT 1 FROM pg_catalog.pg_subscription_rel s JOIN above a ON a.oid = s.srrelid",
          {relation.schema, relation.name}));
  return found.rows() > 0;
}

Result<std::vector<std::string>> namesakes_of(PgConnection& connection, const PgRelation& relation) {
  FLOTSAM_ASSIGN(
      const PgResult found,
      connection.run(
          "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
          "c.relnamespace "
          "WHERE c.relname = $2 AND n.nspname <> $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
          "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' "
          "AND has_schema_privilege(n.oid, 'USAGE') ORDER BY 1",
          {relation.schema, relation.name}));
  std::vector<std::string> schemas;
  for (int row = 0; row < found.rows(); ++row) schemas.push_back(found.text(row, 0));
  return schemas;
}

Result<std::optional<Timestamp>> replayed_until(PgConnection& connection) {
  FLOTSAM_ASSIGN(const PgResult answer,
                 connection.run("SELECT to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', "
                                "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') "
                                "WHERE pg_is_in_recovery()"));
  if (answer.rows() != 1) return std::optional<Timestamp>();
  const auto text = answer.value(0, 0);
  if (!text) return std::optional<Timestamp>();
  FLOTSAM_ASSIGN(const Timestamp moment, parse_rfc3339(*text));
  return std::optional<Timestamp>(moment - kReplayMargin);
}

}  // namespace flotsam
