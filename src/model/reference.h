#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flotsam {

/// One column of one row, as the database stores it: bytes, no conversion. Not a Key and not comparable with
/// one.
struct FieldView {
  std::string_view bytes;
  bool is_null = false;
  bool blank_padded =
      false;  ///< CHAR(n) that arrived padded: the value and the right-trimmed value both protect
};

/// The columns of one row in the order of the source's ColumnNames. Borrowed: dead after the call that gave
/// it.
using RowView = std::span<const FieldView>;
using ColumnNames = std::vector<std::string>;

}  // namespace flotsam
