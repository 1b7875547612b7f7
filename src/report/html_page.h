#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/html_facts.h"
#include "report/html_report.h"
#include "report/report_view.h"
#include "report/text_page.h"

namespace flotsam {

/// A table with a caption, headings with scope, and a heading for each row.
class HtmlTable {
 public:
  enum class Kind { text, number };
  struct Column {
    std::string title;  ///< markup
    Kind kind = Kind::text;
  };
  /// `markup` is HTML already; the first cell of a row is its heading.
  struct Cell {
    std::string markup;
    std::string sort_value = {};  ///< a whole number, by which the script sorts where it is given
  };
  /// What a row looks like; what it means stands in its cells.
  enum class Row { plain, telling, total };
  /// `order`: whether the script lets a person order the rows by a column.
  enum class Order { fixed, by_person };

  HtmlTable(std::string caption, std::vector<Column> columns, Order order = Order::fixed)
      : caption_(std::move(caption)), columns_(std::move(columns)), order_(order) {}
  void add(const std::vector<Cell>& cells, Row row = Row::plain) { add_row(row_of(cells, row)); }
  /// A row's markup; add_row() takes it.
  std::string row_of(const std::vector<Cell>& cells, Row row = Row::plain) const;
  void add_row(std::string_view markup);
  bool empty() const { return rows_ == 0; }
  /// The table in a frame that scrolls sideways where the page is too narrow.
  std::string render(std::string_view id = {}) const;

  static Cell number(std::uint64_t value);
  static Cell bytes(std::uint64_t value);

 private:
  std::string caption_;
  std::vector<Column> columns_;
  Order order_;
  std::string body_;
  std::size_t rows_ = 0;
};

/// What the sections of the HTML report write to.
class HtmlPage {
 public:
  HtmlPage(const ReportView& figures, const HtmlFacts& more, const HtmlOptions& how);

  void add(std::string_view markup) { out_ += markup; }
  /// Opens a section with a heading; end_section() closes it.
  void section(std::string_view id, std::string_view title);
  void end_section() { out_ += "</section>\n"; }
  void subheading(std::string_view title);
  /// A sentence in which keys are escaped already.
  void paragraph(std::string_view text, std::string_view css_class = {});
  void command(std::string_view text);
  std::string take() { return std::exchange(out_, {}); }

  /// The words of the text report, on lines without end.
  TextPage words() const { return TextPage(view, style_); }
  /// "12.5 %" behind a small bar.
  HtmlTable::Cell share(std::uint64_t part, std::uint64_t whole) const;
  /// "REFUSE ✗" as a badge.
  std::string ruling(std::string_view name) const;
  /// The distinct keys that a source needs, those outside the scope included where they count as unresolved.
  std::uint64_t needed_of(std::size_t source) const;
  /// The store and its prefixes: markup.
  std::string scope() const;

  const ReportView& view;
  const HtmlFacts& facts;
  const HtmlOptions& options;

 private:
  TextStyle style_;
  std::string out_;
};

/// The sections in the order of the page. Each writes nothing where it has nothing to say.
void write_html_head(HtmlPage& page);
void write_html_verdict(HtmlPage& page);
void write_html_references(HtmlPage& page);
void write_html_rulings(HtmlPage& page);
void write_html_diagnosis(HtmlPage& page);
void write_html_verdicts(HtmlPage& page);
void write_html_shapes(HtmlPage& page);
void write_html_ages_and_sizes(HtmlPage& page);
void write_html_groups(HtmlPage& page);
void write_html_samples(HtmlPage& page);
void write_html_templates(HtmlPage& page);
void write_html_guards(HtmlPage& page);
/// Errors: those of the input's objects; corrupt where they are not as many as the report says.
Result<void> write_html_orphans(HtmlPage& page, const EachPlannedObject& orphans);
void write_html_provenance(HtmlPage& page);
void write_html_next(HtmlPage& page);

/// The verdict in words that need no manual, without sign: "REFUSED: 5,089 of 5,089 references do not exist
/// under these keys". Plain text: keys in it are escaped for a terminal.
std::string html_headline(const HtmlPage& page);

}  // namespace flotsam
