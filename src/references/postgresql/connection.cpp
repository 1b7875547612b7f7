#include "references/postgresql/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <poll.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr Seconds kConnectTimeout{15};
constexpr int kLookEveryMs = 100;

/// A message of libpq or the server as one line of ours: no LOCATION line, no line breaks, no secret.
std::string one_line(std::string_view message) {
  std::string out;
  while (!message.empty()) {
    const std::size_t end = message.find('\n');
    std::string_view line = message.substr(0, end);
    message = end == std::string_view::npos ? std::string_view() : message.substr(end + 1);
    while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
    if (line.empty() || line.starts_with("LOCATION:")) continue;
    if (!out.empty()) out += "; ";
    out += line;
  }
  return to_printable(redacted(out));
}

/// Keywords and values for PQconnectStartParams. Defaults of ours stand first (the URL may say otherwise),
/// what must hold stands last.
struct Parameters {
  std::vector<std::string> texts;  // keyword, value, keyword, value, …
  void add(std::string_view keyword, std::string_view value) {
    texts.emplace_back(keyword);
    texts.emplace_back(value);
  }
};

Parameters parameters_of(const DatabaseUrl& url) {
  Parameters parameters;
  parameters.add("keepalives", "1");
  parameters.add("keepalives_idle", "30");
  parameters.add("tcp_user_timeout", "60000");
  parameters.add("fallback_application_name", "flotsam");
  std::string hosts;
  std::string ports;
  bool has_port = false;
  for (std::size_t i = 0; i < url.hosts.size(); ++i) {
    hosts += (i == 0 ? "" : ",") + url.hosts[i].name;
    ports += (i == 0 ? "" : ",") + (url.hosts[i].port ? std::to_string(*url.hosts[i].port) : std::string());
    has_port = has_port || url.hosts[i].port;
  }
  if (!hosts.empty()) parameters.add("host", hosts);
  if (has_port) parameters.add("port", ports);
  if (!url.user.empty()) parameters.add("user", url.user);
  if (url.has_password) parameters.add("password", url.password);
  if (!url.database.empty()) parameters.add("dbname", url.database);
  for (const auto& [name, value] : url.parameters) {
    // As libpq reads URLs of other drivers.
    if (name == "ssl" && value == "true")
      parameters.add("sslmode", "require");
    else
      parameters.add(name, value);
  }
  parameters.add("client_encoding", "UTF8");
  return parameters;
}

std::string option_of(PGconn* connection, std::string_view keyword) {
  std::string value;
  PQconninfoOption* options = PQconninfo(connection);
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option)
    if (keyword == option->keyword && option->val != nullptr) value = option->val;
  PQconninfoFree(options);
  return value;
}

Seconds connect_timeout_of(PGconn* connection) {
  const auto stated = parse_unsigned(option_of(connection, "connect_timeout"));
  return stated && *stated > 0 && *stated < 3600 ? Seconds(*stated) : kConnectTimeout;
}

std::string hint_of(ErrorCode code, std::string_view state) {
  if (state == "42501")
    return "Grant the login SELECT on what the query reads. Where row-level security hides rows, it needs "
           "BYPASSRLS.";
  if (state == "28P01" || state == "28000")
    return "Check user and password of the database URL, and pg_hba.conf.";
  if (state == "40001") return "On a standby, reading conflicts with replay: read from the primary.";
  if (state == "57014")
    return "The statement ran into a time limit of the server or was cancelled: run it again.";
  if (code == ErrorCode::unavailable)
    return "Check that the server runs and can be reached, then run it again.";
  return {};
}

}  // namespace

std::optional<std::string> PgResult::value(int row, int column) const {
  if (PQgetisnull(get(), row, column) != 0) return std::nullopt;
  return std::string(PQgetvalue(get(), row, column),
                     static_cast<std::size_t>(PQgetlength(get(), row, column)));
}

std::optional<std::uint64_t> PgResult::count_of_tag(std::string_view command) const {
  // PQcmdStatus takes no const result, and changes nothing.
  const std::string_view tag = PQcmdStatus(get());
  if (!tag.starts_with(command) || tag.size() <= command.size() + 1 || tag[command.size()] != ' ')
    return std::nullopt;
  return parse_unsigned(tag.substr(command.size() + 1));
}

std::string sqlstate_in(std::string_view message) {
  constexpr std::size_t kLength = 5;
  for (std::size_t at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, kLength);
    const bool fits = state.size() == kLength && message.substr(at + 3 + kLength).starts_with(": ") &&
                      std::all_of(state.begin(), state.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    if (fits) return std::string(state);
  }
  return {};
}

