#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/key_template.h"
#include "model/reference.h"

namespace flotsam {

/// A template while it is thought of: literals and fields whose filters are text ("|lower|stem").
struct Draft {
  struct Segment {
    std::string literal;  ///< where column < 0
    int column = -1;
    std::string filters;
  };
  std::vector<Segment> segments;

  void add_literal(std::string_view text);
  void add_field(int column, std::string filters) { segments.push_back({{}, column, std::move(filters)}); }

  /// As the parser of templates reads it; the inverse of parse. Empty where it cannot be written down: a
  /// column whose name has a brace or bar, text that is not UTF-8, a literal that would read as a folder
  /// rule.
  std::string text(const ColumnNames& columns) const;
  /// Parsed and bound, ready to expand; nothing where it cannot be written down.
  Result<KeyTemplate> compiled(const ColumnNames& columns) const;

  /// What a person has to read: segments and filters, less for filters that are usual, a little for literals.
  double cost() const;
  /// Columns it uses, each once.
  std::vector<std::size_t> columns_used() const;
};

/// A filter with its argument, escaped: "|strip_prefix:" + "a:b" = "|strip_prefix:a\:b".
std::string filter_with(std::string_view name, std::string_view argument);
/// "|a|b:x" as {"|a", "|b:x"}.
std::vector<std::string> split_filters(std::string_view filters);

/// A text as TOML writes it: `"…"`, or `'…'` where that needs no escapes and the other would.
std::string toml_string(std::string_view text);
/// `objects = ["…", "…"]`
std::string toml_line(std::string_view name, const std::vector<std::string>& texts);

}  // namespace flotsam
