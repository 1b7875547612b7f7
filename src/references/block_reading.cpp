#include "references/block_reading.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace flotsam {
namespace {

std::size_t characters_of(std::string_view bytes) {
  std::size_t count = 0;
  for (const char c : bytes) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

}  // namespace

BlockReading::BlockReading(const Wish& wish) : wish_(wish) {
  proof_.started_at = wish.clock.now();
  if (!wish.query.query.empty()) evidence("query_sha256", sha256_hex(wish.query.query));
}

Result<void> BlockReading::columns(ColumnNames names, std::vector<std::size_t> limits) {
  CHECK(limits.empty() || limits.size() == names.size());
  names_ = std::move(names);
  limits_.resize(names_.size());
  for (std::size_t i = 0; i < limits.size(); ++i) limits_[i].characters = limits[i];
  std::string list;
  for (const std::string& name : names_)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", to_printable(name));
  evidence("columns", list);
  return wish_.sink.columns(wish_.index, names_);
}

void BlockReading::count_odd(std::size_t column, std::string_view bytes) {
  if (!is_utf8(bytes)) ++proof_.invalid_utf8;
  ColumnLimit& limit = limits_[column];
  if (limit.characters == 0 || bytes.empty()) return;
  if (bytes.size() >= limit.characters && characters_of(bytes) >= limit.characters)
    ++limit.at_limit;
  else
    ++limit.shorter;
}

Result<void> BlockReading::row(RowView row) {
  CHECK(row.size() == limits_.size());
  FLOTSAM_TRY(wish_.cancel.check());
  for (std::size_t i = 0; i < row.size(); ++i)
    if (!row[i].is_null) count_odd(i, row[i].bytes);
  ++proof_.rows;
  return wish_.sink.row(wish_.index, row);
}

void BlockReading::evidence(std::string name, std::string value) {
  proof_.evidence.emplace_back(std::move(name), std::move(value));
}

void BlockReading::warn(std::string sentence) {
  proof_.warnings.push_back(std::move(sentence));
}

void BlockReading::say_odd() {
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const ColumnLimit& limit = limits_[i];
    if (limit.characters == 0) continue;
    evidence("at_column_limit." + to_printable(names_[i]), std::to_string(limit.at_limit));
    if (limit.at_limit > 0 && limit.shorter > 0)
      warn(fmt::format("{} of column {} fill its {} characters: they may have been cut when they were stored",
                       counted(limit.at_limit, "value"), in_quotes(names_[i]), limit.characters));
  }
  if (proof_.non_text_values > 0)
    warn(fmt::format(
        "{} stored as numbers, not as text: leading zeros and exponents of keys are lost that way",
        proof_.non_text_values == 1 ? std::string("1 value is")
                                    : with_separators(proof_.non_text_values) + " values are"));
}

Result<ReadProof> BlockReading::finish(std::optional<std::uint64_t> announced) {
  if (announced && *announced != proof_.rows)
    return fail(ErrorCode::corrupt,
                fmt::format("{}: the database announced {} and gave {}", in_quotes(wish_.query.name),
                            counted(*announced, "row"), with_separators(proof_.rows)),
                "Nothing was judged. Run it again; if it stays so, the query's rows depend on chance, or a "
                "limit of the "
                "server cuts them.");
  evidence("rows_received", std::to_string(proof_.rows));
  if (announced) evidence("rows_announced", std::to_string(*announced));
  say_odd();
  proof_.finished_at = wish_.clock.now();
  return std::move(proof_);
}

Result<void> check_as_of(const SourceQuery& query, bool is_file, Timestamp now) {
  const std::string name = in_quotes(query.name);
  if (query.as_of == AsOfKind::file && !is_file)
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: as_of = \"file\" is for sqlite: and csv:, and this is a server", name),
                "Leave as_of out, or state the moment that the server shows.");
  if (query.as_of != AsOfKind::stated) return {};
  if (!query.stated_as_of)
    return fail(ErrorCode::invalid_argument, fmt::format("{}: as_of states no moment", name));
  if (*query.stated_as_of > now)
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: as_of {} lies in the future (this machine's clock says {})", name,
                            to_rfc3339(*query.stated_as_of), to_rfc3339(now)));
  return {};
}

}  // namespace flotsam