ErrorCode code_of_sqlstate(std::string_view state) {
  struct Row {
    std::string_view start;
    ErrorCode code;
  };
  // The first fitting row counts: single states before their classes.
  constexpr std::array<Row, 20> kRows = {{
      {"42501", ErrorCode::permission_denied},
      {"42P01", ErrorCode::not_found},
      {"42703", ErrorCode::not_found},
      {"42883", ErrorCode::not_found},
      {"3D000", ErrorCode::not_found},
      {"3F000", ErrorCode::not_found},
      {"42704", ErrorCode::not_found},
      {"28", ErrorCode::permission_denied},
      {"25006", ErrorCode::refused},
      {"0A", ErrorCode::refused},
      {"42", ErrorCode::refused},
      {"22", ErrorCode::refused},
      {"21", ErrorCode::refused},
      {"XX001", ErrorCode::corrupt},
      {"XX002", ErrorCode::corrupt},
      {"08", ErrorCode::unavailable},
      {"40", ErrorCode::unavailable},
      {"53", ErrorCode::unavailable},
      {"57", ErrorCode::unavailable},
      {"58", ErrorCode::unavailable},
  }};
  for (const Row& row : kRows)
    if (state.starts_with(row.start)) return row.code;
  return ErrorCode::unavailable;
}

Error error_of_postgresql(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  Error error;
  error.service_code = state != nullptr ? state : "";
  error.code = code_of_sqlstate(error.service_code);
  error.message = "PostgreSQL: " + one_line(primary != nullptr ? primary : PQresultErrorMessage(result));
  if (detail != nullptr) error.message += "; " + one_line(detail);
  error.hint = hint_of(error.code, error.service_code);
  return error;
}

Result<PgConnection> PgConnection::connect(const DatabaseUrl& url, const Limits& limits) {
  const Parameters parameters = parameters_of(url);
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (std::size_t i = 0; i + 1 < parameters.texts.size(); i += 2) {
    keywords.push_back(parameters.texts[i].c_str());
    values.push_back(parameters.texts[i + 1].c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PgConnection connection(PQconnectStartParams(keywords.data(), values.data(), 0), limits);
  PGconn* raw = connection.connection_.get();
  if (raw == nullptr) return fail(ErrorCode::unavailable, "no memory for a connection");
  if (PQstatus(raw) == CONNECTION_BAD) {
    // Nothing was sent yet, so this is about a parameter or a name that cannot be resolved.
    Error error;
    error.code = std::string_view(PQerrorMessage(raw)).find("option") != std::string_view::npos
                     ? ErrorCode::invalid_argument
                     : ErrorCode::unavailable;
    error.message = "cannot connect: " + one_line(PQerrorMessage(raw));
    return std::unexpected(std::move(error));
  }
  // The SQLSTATE of a refused login stands nowhere else (libpq 15).
  PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(raw, [](void*, const char*) {}, nullptr);
  FLOTSAM_TRY(connection.finish_connecting(connect_timeout_of(raw)));
  PQsetErrorVerbosity(raw, PQERRORS_DEFAULT);
  return connection;
}

Result<void> PgConnection::finish_connecting(Seconds timeout) {
  PGconn* raw = connection_.get();
  deadline_ = limits_.clock.monotonic() + timeout;
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) {
      const std::string message = PQerrorMessage(raw);
      Error error;
      error.service_code = sqlstate_in(message);
      error.code = error.service_code.empty() ? ErrorCode::unavailable : code_of_sqlstate(error.service_code);
      if (PQconnectionNeedsPassword(raw) != 0) error.code = ErrorCode::permission_denied;
      error.message = "cannot connect: " + one_line(message);
      error.hint = hint_of(error.code, error.service_code);
      return std::unexpected(std::move(error));
    }
    if (auto ready = wait_for_socket(status == PGRES_POLLING_READING ? POLLIN : POLLOUT); !ready) {
      if (ready.error().code == ErrorCode::unavailable)
        return fail(ErrorCode::unavailable,
                    fmt::format("the server did not answer within {} s", timeout.count()),
                    "Check host and port of the database URL, and the network between.");
      return ready;
    }
    status = PQconnectPoll(raw);
  }
  return {};
}

Result<void> PgConnection::wait_for_socket(short events) {
  while (true) {
    FLOTSAM_TRY(limits_.cancel.check());
    if (limits_.clock.monotonic() >= deadline_)
      return fail(ErrorCode::unavailable, "the statement took longer than its time limit",
                  "Run it again when the database is quieter, or make the query cheaper.");
    pollfd entry{PQsocket(connection_.get()), events, 0};
    const int ready = poll(&entry, 1, kLookEveryMs);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return std::unexpected(broken("waiting"));
  }
}

