#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "references/block_reading.h"
#include "references/kinds.h"
#include "references/lint.h"
#include "references/postgresql/connection.h"
#include "references/postgresql/evidence.h"

namespace flotsam {
namespace {

constexpr Oid kBytea = 17;
constexpr Oid kBpchar = 1042;
constexpr Oid kVarchar = 1043;
constexpr int kModifierHeader = 4;  ///< atttypmod of varchar(n) is n + 4

enum class ColumnKind { text, blank_padded, bytea };

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Turns bytea's hex form (\x0aff…) into bytes.
Result<void> decode_bytea(std::string_view text, std::string& out) {
  out.clear();
  bool good = text.starts_with("\\x") && text.size() % 2 == 0;
  for (std::size_t i = 2; good && i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    good = high >= 0 && low >= 0;
    if (good) out += static_cast<char>(high * 16 + low);
  }
  if (!good) return fail(ErrorCode::corrupt, "the server gave a bytea that is not in hex form");
  return {};
}

/// Gives the rows of a cursor to a block's reading.
class RowGiver {
 public:
  RowGiver(const PGresult* description, BlockReading& reading) : reading_(reading) {
    const int width = PQnfields(description);
    for (int i = 0; i < width; ++i) {
      names_.emplace_back(PQfname(description, i));
      const Oid type = PQftype(description, i);
      const int modifier = PQfmod(description, i);
      kinds_.push_back(type == kBytea ? ColumnKind::bytea
                                      : (type == kBpchar ? ColumnKind::blank_padded : ColumnKind::text));
      limits_.push_back(type == kVarchar && modifier > kModifierHeader
                            ? static_cast<std::size_t>(modifier - kModifierHeader)
                            : 0U);
    }
    row_.resize(names_.size());
    bytes_.resize(names_.size());
  }

  Result<void> columns() { return reading_.columns(names_, limits_); }

  Result<void> give(const PGresult* result) {
    if (PQntuples(result) != 1 || static_cast<std::size_t>(PQnfields(result)) != row_.size())
      return fail(ErrorCode::corrupt, "the server gave a row of another form than it described");
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const int column = static_cast<int>(i);
      FieldView& field = row_[i];
      field = {};
      field.is_null = PQgetisnull(result, 0, column) != 0;
      if (field.is_null) continue;
      field.bytes = {PQgetvalue(result, 0, column), static_cast<std::size_t>(PQgetlength(result, 0, column))};
      field.blank_padded = kinds_[i] == ColumnKind::blank_padded;
      if (kinds_[i] != ColumnKind::bytea) continue;
      FLOTSAM_TRY(decode_bytea(field.bytes, bytes_[i]));
      field.bytes = bytes_[i];
    }
    return reading_.row(row_);
  }

 private:
  BlockReading& reading_;
  ColumnNames names_;
  std::vector<ColumnKind> kinds_;
  std::vector<std::size_t> limits_;
  std::vector<FieldView> row_;
  std::vector<std::string> bytes_;
};

/// True where the query names this relation without a schema before it.
bool names_bare(const std::vector<Token>& tokens, const std::string& relation) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool same = (tokens[i].kind == TokenKind::word && to_ascii_lower(tokens[i].spelling) == relation) ||
                      (tokens[i].kind == TokenKind::quoted_name && tokens[i].text == relation);
    const bool qualified = i > 0 && tokens[i - 1].kind == TokenKind::symbol && tokens[i - 1].text == ".";
    if (same && !qualified) return true;
  }
  return false;
}

