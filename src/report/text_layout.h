#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace flotsam {

/// How many columns of a terminal UTF-8 text takes: two for wide characters (CJK, emoji), none for combining
/// marks.
std::size_t columns_of(std::string_view text);

/// `text` in at most `width` columns: what is too much is cut out of its middle and replaced by "…" ("..." in
/// ASCII), for the beginning of a key and its name and extension are what tells.
std::string cut_middle(std::string_view text, std::size_t width, const TextStyle& style);

/// The lines of a text, broken at blanks; a word that is wider than a line is broken where the line ends.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Bytes as they are shown: to_printable, and in ASCII style other characters as \u{…} too.
std::string shown(std::string_view bytes, const TextStyle& style);
/// A sentence in which foreign text is escaped already: backslashes stay, what a terminal must not see is
/// escaped all the same, and in ASCII style typographic characters are replaced.
std::string sentence(std::string_view text, const TextStyle& style);

enum class Colour { none, blue, orange, bold, dim };
/// `text` in a colour where the style asks for colours. Blue and orange differ for every eye; no meaning
/// rests on them.
std::string painted(std::string_view text, Colour colour, const TextStyle& style);

/// A table whose columns are as wide as they must be and never wider together than the style's width.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::right;
    bool shrinks = false;  ///< its cells are cut in the middle where the table is too wide
    int spare =
        0;  ///< where that is not enough, the column with the highest number above 0 is left out first
  };
  struct Cell {
    std::string text;
    Colour colour = Colour::none;
  };

  Table(std::vector<Column> columns, std::size_t indent) : columns_(std::move(columns)), indent_(indent) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  /// A line across, before the next row: the total stands below it.
  void add_rule() { rule_before_ = rows_.size(); }
  bool empty() const { return rows_.empty(); }
  /// Title line and rows, each with a line break.
  std::string render(const TextStyle& style) const;

 private:
  std::vector<std::size_t> natural_widths() const;
  std::string line_of(const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                      const TextStyle& style) const;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::size_t indent_;
  std::size_t rule_before_ = static_cast<std::size_t>(-1);
};

}  // namespace flotsam
