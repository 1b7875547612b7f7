#include "references/mysql/connection.h"

#include <algorithm>
#include <array>
#include <climits>
#include <errmsg.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr unsigned kConnectTimeoutSeconds = 15;
constexpr std::chrono::milliseconds kLookEvery{100};
constexpr unsigned kDefaultPort = 3306;
constexpr unsigned kBytesOfUtf8mb4 = 4;
constexpr unsigned kBinaryCharset = 63;

std::string hint_of(unsigned number, ErrorCode code) {
  switch (number) {
    case 1060:
      return "Give the columns of the query aliases that differ.";
    case 1045:
    case 1698:
      return "Check user and password of the database URL.";
    case 1969:
    case 3024:
      return "The statement ran into a time limit of the server: run it again when it is quieter.";
    case 1345:
      return "Grant the login SHOW VIEW on the view and SELECT on the tables behind it.";
    case 2026:
      return "TLS failed. Name the authority's file with ?ssl-ca=FILE; a weaker ?ssl-mode=REQUIRED is for "
             "networks that you "
             "trust.";
    default:
      break;
  }
  if (code == ErrorCode::permission_denied) return "Grant the login SELECT on what the query reads.";
  if (code == ErrorCode::unavailable)
    return "Nothing that came before is believed. Check the server and the network, then run it again.";
  return {};
}

void set_flag(MYSQL* handle, enum mysql_option option, bool on) {
  const my_bool value = on ? 1 : 0;
  mysql_optionsv(handle, option, &value);
}

/// The file of the system's authorities, for servers with public certificates.
std::string system_authorities() {
  for (const char* path :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"})
    if (access(path, R_OK) == 0) return path;
  return {};
}

void set_options(MYSQL* handle, const DatabaseUrl& url, const MyWire& wire, Seconds statement) {
  const unsigned connect_timeout = kConnectTimeoutSeconds;
  // The watch ends a statement in time; this ends it where the watch's own clock stands still.
  const auto io_timeout =
      static_cast<unsigned>(std::clamp<std::int64_t>(statement.count() + 30, 30, INT_MAX / 2000));
  mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
  mysql_optionsv(handle, MYSQL_OPT_READ_TIMEOUT, &io_timeout);
  mysql_optionsv(handle, MYSQL_OPT_WRITE_TIMEOUT, &io_timeout);
  mysql_optionsv(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned off = 0;
  mysql_optionsv(handle, MYSQL_OPT_LOCAL_INFILE, &off);
  set_flag(handle, MYSQL_OPT_RECONNECT, false);
  if (wire.wished == MyTls::off) {
    set_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, false);
    return;
  }
  const std::string authorities = url.parameter("ssl-ca").value_or(system_authorities());
  if (!authorities.empty()) mysql_optionsv(handle, MYSQL_OPT_SSL_CA, authorities.c_str());
  if (const auto file = url.parameter("ssl-cert")) mysql_optionsv(handle, MYSQL_OPT_SSL_CERT, file->c_str());
  if (const auto file = url.parameter("ssl-key")) mysql_optionsv(handle, MYSQL_OPT_SSL_KEY, file->c_str());
  set_flag(handle, MYSQL_OPT_SSL_ENFORCE, wire.wished != MyTls::preferred);
  set_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, wire.wished == MyTls::verify_identity);
}

MyColumn column_of(const MYSQL_FIELD& field) {
  MyColumn column;
  column.name.assign(field.name, field.name_length);
  const bool text = field.charsetnr != kBinaryCharset;
  column.is_character =
      text && field.type == MYSQL_TYPE_STRING && (field.flags & (ENUM_FLAG | SET_FLAG)) == 0;
  if (text && field.type == MYSQL_TYPE_VAR_STRING && field.org_table_length > 0)
    column.characters_limit = field.length / kBytesOfUtf8mb4;
  return column;
}

}  // namespace

SocketWatch::SocketWatch(int socket, const Clock& clock, std::chrono::nanoseconds deadline,
                         const Cancel& cancel)
    : socket_(socket), clock_(clock), deadline_(deadline), cancel_(cancel), thread_([this] { run(); }) {}

SocketWatch::~SocketWatch() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void SocketWatch::run() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kLookEvery, [this] { return end_; })) {
    if (cancel_.requested())
      reason_ = Reason::cancelled;
    else if (clock_.monotonic() >= deadline_)
      reason_ = Reason::late;
    if (reason_ == Reason::none) continue;
    shutdown(socket_, SHUT_RDWR);
    return;
  }
}