class PostgresqlDatabase final : public ReferenceDatabase {
 public:
  PostgresqlDatabase(DatabaseUrl url, Seconds timeout, const DatabaseContext& context)
      : url_(std::move(url)), shown_(shown_database_url(url_)), timeout_(timeout), clock_(*context.clock) {}

  Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                      const Cancel& cancel) override {
    auto proofs = read_all(queries, sink, cancel);
    if (!proofs) return fail(proofs.error(), fmt::format("while reading {}", shown_));
    return proofs;
  }

  Evidence identity() const override { return identity_; }
  std::string shown() const override { return shown_; }

 private:
  /// What all blocks of one reading share.
  struct Reading {
    PgConnection& connection;
    RowSink& sink;
    const Cancel& cancel;
    const PgSession& session;
    std::optional<Timestamp> replayed_until;
  };

  Result<std::vector<ReadProof>> read_all(std::span<const SourceQuery> queries, RowSink& sink,
                                          const Cancel& cancel) {
    std::vector<std::vector<std::string>> warnings;
    for (const SourceQuery& query : queries) {
      FLOTSAM_TRY(check_as_of(query, false, clock_.now()));
      auto found = lint_query(query.query, kPostgresqlDialect);
      if (!found) return fail(found.error(), fmt::format("in the query of {}", in_quotes(query.name)));
      warnings.push_back(*std::move(found));
    }
    FLOTSAM_ASSIGN(PgConnection connection, PgConnection::connect(url_, {clock_, cancel, timeout_}));
    // Before the snapshot: what had been replayed by then is surely in it.
    FLOTSAM_ASSIGN(const auto replayed, replayed_until(connection));
    FLOTSAM_TRY(connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    FLOTSAM_ASSIGN(const PgSession session, session_of(connection, url_));
    identity_ = session.identity;
    FLOTSAM_TRY(settle(connection, timeout_));
    const Reading reading{connection, sink, cancel, session, replayed};
    std::vector<ReadProof> proofs;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      BlockReading block({queries[i], i, sink, clock_, cancel});
      for (std::string& warning : warnings[i]) block.warn(std::move(warning));
      auto proof = read_block(reading, queries[i], block);
      if (!proof) return fail(proof.error(), fmt::format("in the query of {}", in_quotes(queries[i].name)));
      proofs.push_back(*std::move(proof));
    }
    FLOTSAM_TRY(check_same_snapshot(connection, session));
    return proofs;
  }

  Result<ReadProof> read_block(const Reading& reading, const SourceQuery& query, BlockReading& block) const {
    PgConnection& connection = reading.connection;
    FLOTSAM_TRY(true_at(reading, query, block));
    // A line break ends a comment at the end of the text.
    const std::string text = query.query + "\n";
    FLOTSAM_TRY(declare(connection, "flotsam_count", text));
    FLOTSAM_TRY(relations(connection, query, text, block));
    FLOTSAM_ASSIGN(const std::uint64_t announced, announce(connection));
    FLOTSAM_TRY(declare(connection, "flotsam_rows", text));
    FLOTSAM_ASSIGN(const PgResult description, connection.describe_cursor("flotsam_rows"));
    RowGiver giver(description.get(), block);
    FLOTSAM_TRY(giver.columns());
    FLOTSAM_ASSIGN(const PgResult end,
                   connection.stream("FETCH ALL FROM flotsam_rows",
                                     [&](const PGresult* result) { return giver.give(result); }));
    FLOTSAM_TRY(connection.run("CLOSE flotsam_rows"));
    if (end.count_of_tag("FETCH") != block.rows())
      return fail(ErrorCode::corrupt, fmt::format("{} rows arrived, and the server ended with {}",
                                                  block.rows(), in_quotes(PQcmdStatus(end.get()))));
    block.evidence("end", PQcmdStatus(end.get()));
    for (const auto& [name, value] : reading.session.evidence) block.evidence(name, value);
    if (const auto warning = warning_of_wire(connection.wire())) block.warn(*warning);
    return block.finish(announced);
  }

  /// DECLARE takes a plain SELECT, VALUES or TABLE and nothing that acts: it is the sandbox.
  static Result<void> declare(PgConnection& connection, std::string_view name, const std::string& text) {
    FLOTSAM_TRY(connection.run(fmt::format("DECLARE {} NO SCROLL CURSOR FOR\n{}", name, text)));
    return {};
  }

  /// Counts the rows on the server, independently of those that arrive.
  static Result<std::uint64_t> announce(PgConnection& connection) {
    FLOTSAM_ASSIGN(const PgResult moved, connection.run("MOVE ALL IN flotsam_count"));
    const auto count = moved.count_of_tag("MOVE");
    if (!count) return fail(ErrorCode::corrupt, "the server did not count the query's rows");
    FLOTSAM_TRY(connection.run("CLOSE flotsam_count"));
    return *count;
  }

  static Result<void> true_at(const Reading& reading, const SourceQuery& query, BlockReading& block) {
    if (query.as_of == AsOfKind::stated) {
      block.true_at(query.stated_as_of);
      return {};
    }
    if (!reading.session.in_recovery) return {};
    if (!reading.replayed_until)
      return fail(ErrorCode::refused,
                  "the server is a standby, and cannot say what moment it shows: it has replayed no "
                  "transaction since it started",
                  "Read from the primary, or state the moment with as_of.");
    block.true_at(reading.replayed_until);
    block.warn(fmt::format(
        "the server is a standby, which surely shows what was committed up to {}: younger objects are "
        "kept; the primary would show all",
        to_rfc3339(*reading.replayed_until)));
    return {};
  }

  /// Another server's copy may be weeks late, and this server is a primary all the same.
  static Result<void> check_own(PgConnection& connection, const PgRelation& relation,
                                const std::string& name) {
    FLOTSAM_ASSIGN(const bool subscribed, is_subscribed(connection, relation));
    if (!subscribed) return {};
    return fail(ErrorCode::refused,
                fmt::format("the query reads {}, which a subscription of logical replication fills: it shows "
                            "what has arrived, and nobody says how late that is",
                            in_quotes(name)),
                "Read from the publisher, or state the moment that it surely shows with as_of.");
  }

  static Result<void> relations(PgConnection& connection, const SourceQuery& query, const std::string& text,
                                BlockReading& block) {
    FLOTSAM_ASSIGN(const std::vector<PgRelation> found, relations_of(connection, text));
    FLOTSAM_ASSIGN(const std::vector<Token> tokens, tokens_of(query.query, kPostgresqlDialect));
    std::string list;
    for (const PgRelation& relation : found) {
      const std::string name =
          relation.schema.empty() ? relation.name : relation.schema + "." + relation.name;
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", to_printable(name), relation.kind);
      if ((relation.kind == 'm' || relation.kind == 'f') && query.as_of != AsOfKind::stated)
        return fail(
            ErrorCode::refused,
            fmt::format("the query reads {}, a {}: it does not show the moment of the snapshot",
                        in_quotes(name), relation.kind == 'm' ? "materialised view" : "foreign table"),
            "Read the tables behind it, or state the moment that it shows with as_of.");
      if (relation.kind == kLimitKind)
        block.warn(
            "the server's plan holds a LIMIT, in a view or a subquery: rows beyond it protect nothing");
      if (relation.kind == kFunctionKind)
        block.warn(fmt::format(
            "the rows come from the function {}: what it reads cannot be seen, and may be cut, late "
            "or outside the snapshot",
            in_quotes(name)));
      if (relation.kind == kLimitKind || relation.kind == kFunctionKind) continue;
      if (query.as_of != AsOfKind::stated) FLOTSAM_TRY(check_own(connection, relation, name));
      if (relation.schema.empty() || !names_bare(tokens, relation.name)) continue;
      FLOTSAM_ASSIGN(const auto others, namesakes_of(connection, relation));
      if (!others.empty())
        block.warn(fmt::format(
            "{} was read from schema {}, and schema {} has one of that name too: write the schema "
            "into the query",
            in_quotes(relation.name), in_quotes(relation.schema), in_quotes(others.front())));
    }
    block.evidence("relations", list);
    return {};
  }

  /// At the end: still the same transaction on the same server process, and it ended as one.
  static Result<void> check_same_snapshot(PgConnection& connection, const PgSession& session) {
    FLOTSAM_ASSIGN(const PgResult now, connection.run(connection.server_version() >= 130000
                                                          ? "SELECT pg_current_snapshot()::text"
                                                          : "SELECT txid_current_snapshot()::text"));
    FLOTSAM_ASSIGN(const PgResult end, connection.run("COMMIT"));
    if (now.text(0, 0) != session.snapshot || std::string_view(PQcmdStatus(end.get())) != "COMMIT")
      return fail(ErrorCode::corrupt, "the transaction did not keep one snapshot to its end",
                  "Does a pooler stand between? It must keep one server connection for a whole transaction.");
    return {};
  }

  DatabaseUrl url_;
  std::string shown_;
  Seconds timeout_;
  Clock& clock_;
  Evidence identity_;
};

}  // namespace

Result<std::unique_ptr<ReferenceDatabase>> open_postgresql(const DatabaseOptions& options,
                                                           const DatabaseContext& context) {
  FLOTSAM_ASSIGN(DatabaseUrl url, parse_database_url(options.url.reveal()));
  return std::make_unique<PostgresqlDatabase>(std::move(url), options.statement_timeout, context);
}

}  // namespace flotsam
