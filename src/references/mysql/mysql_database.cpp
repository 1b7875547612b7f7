#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "references/block_reading.h"
#include "references/kinds.h"
#include "references/lint.h"
#include "references/mysql/connection.h"
#include "references/mysql/evidence.h"

namespace flotsam {
namespace {

class MysqlDatabase final : public ReferenceDatabase {
 public:
  MysqlDatabase(DatabaseUrl url, Seconds timeout, const DatabaseContext& context)
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
  struct Reading {
    MyConnection& connection;
    RowSink& sink;
    const Cancel& cancel;
    const MySession& session;
    const MyReplica& replica;
  };

  Result<std::vector<ReadProof>> read_all(std::span<const SourceQuery> queries, RowSink& sink,
                                          const Cancel& cancel) {
    for (const SourceQuery& query : queries) {
      FLOTSAM_TRY(check_as_of(query, false, clock_.now()));
      FLOTSAM_TRY(lint(query, kMysqlDialect));
    }
    FLOTSAM_ASSIGN(MyConnection connection, MyConnection::connect(url_, {clock_, cancel, timeout_}));
    FLOTSAM_ASSIGN(const MySession session, begin_snapshot(connection, url_, timeout_));
    identity_ = session.identity;
    FLOTSAM_ASSIGN(const MyReplica replica, replica_state(connection));
    const Reading reading{connection, sink, cancel, session, replica};
    std::vector<ReadProof> proofs;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      BlockReading block({queries[i], i, sink, clock_, cancel});
      auto proof = read_block(reading, queries[i], block);
      if (!proof) return fail(proof.error(), fmt::format("in the query of {}", in_quotes(queries[i].name)));
      proofs.push_back(*std::move(proof));
    }
    FLOTSAM_TRY(connection.ask("ROLLBACK"));
    return proofs;
  }

  static Result<std::vector<std::string>> lint(const SourceQuery& query, const SqlDialect& dialect) {
    auto found = lint_query(query.query, dialect);
    if (!found) return fail(found.error(), fmt::format("in the query of {}", in_quotes(query.name)));
    return found;
  }

  Result<ReadProof> read_block(const Reading& reading, const SourceQuery& query, BlockReading& block) const {
    MyConnection& connection = reading.connection;
    FLOTSAM_ASSIGN(std::vector<std::string> warnings, lint(query, kMysqlDialect));
    // Under this sql_mode the server reads quotes otherwise than the lint above did.
    if (reading.session.quotes_differ) FLOTSAM_TRY(lint(query, kMysqlPlainDialect));
    for (std::string& warning : warnings) block.warn(std::move(warning));
    FLOTSAM_TRY(true_at(reading, query, block));
    FLOTSAM_ASSIGN(const std::string text, without_end(query.query, kMysqlDialect));
    FLOTSAM_TRY(connection.judge(text));
    FLOTSAM_TRY(engines(reading, query, text, block));
    FLOTSAM_ASSIGN(const std::uint64_t announced, count(connection, text));
    FLOTSAM_TRY(give_rows(reading, text, block));
    FLOTSAM_TRY(no_value_was_cut(connection, block));
    FLOTSAM_TRY(still_in_transaction(connection));
    block.evidence("end", "no row and error number 0");
    for (const auto& [name, value] : reading.session.evidence) block.evidence(name, value);
    block.evidence("replica", reading.replica.seen);
    if (const auto warning = warning_of_wire(connection.wire())) block.warn(*warning);
    return block.finish(announced);
  }

  /// The server cuts values, or makes NULL of them, and says so in a warning alone.
  static Result<void> no_value_was_cut(MyConnection& connection, BlockReading& block) {
    FLOTSAM_ASSIGN(const MyRows warnings, connection.ask("SHOW WARNINGS"));
    for (const auto& row : warnings) {
      const std::string code = row.size() > 1 ? row[1].value_or("") : "";
      const std::string said = row.size() > 2 ? row[2].value_or("") : "";
      // ER_CUT_VALUE_GROUP_CONCAT, ER_WARN_ALLOWED_PACKET_OVERFLOWED
      if (code == "1260" || code == "1301")
        return fail(
            ErrorCode::corrupt,
            fmt::format("the server did not give whole values: {} (warning {})", to_printable(said), code),
            "Select the rows themselves, or raise the limit that the warning names.");
      block.warn(fmt::format("the server warned: {} ({})", to_printable(said), code));
    }
    return {};
  }