ErrorCode code_of_mysql(unsigned number) {
  struct Row {
    unsigned number;
    ErrorCode code;
  };
  constexpr std::array<Row, 37> kRows = {{
      {1044, ErrorCode::permission_denied}, {1045, ErrorCode::permission_denied},
      {1142, ErrorCode::permission_denied}, {1143, ErrorCode::permission_denied},
      {1227, ErrorCode::permission_denied}, {1345, ErrorCode::permission_denied},
      {1356, ErrorCode::permission_denied}, {1370, ErrorCode::permission_denied},
      {1698, ErrorCode::permission_denied}, {1820, ErrorCode::permission_denied},
      {1862, ErrorCode::permission_denied}, {1049, ErrorCode::not_found},
      {1054, ErrorCode::not_found},         {1146, ErrorCode::not_found},
      {1305, ErrorCode::not_found},         {1109, ErrorCode::not_found},
      {1792, ErrorCode::refused},           {1290, ErrorCode::refused},
      {1192, ErrorCode::refused},           {1034, ErrorCode::corrupt},
      {1194, ErrorCode::corrupt},           {1195, ErrorCode::corrupt},
      {1712, ErrorCode::corrupt},           {1030, ErrorCode::unavailable},
      {1040, ErrorCode::unavailable},       {1053, ErrorCode::unavailable},
      {1130, ErrorCode::permission_denied}, {1152, ErrorCode::unavailable},
      {1158, ErrorCode::unavailable},       {1159, ErrorCode::unavailable},
      {1205, ErrorCode::unavailable},       {1213, ErrorCode::unavailable},
      {1317, ErrorCode::unavailable},       {1927, ErrorCode::unavailable},
      {1969, ErrorCode::unavailable},       {3024, ErrorCode::unavailable},
      {1129, ErrorCode::unavailable},
  }};
  for (const Row& row : kRows)
    if (row.number == number) return row.code;
  return number >= CR_MIN_ERROR || number == 0 ? ErrorCode::unavailable : ErrorCode::refused;
}

Result<MyWire> wire_of_url(const DatabaseUrl& url) {
  MyWire wire;
  wire.host = url.hosts.empty() ? "" : url.hosts.front().name;
  const auto socket = url.parameter("socket");
  if (socket) wire.host = *socket;
  wire.wished = is_local_host(wire.host) ? MyTls::off : MyTls::verify_identity;
  const auto mode = url.parameter("ssl-mode");
  if (!mode) return wire;
  struct Row {
    std::string_view name;
    MyTls tls;
  };
  // VERIFY_CA is read as the stricter one: libmariadb knows no half of it.
  constexpr std::array<Row, 5> kModes = {{{"DISABLED", MyTls::off},
                                          {"PREFERRED", MyTls::preferred},
                                          {"REQUIRED", MyTls::required},
                                          {"VERIFY_CA", MyTls::verify_identity},
                                          {"VERIFY_IDENTITY", MyTls::verify_identity}}};
  for (const Row& row : kModes) {
    if (!equal_ignoring_case(*mode, row.name)) continue;
    wire.wished = row.tls;
    wire.stated = true;
    return wire;
  }
  return fail(ErrorCode::invalid_argument, fmt::format("ssl-mode {} is not known", in_quotes(*mode)),
              "Known are DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY.");
}

std::optional<std::string> warning_of_wire(const MyWire& wire) {
  if (is_local_host(wire.host) || wire.wished == MyTls::verify_identity) return std::nullopt;
  return fmt::format(
      "the connection to {} is {}: add ?ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE to the database URL",
      in_quotes(wire.host),
      wire.cipher.empty() ? "not encrypted" : "encrypted, but the server's name is not verified");
}

Error MyConnection::last_error(std::string_view doing) const {
  MYSQL* handle = handle_.get();
  const unsigned number = mysql_errno(handle);
  Error error;
  error.code = code_of_mysql(number);
  error.service_code = std::to_string(number);
  error.message = fmt::format("{}: {}", doing, to_printable(redacted(mysql_error(handle))));
  error.hint = hint_of(number, error.code);
  return error;
}

Error MyConnection::error_under(const SocketWatch& watch, std::string_view doing) const {
  switch (watch.reason()) {
    case SocketWatch::Reason::cancelled:
      return fail(ErrorCode::interrupted, "interrupted").error();
    case SocketWatch::Reason::late:
      return fail(ErrorCode::unavailable, "the statement took longer than its time limit",
                  "Run it again when the database is quieter, or make the query cheaper.")
          .error();
    case SocketWatch::Reason::none:
      break;
  }
  return last_error(doing);
}

Result<MyConnection> MyConnection::connect(const DatabaseUrl& url, const Limits& limits) {
  FLOTSAM_TRY(limits.cancel.check());
  if (url.hosts.size() > 1)
    return fail(ErrorCode::invalid_argument, "the database URL names several hosts: name the primary alone");
  static const bool library_ready = mysql_library_init(0, nullptr, nullptr) == 0;
  MyConnection connection(library_ready ? mysql_init(nullptr) : nullptr, limits);
  MYSQL* handle = connection.handle_.get();
  if (handle == nullptr) return fail(ErrorCode::unavailable, "no memory for a connection");
  FLOTSAM_ASSIGN(connection.wire_, wire_of_url(url));
  set_options(handle, url, connection.wire_, limits.statement);
  const auto socket = url.parameter("socket");
  const DatabaseHost host = url.hosts.empty() ? DatabaseHost{} : url.hosts.front();
  // With a port, "localhost" means the port; without one, MySQL's clients take the socket.
  if (!socket && host.port) {
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    mysql_optionsv(handle, MYSQL_OPT_PROTOCOL, &tcp);
  }
  const char* name = socket || host.name.empty() ? "localhost" : host.name.c_str();
  if (mysql_real_connect(handle, name, url.user.c_str(), url.password.c_str(),
                         url.database.empty() ? nullptr : url.database.c_str(),
                         host.port.value_or(kDefaultPort), socket ? socket->c_str() : nullptr, 0) == nullptr)
    return std::unexpected(connection.last_error("cannot connect"));
  if (const char* cipher = mysql_get_ssl_cipher(handle)) connection.wire_.cipher = cipher;
  // libmariadb goes on without TLS where the server has none, unless it was to verify.
  const bool must =
      connection.wire_.wished == MyTls::required || connection.wire_.wished == MyTls::verify_identity;
  if (must && connection.wire_.cipher.empty())
    return fail(ErrorCode::unavailable, "TLS was asked for, and the server does not offer it",
                hint_of(2026, ErrorCode::unavailable));
  return connection;
}

