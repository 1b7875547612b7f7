#include "diagnosis/collected_rows.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"
#include "diagnosis/hashes.h"

namespace flotsam {
namespace {

constexpr std::size_t kRowBytesMax = 64U << 10U;

}  // namespace

std::uint64_t row_rank_of(std::string_view packed) {
  static const KeyedHash hash(0x726f77730001ULL);
  return hash(packed);
}

std::uint64_t key_hash_of(std::string_view key) {
  static const KeyedHash hash(0x6b6579730001ULL);
  return hash(key);
}

double CollectedSource::distinct_rows() const {
  const auto count = static_cast<double>(rows.size());
  return is_complete() ? count : count / (static_cast<double>(rank_bound) / 18446744073709551616.0);
}

void unpack_row(std::string_view packed, std::vector<FieldView>& fields) {
  while (!packed.empty()) {
    CHECK(packed.size() >= 5);
    std::uint32_t size = 0;
    std::memcpy(&size, packed.data() + 1, sizeof size);
    const char flag = packed[0];
    fields.push_back({packed.substr(5, size), flag == 'n', flag == 'p'});
    packed.remove_prefix(5 + size);
  }
}

RowCollector::RowCollector(std::size_t sources, DiagnosisCaps caps)
    : rows_max_(std::max<std::size_t>(1, caps.rows / std::max<std::size_t>(1, sources))),
      bytes_max_(caps.row_bytes / std::max<std::size_t>(1, sources)),
      sources_(sources) {}

void RowCollector::columns(std::size_t source, const ColumnNames& columns) {
  CHECK(source < sources_.size());
  sources_[source] = Source{};
  sources_[source].collected.columns = columns;
}

void RowCollector::row(std::size_t source, RowView row) {
  CHECK(source < sources_.size());
  Source& all = sources_[source];
  packed_.clear();
  for (const FieldView& field : row) {
    packed_ += field.is_null ? 'n' : field.blank_padded ? 'p' : 'v';
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(field.bytes.size(), kRowBytesMax + 1));
    packed_.append(reinterpret_cast<const char*>(&size), sizeof size).append(field.bytes.substr(0, size));
    if (packed_.size() > kRowBytesMax) {
      ++all.collected.oversized;
      return;
    }
  }
  const std::uint64_t rank = row_rank_of(packed_);
  if (rank >= all.rank_bound) return;
  all.rows.push_back({rank, packed_});
  all.bytes += packed_.size();
  if (all.rows.size() >= 2 * rows_max_ || all.bytes >= 2 * bytes_max_) trim(all);
}

void RowCollector::trim(Source& source) const {
  auto& rows = source.rows;
  std::sort(rows.begin(), rows.end(), [](const Ranked& a, const Ranked& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.packed < b.packed;
  });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const Ranked& a, const Ranked& b) { return a.packed == b.packed; }),
             rows.end());
  std::size_t kept = 0;
  std::size_t bytes = 0;
  while (kept < rows.size() && kept < rows_max_ && bytes + rows[kept].packed.size() <= bytes_max_)
    bytes += rows[kept++].packed.size();
  if (kept < rows.size()) {
    source.rank_bound = rows[kept].rank;
    // Rows of one rank stay or go together.
    while (kept > 0 && rows[kept - 1].rank == source.rank_bound) bytes -= rows[--kept].packed.size();
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(kept), rows.end());
  }
  source.bytes = bytes;
}

std::vector<CollectedSource> RowCollector::finish() {
  std::vector<CollectedSource> all;
  for (Source& source : sources_) {
    trim(source);
    source.collected.rank_bound = source.rank_bound;
    for (Ranked& row : source.rows) source.collected.rows.push_back(std::move(row.packed));
    all.push_back(std::move(source.collected));
  }
  sources_.clear();
  return all;
}

}  // namespace flotsam
