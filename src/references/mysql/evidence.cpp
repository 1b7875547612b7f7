#include "references/mysql/evidence.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "references/sql_tokens.h"

namespace flotsam {
namespace {

/// é, 日 and an emoji, and their bytes in UTF-8.
constexpr const char* kProof = "\u00E9\u65E5\U0001F600";
constexpr const char* kNoLimit = "18446744073709551615";
constexpr const char* kProofHex = "C3A9E697A5F09F9880";

std::string cell(const MyRows& rows, std::size_t row, std::size_t column) {
  if (row >= rows.size() || column >= rows[row].size()) return {};
  return rows[row][column].value_or("");
}

/// The value in a row that SHOW … VARIABLES or STATUS gave; nothing where it gave none of that name.
Result<std::optional<std::string>> shown(MyConnection& connection, std::string_view what,
                                         std::string_view name) {
  FLOTSAM_ASSIGN(const MyRows rows, connection.ask(fmt::format("SHOW {} LIKE '{}'", what, name)));
  for (const MyRow& row : rows)
    if (row.size() == 2 && row[0] == name) return std::optional<std::string>(row[1].value_or(""));
  return std::optional<std::string>();
}

/// A session variable by name; empty where the server has none of that name.
Result<std::string> variable(MyConnection& connection, std::string_view name) {
  FLOTSAM_ASSIGN(const auto value, shown(connection, "SESSION VARIABLES", name));
  return value.value_or("");
}

Result<void> prove_encoding(MyConnection& connection, Evidence& evidence) {
  for (const char* name : {"character_set_client", "character_set_connection", "character_set_results"}) {
    FLOTSAM_ASSIGN(const std::string value, variable(connection, name));
    if (value != "utf8mb4")
      return fail(ErrorCode::corrupt,
                  fmt::format("{} is {} although utf8mb4 was asked for", name, in_quotes(value)),
                  "Something between flotsam and the database changes encodings; connect without it.");
  }
  FLOTSAM_ASSIGN(const MyRows rows, connection.ask(fmt::format("SELECT '{0}', HEX('{0}')", kProof)));
  if (cell(rows, 0, 0) != kProof || cell(rows, 0, 1) != kProofHex)
    return fail(ErrorCode::corrupt, "a text with letters beyond ASCII did not come back as it was sent",
                "Something between flotsam and the database changes encodings; connect without it.");
  evidence.emplace_back("proof_of_encoding", kProof);
  return {};
}

/// Lowers the server's own time limit for a statement where it is higher, or none.
Result<void> limit_time(MyConnection& connection, Seconds timeout) {
  const bool mariadb = connection.is_mariadb();
  const std::string name = mariadb ? "max_statement_time" : "max_execution_time";
  const auto limit = static_cast<double>(mariadb ? timeout.count() : timeout.count() * 1000);
  FLOTSAM_ASSIGN(const std::string text, variable(connection, name));
  if (text.empty()) return {};
  char* end = nullptr;
  const double now = std::strtod(text.c_str(), &end);
  if (now > 0 && now <= limit) return {};
  FLOTSAM_TRY(connection.ask(fmt::format("SET SESSION {} = {:.0f}", name, limit)));
  return {};
}

Result<void> set_session(MyConnection& connection, Seconds timeout) {
  FLOTSAM_TRY(connection.ask("SET NAMES utf8mb4"));
  FLOTSAM_TRY(connection.ask("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
  // DEFAULT would be the server's global value, which may be the limit itself.
  FLOTSAM_TRY(connection.ask(fmt::format("SET SESSION sql_select_limit = {}", kNoLimit)));
  FLOTSAM_TRY(connection.ask("SET SESSION lock_wait_timeout = 30"));
  // The server drops a reader that pauses longer: a slow disk of ours must not look like a fault of its.
  FLOTSAM_TRY(connection.ask("SET SESSION net_write_timeout = 600"));
  FLOTSAM_TRY(limit_time(connection, timeout));
  // A node of a Galera cluster answers when it has applied what the cluster had committed.
  FLOTSAM_ASSIGN(const std::string galera, variable(connection, "wsrep_on"));
  if (galera == "ON") FLOTSAM_TRY(connection.ask("SET SESSION wsrep_sync_wait = 1"));
  return {};
}

Result<void> check_isolation(MyConnection& connection, Evidence& evidence) {
  FLOTSAM_ASSIGN(std::string isolation, variable(connection, "transaction_isolation"));
  if (isolation.empty()) {
    FLOTSAM_ASSIGN(isolation, variable(connection, "tx_isolation"));
  }
  // Under READ COMMITTED a "consistent snapshot" is taken without a warning, and is none.
  if (isolation != "REPEATABLE-READ")
    return fail(ErrorCode::corrupt, fmt::format("the isolation is {} although REPEATABLE READ was asked for",
                                                in_quotes(isolation)));
  FLOTSAM_ASSIGN(const std::string limit, variable(connection, "sql_select_limit"));
  if (limit != kNoLimit)
    return fail(ErrorCode::corrupt,
                fmt::format("sql_select_limit is {}: the server would cut rows off", limit));
  evidence.emplace_back("isolation", isolation);
  evidence.emplace_back("sql_select_limit", limit);
  return {};
}

Result<void> identify(MyConnection& connection, const DatabaseUrl& url, MySession& session) {
  FLOTSAM_ASSIGN(const MyRows rows,
                 connection.ask("SELECT DATABASE(), CURRENT_USER(), VERSION(), @@server_id, @@port, "
                                "CONNECTION_ID(), UTC_TIMESTAMP(6), @@sql_mode"));
  session.database = cell(rows, 0, 0);
  const std::string mode = cell(rows, 0, 7);
  session.quotes_differ =
      mode.find("NO_BACKSLASH_ESCAPES") != std::string::npos || mode.find("ANSI_QUOTES") != std::string::npos;
  session.pads_char = mode.find("PAD_CHAR_TO_FULL_LENGTH") != std::string::npos;
  constexpr std::array<const char*, 8> kNames = {"database", "user",       "server_version", "server_id",
                                                 "port",     "connection", "server_time",    "sql_mode"};
  for (std::size_t i = 0; i < kNames.size(); ++i) session.evidence.emplace_back(kNames[i], cell(rows, 0, i));
  session.identity = {{"host", url.hosts.empty() ? "" : to_ascii_lower(url.hosts.front().name)},
                      {"port", cell(rows, 0, 4)},
                      {"database", session.database}};
  for (const char* name : {"server_uuid", "server_uid"}) {
    FLOTSAM_ASSIGN(const std::string own, variable(connection, name));
    if (own.empty()) continue;
    session.evidence.emplace_back(name, own);
    session.identity = {{name, own}, {"database", session.database}};
    break;
  }
  for (const char* name : {"gtid_current_pos", "gtid_executed"}) {
    FLOTSAM_ASSIGN(const std::string position, variable(connection, name));
    if (!position.empty()) session.evidence.emplace_back(name, position);
  }
  session.evidence.emplace_back("tls", connection.wire().cipher.empty() ? "none" : connection.wire().cipher);
  return {};
}

/// A column of SHOW … STATUS cannot be picked by name over this interface; a row at all is the answer.
Result<std::optional<bool>> has_replication_rows(MyConnection& connection, const std::string& statement) {
  auto rows = connection.ask(statement);
  if (rows) return std::optional<bool>(!rows->empty());
  if (rows.error().code == ErrorCode::permission_denied || rows.error().service_code == "1064")
    return std::optional<bool>();
  return std::unexpected(std::move(rows).error());
}

using Pair = std::pair<std::string, std::string>;

bool is_name(const Token& token) {
  return token.kind == TokenKind::word || token.kind == TokenKind::quoted_name;
}
bool is_symbol(const Token& token, std::string_view text) {
  return token.kind == TokenKind::symbol && token.text == text;
}
std::string name_of(const Token& token) {
  return token.kind == TokenKind::word ? token.spelling : token.text;
}

/// Every a.b, and in user texts every name where a table can stand: more than the tables, the dictionary
/// tells which.
void add_candidates(const std::vector<Token>& tokens, const std::string& database,
                    std::set<Pair>& candidates) {
  std::vector<bool> in_from{false};
  constexpr std::array<std::string_view, 12> kEndsFrom = {"WHERE", "GROUP", "ORDER",  "HAVING",
                                                          "LIMIT", "UNION", "ON",     "SELECT",
                                                          "SET",   "USING", "WINDOW", "EXCEPT"};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (i + 2 < tokens.size() && is_name(token) && is_symbol(tokens[i + 1], ".") && is_name(tokens[i + 2]))
      candidates.emplace(name_of(token), name_of(tokens[i + 2]));
    if (is_symbol(token, "(")) {
      in_from.push_back(in_from.back());
    } else if (is_symbol(token, ")")) {
      if (in_from.size() > 1) in_from.pop_back();
    } else if (token.kind == TokenKind::word &&
               (token.text == "FROM" || token.text == "TABLE" || token.text == "JOIN")) {
      in_from.back() = true;
    } else if (token.kind == TokenKind::word &&
               std::find(kEndsFrom.begin(), kEndsFrom.end(), token.text) != kEndsFrom.end()) {
      in_from.back() = false;
    } else if (is_name(token) && in_from.back()) {
      candidates.emplace(database, name_of(token));
    }
  }
}

Result<std::vector<MyTable>> look_up(MyConnection& connection, const Pair& candidate) {
  // Names are compared as the server compares them (lower_case_table_names).
  FLOTSAM_ASSIGN(
      const MyRows rows,
      connection.ask(fmt::format("SELECT table_schema, table_name, coalesce(engine, ''), table_type FROM "
                                 "information_schema.tables WHERE table_schema = {} AND table_name = {}",
                                 my_literal(candidate.first), my_literal(candidate.second))));
  std::vector<MyTable> tables;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool view = cell(rows, i, 3) == "VIEW";
    std::string engine = view ? "" : cell(rows, i, 2);
    if (!view && engine.empty()) engine = "unknown";
    tables.push_back({cell(rows, i, 0), cell(rows, i, 1), std::move(engine)});
  }
  return tables;
}

}  // namespace

std::string my_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  // A backslash is an escape or not as sql_mode says; hex means the same everywhere.
  if (text.find('\\') != std::string_view::npos) return "CONVERT(0x" + to_hex(text) + " USING utf8mb4)";
  return out + "'";
}

