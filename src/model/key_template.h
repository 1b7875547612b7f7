#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/reference.h"

namespace flotsam {

/// One filter of SPEC §2 as a user reads of it: for help, errors and the drift test of the documentation.
struct FilterInfo {
  std::string_view name;       ///< "strip_prefix"
  std::string_view arguments;  ///< ":X", ":A:B" or ""
  std::string_view help;       ///< one line
};

/// All filters, in the order of the documentation.
std::span<const FilterInfo> all_filters();

/// `row → key`: literal text and fields with filters, e.g. "books/thumb_{s3_key|stem}.jpg" (SPEC §2).
///
/// Parsed once from text, then bound to the columns of a query, then total: expand() either gives a key or
/// says that the row yields none. In literal text "{{" and "}}" are braces.
class KeyTemplate {
 public:
  /// Errors: invalid_argument with the position and, for an unknown filter, the known ones; an unclosed
  /// brace; an argument that is missing, too many or no number where one is needed.
  static Result<KeyTemplate> parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// Distinct field names in order of first use ("s3_key", "value").
  const std::vector<std::string>& fields() const { return fields_; }
  /// True where the text ends in "/**": all below the folder that it yields. Only for `derived`.
  bool is_folder_rule() const { return folder_rule_; }

  /// Resolves fields to indices into `columns`; the name "value" means the lone column where no column has
  /// that name. Errors: invalid_argument that names the unknown field and the known ones; "value" where there
  /// are several columns; a field whose column name stands twice.
  Result<void> bind(const ColumnNames& columns);

  /// Appends the key for this row to `out` (cleared first) and returns true; false where a used column is
  /// NULL or empty. A folder rule yields the folder with its trailing "/", without the "**". Needs bind().
  /// Not thread-safe (scratch buffers); copy the template for each thread.
  bool expand(RowView row, std::string& out) const;

  /// The index of the only column that the template uses, or -1 where it uses none or several. Needs bind().
  int lone_column() const { return lone_column_; }
  /// Indices of the columns it uses, each once. Needs bind().
  std::vector<std::size_t> used_columns() const;

  struct Filter {
    int id = 0;  ///< row of the filter table
    std::string first;
    std::string second;
    std::int64_t number = 0;
    std::int64_t number2 = 0;
  };

 private:
  struct Piece {
    std::string literal;  ///< where field < 0
    int field = -1;       ///< index into fields_
    std::vector<Filter> filters;
  };
  std::string text_;
  std::vector<std::string> fields_;
  std::vector<Piece> pieces_;
  std::vector<int> columns_;  ///< field → column, after bind()
  int lone_column_ = -1;
  bool folder_rule_ = false;
  mutable std::string scratch_;
};

/// Applies one filter expression ("|stem|lower") to a value: for tests and explanations.
Result<std::string> apply_filters(std::string_view filters, std::string_view value);

}  // namespace flotsam
