#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"
#include "report/text_page.h"
#include "report/view_rows.h"

// The tables in the middle of the report: verdicts, shapes, first path parts, groups, ages and sizes.

namespace flotsam {
namespace {

using Align = Table::Align;
using Row = ReportView::Row;

constexpr std::size_t kShapesShown = 20;
constexpr std::size_t kPartsShown = 20;
constexpr std::size_t kGroupsShown = 10;
constexpr std::size_t kBarColumns = 24;

Colour colour_of(const Row& row) {
  return is_fully_unreferenced(row) ? Colour::orange : Colour::none;
}

std::string name_of(const TextPage& page, const Row& row) {
  return page.key(row.name);
}

/// As long as the bin is high, its unreferenced part first, in the marks of the three-part bar. No colours: a
/// cell has one for all its text.
std::string bar_of(const ReportView::Bin& bin, std::uint64_t highest, const TextStyle& style) {
  TextStyle plain = style;
  plain.colour = false;
  const double exact = static_cast<double>(bin.objects) / static_cast<double>(highest) * kBarColumns;
  const std::size_t least = bin.orphans > 0 && bin.orphans < bin.objects ? 2 : 1;
  return to_bar({{bin.orphans, "▒", "o", Colour::none},
                 {bin.objects - std::min(bin.orphans, bin.objects), "█", "#", Colour::none}},
                std::max(static_cast<std::size_t>(exact + 0.5), least), plain);
}

template <typename ToText>
void write_histogram(TextPage& page, std::string_view title, const std::vector<ReportView::Bin>& bins,
                     const ToText& to_text) {
  const std::uint64_t highest = highest_of(bins);
  if (highest == 0) return;
  const bool has_bar = page.style.width >= 72;
  std::vector<Table::Column> columns = {
      {std::string(title), Align::left, true, 0}, {"objects"}, {"unref."}, {"share", Align::right, false, 1}};
  if (has_bar) columns.push_back({"", Align::left, false, 2});
  Table table(std::move(columns), 2);
  for (const auto& bin : without_empty_ends(bins)) {
    std::vector<Table::Cell> row = {{range_text(bin, to_text)},
                                    {with_separators(bin.objects)},
                                    {with_separators(bin.orphans)},
                                    {page.share(bin.orphans, bin.objects)}};
    if (has_bar) {
      row.push_back({bar_of(bin, highest, page.style)});
    }
    table.add(std::move(row));
  }
  page.add(table);
}

}  // namespace

void write_verdicts(TextPage& page) {
  page.heading("Verdicts");
  Table table({{"verdict", Align::left, false, 0},
               {"objects"},
               {"share", Align::right, false, 1},
               {"bytes", Align::right, false, 0},
               {"", Align::left, false, 2}},
              2);
  std::uint64_t objects = 0, bytes = 0;
  for (const auto& row : page.view.verdicts) {
    objects += row.objects;
    bytes += row.bytes;
    const bool tells = (row.name == "orphan" || row.name == "suspect") && row.objects > 0;
    const Colour colour = tells ? Colour::orange : row.objects == 0 ? Colour::dim : Colour::none;
    table.add({{page.key(row.name), colour},
               {with_separators(row.objects), colour},
               {page.share(row.objects, page.view.scanned), colour},
               {to_human_bytes(row.bytes), colour},
               {std::string(meaning_of(row.name)), Colour::dim}});
  }
  table.add_rule();
  table.add({{"scanned", Colour::bold},
             {with_separators(objects), Colour::bold},
             {page.share(objects, page.view.scanned), Colour::bold},
             {to_human_bytes(bytes), Colour::bold},
             {}});
  page.add(table);
}

void write_shapes(TextPage& page) {
  if (page.view.shapes.empty()) return;
  page.heading("Shapes (unref.: no reference needs or explains them)");
  Table table({{"shape", Align::left, true, 0},
               {"objects"},
               {"unref."},
               {"share", Align::right, false, 1},
               {"bytes", Align::right, false, 2},
               {"unref. bytes", Align::right, false, 3}},
              2);
  for (const Row& row : shortened(most_telling(page.view.shapes), kShapesShown))
    table.add({{name_of(page, row), colour_of(row)},
               {with_separators(row.objects)},
               {with_separators(row.orphans), colour_of(row)},
               {page.share(row.orphans, row.objects), colour_of(row)},
               {to_human_bytes(row.bytes)},
               {to_human_bytes(row.orphan_bytes), colour_of(row)}});
  page.add(table);
}

void write_first_parts_and_groups(TextPage& page) {
  if (!page.view.first_parts.empty()) {
    page.heading("First path parts");
    Table table({{"part", Align::left, true, 0},
                 {"objects"},
                 {"unref."},
                 {"share", Align::right, false, 1},
                 {"", Align::left, false, 2}},
                2);
    std::vector<Row> rows = page.view.first_parts;
    for (const Row& row : shortened(rows, kPartsShown)) {
      const bool foreign = row.orphans > 0 && row.known == 0;
      table.add({{name_of(page, row)},
                 {with_separators(row.objects)},
                 {with_separators(row.orphans)},
                 {page.share(row.orphans, row.objects)},
                 {foreign ? "! nothing here is referenced" : "", Colour::orange}});
    }
    page.add(table);
  }
  const bool any = std::any_of(page.view.groups.begin(), page.view.groups.end(),
                               [](const Row& row) { return row.orphans > 0; });
  if (!any) return;
  page.heading("Groups");
  Table table({{"group", Align::left, true, 0},
               {"objects"},
               {"unref."},
               {"share", Align::right, false, 1},
               {"unref. bytes", Align::right, false, 2}},
              2);
  for (const Row& row : shortened(page.view.groups, kGroupsShown))
    table.add({{name_of(page, row)},
               {with_separators(row.objects)},
               {with_separators(row.orphans)},
               {page.share(row.orphans, row.objects)},
               {to_human_bytes(row.orphan_bytes)}});
  page.add(table);
}

void write_histograms(TextPage& page) {
  const bool has_ages = highest_of(page.view.ages) > 0, has_sizes = highest_of(page.view.sizes) > 0;
  if (!has_ages && !has_sizes) return;
  page.heading("Ages and sizes");
  write_histogram(page, "age", page.view.ages, days_text);
  if (has_ages && has_sizes) page.add("\n");
  write_histogram(page, "size", page.view.sizes, size_text);
}

}  // namespace flotsam
