#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "references/open.h"

namespace flotsam::test {

using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

/// Keeps everything that a reading gives, and can fail or act at a row.
class RecordingSink final : public RowSink {
 public:
  struct Block {
    ColumnNames columns;
    std::vector<Row> rows;
    bool columns_given = false;
    bool padded = false;  ///< some value was blank-padded
  };
  Result<void> columns(std::size_t query_index, const ColumnNames& columns) override;
  Result<void> row(std::size_t query_index, RowView row) override;

  /// Called before each row is kept, with its block and its number from 0.
  std::function<Result<void>(std::size_t block, std::size_t row)> before_row;
  std::function<Result<void>(std::size_t block)> before_columns;
  bool keep = true;  ///< false: rows are only counted
  std::vector<Block> blocks;
  std::vector<std::size_t> counts;
  bool out_of_order = false;  ///< a row came before its columns, twice columns, or a block after a later one
};

/// What one call of read() needs and gives.
struct Reading {
  std::string url;
  std::vector<SourceQuery> queries;
  std::filesystem::path base = "/";
  Seconds timeout{60};
  Clock* clock = nullptr;  ///< none: the machine's
  Cancel cancel;
  RecordingSink sink;
  Evidence identity;
  std::string shown;

  Result<std::vector<ReadProof>> run();
};

SourceQuery query_of(std::string sql);
SourceQuery columns_of(std::vector<std::string> columns);
/// A value of the evidence; "(none)" where it is not there.
std::string evidence_of(const ReadProof& proof, std::string_view name);
/// Some warning holds this text.
bool warns_of(const ReadProof& proof, std::string_view text);

}  // namespace flotsam::test
