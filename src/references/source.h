#pragma once

/// references/: the databases and files whose rows say which objects are needed. One folder a kind;
/// open_database() in references/open.h chooses. All reading is read-only, byte-exact and comes with a proof
/// that every row was read.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "model/reference.h"

namespace flotsam {

/// How a source's moment of truth is known (SPEC §2, as_of).
enum class AsOfKind { now, file, stated };

/// What to read for one [[references]] block.
struct SourceQuery {
  std::string name;                  ///< the block's name, for messages
  std::string query;                 ///< SQL; empty for a CSV
  std::vector<std::string> columns;  ///< CSV only
  AsOfKind as_of = AsOfKind::now;
  std::optional<Timestamp> stated_as_of;
};

/// A named piece of evidence for the plan, e.g. {"snapshot", "100:100:"}. Never a secret.
using Evidence = std::vector<std::pair<std::string, std::string>>;

/// Proof that one block was read to its end: only a complete reading has one.
struct ReadProof {
  std::uint64_t rows = 0;             ///< given to the sink; equal to what the database announced
  std::uint64_t non_text_values = 0;  ///< SQLite: values whose storage class is neither TEXT nor BLOB
  std::uint64_t invalid_utf8 = 0;     ///< values that are not UTF-8, carried as bytes
  std::optional<Timestamp> true_at;   ///< the moment that the source shows, where that is not "now" (file,
                                      ///< stated, a replica's position): the cutoff goes back to it
  Timestamp started_at, finished_at;  ///< machine's clock
  Evidence evidence;                  ///< end seen, announced rows, snapshot, schema, query digest
  std::vector<std::string> warnings;  ///< sentences for the report
};

/// Takes rows. One thread. A row's bytes are dead after the call.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Before the first row of each block, also of one without rows. Errors (an unknown template field) end the
  /// reading.
  virtual Result<void> columns(std::size_t query_index, const ColumnNames& columns) = 0;
  virtual Result<void> row(std::size_t query_index, RowView row) = 0;
};

/// One database or file, not connected yet.
class ReferenceDatabase {
 public:
  virtual ~ReferenceDatabase() = default;

  /// Reads all queries, in their order, in one transaction on one connection, and returns a proof for each.
  /// Constant memory. On an error nothing that was given may be believed.
  /// Errors: permission_denied (login, rights), not_found (table, file, column), unavailable (down, cut,
  /// time-out), corrupt (fewer rows than announced, a broken file), refused (a query that the server does not
  /// take or that writes, a replica that cannot say what it shows, a table outside the snapshot),
  /// invalid_argument (what is wrong before any server is asked: a query that the lint refuses), interrupted.
  virtual Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                              const Cancel& cancel) = 0;

  /// What makes it this database and no other, known after read(): server identity where the database has one
  /// of its own, else host and database name or device and inode. Never a secret.
  virtual Evidence identity() const = 0;

  /// The URL without user and password, for messages.
  virtual std::string shown() const = 0;
};

}  // namespace flotsam
