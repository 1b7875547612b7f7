#pragma once

/// diagnosis/: finds the change of configuration that would make references resolve, and proves it on a
/// sample. A RowCollector takes rows while references are read, ListedKeys and a KeySampler a worker take
/// keys while the store is listed, diagnose() then speaks. Knows no database, no store and no clock; the same
/// input gives the same answer, whatever the order of rows, pages and threads.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/caps.h"
#include "model/reference.h"

namespace flotsam {

/// An even sample of the rows of one source.
struct CollectedSource {
  ColumnNames columns;
  std::vector<std::string> rows;  ///< distinct, by rising rank; packed, see unpacked_row()
  std::uint64_t rank_bound = 0;   ///< every row of a smaller rank is here; all of them at its maximum
  std::uint64_t oversized = 0;    ///< rows beyond 64 KiB, which are in no sample

  bool is_complete() const { return rank_bound == UINT64_MAX; }
  /// How many distinct rows the source has: exact where complete, else estimated.
  double distinct_rows() const;
};

/// Appends the fields of a packed row; views into `packed`.
void unpack_row(std::string_view packed, std::vector<FieldView>& fields);

/// Keeps of every source the distinct rows of smallest hash, within the caps. One thread.
class RowCollector {
 public:
  explicit RowCollector(std::size_t sources, DiagnosisCaps caps = {});

  /// Before the first row of a source. A second call starts the source afresh.
  void columns(std::size_t source, const ColumnNames& columns);
  void row(std::size_t source, RowView row);
  /// The samples, by source; the collector is used up.
  std::vector<CollectedSource> finish();

 private:
  struct Ranked {
    std::uint64_t rank = 0;
    std::string packed;
  };
  struct Source {
    CollectedSource collected;
    std::vector<Ranked> rows;
    std::size_t bytes = 0;
    std::uint64_t rank_bound = UINT64_MAX;
  };
  void trim(Source& source) const;

  std::size_t rows_max_;
  std::size_t bytes_max_;
  std::vector<Source> sources_;
  std::string packed_;
};

}  // namespace flotsam