Result<MySession> begin_snapshot(MyConnection& connection, const DatabaseUrl& url, Seconds timeout) {
  MySession session;
  FLOTSAM_TRY(set_session(connection, timeout));
  FLOTSAM_TRY(check_isolation(connection, session.evidence));
  FLOTSAM_TRY(connection.ask("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  FLOTSAM_TRY(prove_encoding(connection, session.evidence));
  FLOTSAM_TRY(identify(connection, url, session));
  return session;
}

Result<MyReplica> replica_state(MyConnection& connection) {
  const std::vector<std::string> statements =
      connection.is_mariadb() ? std::vector<std::string>{"SHOW ALL SLAVES STATUS"}
                              : std::vector<std::string>{"SHOW REPLICA STATUS", "SHOW SLAVE STATUS"};
  MyReplica replica;
  for (const std::string& statement : statements) {
    FLOTSAM_ASSIGN(const auto rows, has_replication_rows(connection, statement));
    if (!rows) continue;
    replica.state = *rows ? MyReplica::State::replica : MyReplica::State::primary;
    replica.seen = fmt::format("{}: {}", statement, *rows ? "it replicates from another server" : "nothing");
    return replica;
  }
  // The login may not ask. What every login may see: a server that is read-only or replicates, or did once.
  MyReplicaSigns signs;
  signs.mariadb = connection.is_mariadb();
  FLOTSAM_ASSIGN(signs.slave_running, shown(connection, "GLOBAL STATUS", "Slave_running"));
  FLOTSAM_ASSIGN(signs.slaves_running, shown(connection, "GLOBAL STATUS", "Slaves_running"));
  FLOTSAM_ASSIGN(signs.read_only, shown(connection, "GLOBAL VARIABLES", "read_only"));
  FLOTSAM_ASSIGN(signs.gtid_slave_pos, shown(connection, "GLOBAL VARIABLES", "gtid_slave_pos"));
  return replica_by_signs(signs);
}

MyReplica replica_by_signs(const MyReplicaSigns& signs) {
  const bool quiet = signs.mariadb && signs.slave_running == "OFF" && signs.slaves_running == "0" &&
                     signs.read_only == "OFF" && signs.gtid_slave_pos == "";
  const auto said = [](const std::optional<std::string>& value) {
    return value ? in_quotes(*value) : std::string("not there");
  };
  return {quiet ? MyReplica::State::primary : MyReplica::State::unknown,
          fmt::format("the login may not ask; Slave_running {}, Slaves_running {}, read_only {}, "
                      "gtid_slave_pos {}",
                      said(signs.slave_running), said(signs.slaves_running), said(signs.read_only),
                      said(signs.gtid_slave_pos))};
}

Result<std::vector<MyTable>> tables_of(MyConnection& connection, const std::string& query,
                                       const std::string& database) {
  std::set<Pair> waiting;
  FLOTSAM_ASSIGN(const std::vector<Token> tokens, tokens_of(query, kMysqlDialect));
  add_candidates(tokens, database, waiting);
  FLOTSAM_TRY(connection.ask((connection.is_mariadb() ? "EXPLAIN EXTENDED " : "EXPLAIN ") + query));
  FLOTSAM_ASSIGN(const MyRows notes, connection.ask("SHOW WARNINGS"));
  for (std::size_t i = 0; i < notes.size(); ++i) {
    // The rewritten query is written for people, and may not be whole SQL; names in it still stand in
    // backquotes.
    if (const auto rewritten = tokens_of(cell(notes, i, 2), kMysqlDialect))
      add_candidates(*rewritten, database, waiting);
  }
  std::vector<MyTable> tables;
  std::set<Pair> seen;
  while (!waiting.empty()) {
    const Pair candidate = *waiting.begin();
    waiting.erase(waiting.begin());
    if (!seen.insert(candidate).second) continue;
    FLOTSAM_ASSIGN(const std::vector<MyTable> found, look_up(connection, candidate));
    for (const MyTable& table : found) {
      tables.push_back(table);
      if (!table.engine.empty()) continue;
      FLOTSAM_ASSIGN(const MyRows view,
                     connection.ask(fmt::format(
                         "SELECT view_definition FROM information_schema.views WHERE table_schema = "
                         "{} AND table_name = {}",
                         my_literal(table.schema), my_literal(table.name))));
      if (cell(view, 0, 0).empty())
        return fail(ErrorCode::permission_denied,
                    fmt::format("the login may not see what stands behind the view {}.{}",
                                in_quotes(table.schema), in_quotes(table.name)),
                    "Grant SHOW VIEW on it, or let the query read the tables.");
      FLOTSAM_ASSIGN(const std::vector<Token> definition, tokens_of(cell(view, 0, 0), kMysqlDialect));
      add_candidates(definition, table.schema, waiting);
    }
  }
  return tables;
}

}  // namespace flotsam