bool MyConnection::is_mariadb() const {
  return server_info().find("MariaDB") != std::string::npos;
}

Result<MyRows> MyConnection::ask(const std::string& sql) {
  MYSQL* handle = handle_.get();
  const SocketWatch watch(mysql_get_socket(handle), limits_.clock, deadline(), limits_.cancel);
  if (mysql_real_query(handle, sql.data(), sql.size()) != 0)
    return std::unexpected(error_under(watch, "the server refused a statement"));
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(handle),
                                                                        &mysql_free_result);
  MyRows rows;
  if (!result) {
    if (mysql_errno(handle) != 0 || mysql_field_count(handle) != 0)
      return std::unexpected(error_under(watch, "the server did not finish its answer"));
    return rows;
  }
  const unsigned width = mysql_num_fields(result.get());
  while (MYSQL_ROW values = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    MyRow row;
    for (unsigned i = 0; i < width; ++i)
      row.push_back(values[i] == nullptr ? std::nullopt
                                         : std::optional<std::string>(std::string(values[i], lengths[i])));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<void> MyConnection::judge(const std::string& sql) {
  MYSQL* handle = handle_.get();
  const SocketWatch watch(mysql_get_socket(handle), limits_.clock, deadline(), limits_.cancel);
  const std::unique_ptr<MYSQL_STMT, decltype(&mysql_stmt_close)> statement(mysql_stmt_init(handle),
                                                                           &mysql_stmt_close);
  if (!statement) return fail(ErrorCode::unavailable, "no memory for a statement");
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0) {
    const unsigned number = mysql_stmt_errno(statement.get());
    Error error = error_under(watch, "the server refuses the query");
    if (watch.reason() == SocketWatch::Reason::none && number != 0) {
      error.code = code_of_mysql(number);
      error.service_code = std::to_string(number);
      error.message = fmt::format("the server refuses the query: {}",
                                  to_printable(redacted(mysql_stmt_error(statement.get()))));
      error.hint = hint_of(number, error.code);
    }
    return std::unexpected(std::move(error));
  }
  if (mysql_stmt_param_count(statement.get()) > 0)
    return fail(ErrorCode::invalid_argument, "the query has parameters without a value (?)");
  if (mysql_stmt_field_count(statement.get()) == 0)
    return fail(ErrorCode::refused, "the query gives no rows");
  return {};
}

Result<void> MyConnection::stream(const std::string& sql, const RowUse& use) {
  MYSQL* handle = handle_.get();
  const SocketWatch watch(mysql_get_socket(handle), limits_.clock, deadline(), limits_.cancel);
  if (mysql_real_query(handle, sql.data(), sql.size()) != 0)
    return std::unexpected(error_under(watch, "the server refused the query"));
  MYSQL_RES* raw = mysql_use_result(handle);
  if (raw == nullptr) return std::unexpected(error_under(watch, "the server gave no rows"));
  // Freeing an unbuffered result reads it to its end; after a failure the connection is closed first instead.
  const auto release = [this](MYSQL_RES* result) {
    if (!result->eof) shutdown(mysql_get_socket(handle_.get()), SHUT_RDWR);
    mysql_free_result(result);
  };
  const std::unique_ptr<MYSQL_RES, decltype(release)> result(raw, release);
  std::vector<MyColumn> columns;
  const MYSQL_FIELD* fields = mysql_fetch_fields(raw);
  for (unsigned i = 0; i < mysql_num_fields(raw); ++i) columns.push_back(column_of(fields[i]));
  FLOTSAM_TRY(use.columns(columns));
  while (MYSQL_ROW row = mysql_fetch_row(raw)) {
    const unsigned long* lengths = mysql_fetch_lengths(raw);
    if (lengths == nullptr) return fail(ErrorCode::corrupt, "libmariadb gave a row without its lengths");
    FLOTSAM_TRY(use.row(row, lengths));
  }
  // No row is what an error looks like, too: only the error number tells them apart.
  if (mysql_errno(handle) != 0)
    return std::unexpected(error_under(watch, "the server stopped in the middle of the rows"));
  if (!raw->eof || watch.reason() != SocketWatch::Reason::none)
    return fail(ErrorCode::corrupt, "the rows ended without the server saying so");
  return {};
}

}  // namespace flotsam
