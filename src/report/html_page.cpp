#include "report/html_page.h"

#include <fmt/format.h>
#include <limits>

#include "base/text.h"
#include "report/html_chart.h"
#include "report/html_text.h"

namespace flotsam {
namespace {

/// Wide enough that no line of the text report's words is ever broken.
constexpr unsigned kNoLineBreaks = std::numeric_limits<unsigned>::max() / 2;

std::string_view class_of(HtmlTable::Row row) {
  if (row == HtmlTable::Row::telling) return " class=\"telling\"";
  if (row == HtmlTable::Row::total) return " class=\"total\"";
  return {};
}

}  // namespace

std::string HtmlTable::row_of(const std::vector<Cell>& cells, Row row) const {
  std::string out = fmt::format("<tr{}>", class_of(row));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string value =
        cells[i].sort_value.empty() ? "" : fmt::format(" data-v=\"{}\"", cells[i].sort_value);
    const std::string_view kind =
        i < columns_.size() && columns_[i].kind == Kind::number ? " class=\"n\"" : "";
    out += i == 0 ? fmt::format("<th scope=\"row\"{}{}>{}</th>", kind, value, cells[i].markup)
                  : fmt::format("<td{}{}>{}</td>", kind, value, cells[i].markup);
  }
  return out + "</tr>\n";
}

void HtmlTable::add_row(std::string_view markup) {
  body_ += markup;
  ++rows_;
}

std::string HtmlTable::render(std::string_view id) const {
  std::string out = fmt::format("<div class=\"wide\"><table{}{}>\n<caption>{}</caption>\n<thead><tr>",
                                id.empty() ? "" : fmt::format(" id=\"{}\"", id),
                                order_ == Order::by_person ? " class=\"order\"" : "", caption_);
  for (const Column& column : columns_)
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.kind == Kind::number ? " class=\"n\"" : "",
                       column.title);
  return out + "</tr></thead>\n<tbody>\n" + body_ + "</tbody></table></div>\n";
}

HtmlTable::Cell HtmlTable::number(std::uint64_t value) {
  return {with_separators(value), std::to_string(value)};
}

HtmlTable::Cell HtmlTable::bytes(std::uint64_t value) {
  return {to_human_bytes(value), std::to_string(value)};
}

HtmlPage::HtmlPage(const ReportView& figures, const HtmlFacts& more, const HtmlOptions& how)
    : view(figures), facts(more), options(how) {
  style_.width = kNoLineBreaks;
  style_.program = how.program;
  style_.config_path = how.config_path;
  style_.shown_plan = how.shown_plan;
}

void HtmlPage::section(std::string_view id, std::string_view title) {
  out_ += fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n",
                      id, title);
}

void HtmlPage::subheading(std::string_view title) {
  out_ += fmt::format("<h3>{}</h3>\n", title);
}

void HtmlPage::paragraph(std::string_view text, std::string_view css_class) {
  out_ += css_class.empty() ? fmt::format("<p>{}</p>\n", html_sentence(text))
                            : fmt::format("<p class=\"{}\">{}</p>\n", css_class, html_sentence(text));
}

void HtmlPage::command(std::string_view text) {
  out_ += fmt::format("<pre>{}</pre>\n", html_sentence(text));
}

HtmlTable::Cell HtmlPage::share(std::uint64_t part, std::uint64_t whole) const {
  return {share_bar(part, whole) + words().share(part, whole),
          std::to_string(to_percent_tenths(part, whole))};
}

std::string HtmlPage::ruling(std::string_view name) const {
  std::string_view css_class = "pass";
  if (name == "warn") css_class = "warn";
  if (name == "refuse") css_class = "refuse";
  return fmt::format("<b class=\"badge {}\">{}</b>", css_class, words().ruling_text(name));
}

std::uint64_t HtmlPage::needed_of(std::size_t source) const {
  const ReportView::Source& of = view.sources[source];
  const bool counts_outside = source >= facts.sources.size() || !facts.sources[source].outside_ignored;
  return of.distinct_keys + (counts_outside ? of.outside : 0);
}

std::string HtmlPage::scope() const {
  constexpr std::size_t kPrefixesShown = 3;
  std::string out = html_key(view.store_url, 200);
  if (view.prefixes.size() == 1 && view.prefixes.front().empty()) return out + " (the whole bucket)";
  for (std::size_t i = 0; i < view.prefixes.size() && i < kPrefixesShown; ++i)
    out += (i == 0 ? " under " : ", ") + html_key(view.prefixes[i], 200);
  if (view.prefixes.size() > kPrefixesShown)
    out += fmt::format(" and {} more", view.prefixes.size() - kPrefixesShown);
  return out;
}

}  // namespace flotsam
