#include "reading.h"

#include <algorithm>

namespace flotsam::test {

Result<void> RecordingSink::columns(std::size_t query_index, const ColumnNames& columns) {
  if (query_index != blocks.size()) out_of_order = true;
  blocks.resize(std::max(blocks.size(), query_index + 1));
  counts.resize(blocks.size());
  if (blocks[query_index].columns_given) out_of_order = true;
  blocks[query_index].columns_given = true;
  blocks[query_index].columns = columns;
  if (before_columns) return before_columns(query_index);
  return {};
}

Result<void> RecordingSink::row(std::size_t query_index, RowView row) {
  if (query_index + 1 != blocks.size() || row.size() != blocks[query_index].columns.size()) {
    out_of_order = true;
    return {};
  }
  if (before_row)
    if (auto wish = before_row(query_index, counts[query_index]); !wish) return wish;
  ++counts[query_index];
  Row copy;
  for (const FieldView& field : row) {
    copy.push_back(field.is_null ? Cell() : Cell(std::string(field.bytes)));
    blocks[query_index].padded = blocks[query_index].padded || field.blank_padded;
  }
  if (keep) blocks[query_index].rows.push_back(std::move(copy));
  return {};
}

Result<std::vector<ReadProof>> Reading::run() {
  SystemClock machine;
  NullLog log;
  DatabaseOptions options;
  options.url = Secret(url);
  options.base = base;
  options.statement_timeout = timeout;
  FLOTSAM_ASSIGN(const auto database, open_database(options, {clock != nullptr ? clock : &machine, &log}));
  shown = database->shown();
  auto proofs = database->read(queries, sink, cancel);
  identity = database->identity();
  return proofs;
}

SourceQuery query_of(std::string sql) {
  SourceQuery query;
  query.name = "the block";
  query.query = std::move(sql);
  return query;
}

SourceQuery columns_of(std::vector<std::string> columns) {
  SourceQuery query;
  query.name = "the block";
  query.columns = std::move(columns);
  query.as_of = AsOfKind::file;
  return query;
}

std::string evidence_of(const ReadProof& proof, std::string_view name) {
  for (const auto& [key, value] : proof.evidence)
    if (key == name) return value;
  return "(none)";
}

bool warns_of(const ReadProof& proof, std::string_view text) {
  return std::any_of(proof.warnings.begin(), proof.warnings.end(),
                     [&](const std::string& warning) { return warning.find(text) != std::string::npos; });
}

}  // namespace flotsam::test