Error PgConnection::broken(std::string_view doing) const {
  Error error;
  error.code = ErrorCode::unavailable;
  error.message =
      fmt::format("the connection broke while {}: {}", doing, one_line(PQerrorMessage(connection_.get())));
  error.hint = "Nothing that came before is believed. Check the server and the network, then run it again.";
  return error;
}

Result<void> PgConnection::wait() {
  PGconn* raw = connection_.get();
  while (PQisBusy(raw) != 0) {
    if (auto ready = wait_for_socket(POLLIN); !ready) {
      stop_statement();
      return ready;
    }
    if (PQconsumeInput(raw) == 0) return std::unexpected(broken("reading"));
  }
  return {};
}

void PgConnection::stop_statement() {
  if (PGcancel* cancel = PQgetCancel(connection_.get()); cancel != nullptr) {
    std::array<char, 256> ignored{};
    PQcancel(cancel, ignored.data(), static_cast<int>(ignored.size()));
    PQfreeCancel(cancel);
  }
}

Result<PgResult> PgConnection::only_result() {
  std::optional<PgResult> kept;
  while (true) {
    FLOTSAM_TRY(wait());
    PgResult next(PQgetResult(connection_.get()));
    if (next.get() == nullptr) break;
    const ExecStatusType status = PQresultStatus(next.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      if (PQresultErrorField(next.get(), PG_DIAG_SQLSTATE) == nullptr)
        return std::unexpected(broken("reading"));
      return std::unexpected(error_of_postgresql(next.get()));
    }
    if (kept) return fail(ErrorCode::corrupt, "the server gave two results for one statement");
    kept = std::move(next);
  }
  if (!kept) return fail(ErrorCode::corrupt, "the server gave no result for a statement");
  return *std::move(kept);
}

Result<PgResult> PgConnection::run(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  begin_statement();
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.empty() ? nullptr : values.data(), nullptr, nullptr, 0) == 0)
    return std::unexpected(broken("sending"));
  return only_result();
}

Result<PgResult> PgConnection::describe_cursor(const std::string& name) {
  begin_statement();
  if (PQsendDescribePortal(connection_.get(), name.c_str()) == 0) return std::unexpected(broken("sending"));
  return only_result();
}

Result<PgResult> PgConnection::stream(const std::string& sql,
                                      const std::function<Result<void>(const PGresult*)>& row) {
  PGconn* raw = connection_.get();
  begin_statement();
  if (PQsendQueryParams(raw, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0 ||
      PQsetSingleRowMode(raw) == 0)
    return std::unexpected(broken("sending"));
  while (true) {
    FLOTSAM_TRY(wait());
    PgResult next(PQgetResult(raw));
    if (next.get() == nullptr) return fail(ErrorCode::corrupt, "the server ended a query without saying so");
    switch (PQresultStatus(next.get())) {
      case PGRES_SINGLE_TUPLE:
        break;
      case PGRES_TUPLES_OK: {
        FLOTSAM_TRY(wait());
        const PgResult end(PQgetResult(raw));
        if (end.get() != nullptr || next.rows() != 0)
          return fail(ErrorCode::corrupt, "the server went on behind the end of a query");
        return next;
      }
      default:
        if (PQresultErrorField(next.get(), PG_DIAG_SQLSTATE) == nullptr)
          return std::unexpected(broken("reading"));
        return std::unexpected(error_of_postgresql(next.get()));
    }
    Result<void> taken = limits_.clock.monotonic() < deadline_
                             ? row(next.get())
                             : fail(ErrorCode::unavailable, "the query took longer than its time limit",
                                    "Run it again when the database is quieter, or make the query cheaper.");
    if (!taken) {
      stop_statement();
      return std::unexpected(std::move(taken).error());
    }
  }
}

PgWire PgConnection::wire() const {
  PGconn* raw = connection_.get();
  PgWire wire;
  const char* host = PQhost(raw);
  wire.host = host != nullptr ? host : "";
  wire.sslmode = option_of(raw, "sslmode");
  wire.encrypted = PQsslInUse(raw) != 0;
  return wire;
}

std::optional<std::string> warning_of_wire(const PgWire& wire) {
  if (is_local_host(wire.host) || (wire.encrypted && wire.sslmode == "verify-full")) return std::nullopt;
  return fmt::format(
      "the connection to {} is {} (sslmode={}): add ?sslmode=verify-full&sslrootcert=FILE to the database "
      "URL, with the file of your authority, or /etc/ssl/certs/ca-certificates.crt for public ones",
      in_quotes(wire.host),
      wire.encrypted ? "encrypted, but the server's name is not verified" : "not encrypted", wire.sslmode);
}

}  // namespace flotsam
