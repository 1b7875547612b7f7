#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/time.h"
#include "references/source.h"

namespace flotsam {

/// One block while it is read: gives its rows to the sink, counts them and what is odd in them, and makes the
/// proof. The same for every kind of database.
class BlockReading {
 public:
  struct Wish {
    const SourceQuery& query;
    std::size_t index;  ///< among the queries of read()
    RowSink& sink;
    const Clock& clock;
    const Cancel& cancel;
  };
  explicit BlockReading(const Wish& wish);

  /// Once, before the first row. `limits`: the most characters that a column can hold, 0 where it has no
  /// limit; empty: none has one.
  Result<void> columns(ColumnNames names, std::vector<std::size_t> limits = {});
  Result<void> row(RowView row);
  void count_non_text() { ++proof_.non_text_values; }
  std::uint64_t rows() const { return proof_.rows; }

  void evidence(std::string name, std::string value);
  void warn(std::string sentence);
  void true_at(std::optional<Timestamp> moment) { proof_.true_at = moment; }

  /// The proof, where the database announced as many rows as came. Errors: corrupt where it announced others.
  Result<ReadProof> finish(std::optional<std::uint64_t> announced);

 private:
  void count_odd(std::size_t column, std::string_view bytes);
  void say_odd();

  struct ColumnLimit {
    std::size_t characters = 0;
    std::uint64_t at_limit = 0;  ///< values as long as the column can hold: perhaps cut when they were stored
    std::uint64_t shorter = 0;   ///< values that are neither empty nor that long
  };
  Wish wish_;
  ReadProof proof_;
  ColumnNames names_;
  std::vector<ColumnLimit> limits_;
};

/// Checks what a block says of its moment. Errors: invalid_argument where `as_of` is "file" and the source is
/// none, or the stated moment is missing or after the machine's now.
Result<void> check_as_of(const SourceQuery& query, bool is_file, Timestamp now);

}  // namespace flotsam