  static Result<void> true_at(const Reading& reading, const SourceQuery& query, BlockReading& block) {
    if (query.as_of == AsOfKind::stated) {
      block.true_at(query.stated_as_of);
      return {};
    }
    constexpr const char* kHint =
        "Read from the primary, or state with as_of the moment that the server surely shows.";
    switch (reading.replica.state) {
      case MyReplica::State::primary:
        return {};
      case MyReplica::State::replica:
        return fail(ErrorCode::refused,
                    fmt::format("the server is a replica ({}), and cannot say what moment it shows",
                                reading.replica.seen),
                    kHint);
      case MyReplica::State::unknown:
        return fail(
            ErrorCode::refused,
            fmt::format("the server may be a replica, and cannot be asked ({})", reading.replica.seen),
            "Grant the login REPLICATION CLIENT (MySQL) or REPLICA MONITOR, also called SLAVE MONITOR "
            "(MariaDB), read from the primary, or state with as_of the moment that the server surely "
            "shows.");
    }
    return {};
  }

  static Result<void> engines(const Reading& reading, const SourceQuery& query, const std::string& text,
                              BlockReading& block) {
    auto tables = tables_of(reading.connection, text, reading.session.database);
    if (!tables) {
      if (query.as_of != AsOfKind::stated || tables.error().code != ErrorCode::permission_denied)
        return std::unexpected(std::move(tables).error());
      block.warn(fmt::format(
          "the tables behind the query could not be seen ({}): they may stand outside the snapshot",
          tables.error().message));
      return {};
    }
    std::string list;
    for (const MyTable& table : *tables) {
      const std::string name = table.schema + "." + table.name;
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", to_printable(name),
                          table.engine.empty() ? "view" : table.engine);
      // SEQUENCE makes numbers and keeps nothing (seq_1_to_100).
      if (!table.engine.empty() && table.engine != "InnoDB" && table.engine != "SEQUENCE")
        return fail(
            ErrorCode::refused,
            fmt::format(
                "the query reads {}, which the engine {} keeps: only InnoDB's tables are in the snapshot",
                in_quotes(name), in_quotes(table.engine)),
            fmt::format("ALTER TABLE {} ENGINE=InnoDB, or export it and read a csv: source.",
                        to_printable(name)));
    }
    block.evidence("tables", list);
    return {};
  }

  static Result<std::uint64_t> count(MyConnection& connection, const std::string& text) {
    FLOTSAM_ASSIGN(const MyRows rows,
                   connection.ask("SELECT count(*) FROM (\n" + text + "\n) AS flotsam_rows"));
    const auto number =
        rows.size() == 1 && rows[0].size() == 1 && rows[0][0] ? parse_unsigned(*rows[0][0]) : std::nullopt;
    if (!number) return fail(ErrorCode::corrupt, "the server did not count the query's rows");
    return *number;
  }

  static Result<void> give_rows(const Reading& reading, const std::string& text, BlockReading& block) {
    std::vector<FieldView> row;
    std::vector<bool> padded;
    MyConnection::RowUse use;
    use.columns = [&](const std::vector<MyColumn>& columns) {
      ColumnNames names;
      std::vector<std::size_t> limits;
      for (const MyColumn& column : columns) {
        names.push_back(column.name);
        limits.push_back(column.characters_limit);
        padded.push_back(column.is_character && reading.session.pads_char);
      }
      row.resize(columns.size());
      return block.columns(std::move(names), std::move(limits));
    };
    use.row = [&](MYSQL_ROW values, const unsigned long* lengths) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = {};
        row[i].is_null = values[i] == nullptr;
        if (row[i].is_null) continue;
        row[i].bytes = {values[i], static_cast<std::size_t>(lengths[i])};
        row[i].blank_padded = padded[i];
      }
      return block.row(row);
    };
    return reading.connection.stream(text, use);
  }

  /// A statement that commits by itself would have ended the snapshot. MySQL has no such variable.
  static Result<void> still_in_transaction(MyConnection& connection) {
    FLOTSAM_ASSIGN(const MyRows rows, connection.ask("SHOW SESSION VARIABLES LIKE 'in_transaction'"));
    if (!rows.empty() && rows[0].size() == 2 && rows[0][1] != "1" && rows[0][1] != "ON")
      return fail(ErrorCode::corrupt, "the transaction ended before its rows did");
    return {};
  }

  DatabaseUrl url_;
  std::string shown_;
  Seconds timeout_;
  Clock& clock_;
  Evidence identity_;
};

}  // namespace

Result<std::unique_ptr<ReferenceDatabase>> open_mysql(const DatabaseOptions& options,
                                                      const DatabaseContext& context) {
  FLOTSAM_ASSIGN(DatabaseUrl url, parse_database_url(options.url.reveal()));
  FLOTSAM_TRY(wire_of_url(url));
  return std::make_unique<MysqlDatabase>(std::move(url), options.statement_timeout, context);
}

}  // namespace flotsam
