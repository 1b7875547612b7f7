#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/text.h"
#include "report/rows.h"
#include "report/text_page.h"

// The tables in the middle of the report: verdicts, shapes, first path parts, groups, ages and sizes.

namespace flotsam {
namespace {

using Align = Table::Align;
using Row = ReportView::Row;

constexpr std::size_t kShapesShown = 20;
constexpr std::size_t kPartsShown = 20;
constexpr std::size_t kGroupsShown = 10;
constexpr std::size_t kBarColumns = 24;

struct VerdictText {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<VerdictText, 8> kMeanings = {{
    {"referenced", "needed by a reference"},
    {"derived", "explained by a reference"},
    {"marker", "an empty folder marker"},
    {"protected", "protected, or lately restored"},
    {"unrecognised", "none of candidates matches"},
    {"young", "after the cutoff, or undated"},
    {"suspect", "another spelling is referenced"},
    {"orphan", "none of these: in the plan"},
}};

std::string_view meaning_of(std::string_view verdict) {
  for (const VerdictText& each : kMeanings)
    if (each.name == verdict) return each.meaning;
  return {};
}

bool is_fully_unreferenced(const Row& row) {
  return row.orphans > 0 && row.orphans == row.objects;
}

/// Rows beyond the first `count`, and an "(other)" that is there already, become one last row.
std::vector<Row> shortened(const std::vector<Row>& rows, std::size_t count) {
  std::vector<Row> out;
  Row other;
  std::size_t left_out = 0;
  bool had_other = false;
  for (const Row& row : rows) {
    if (row.name != kOtherRow && out.size() < count) {
      out.push_back(row);
      continue;
    }
    had_other = had_other || row.name == kOtherRow;
    ++left_out;
    other.objects += row.objects;
    other.orphans += row.orphans;
    other.bytes += row.bytes;
    other.orphan_bytes += row.orphan_bytes;
    other.known += row.known;
  }
  if (left_out == 0) return out;
  other.name = had_other ? std::string(kOtherRow) : fmt::format("({} more)", left_out);
  out.push_back(other);
  return out;
}

std::vector<Row> most_telling(std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    const bool a_last = a.name == kOtherRow, b_last = b.name == kOtherRow;
    if (a_last != b_last) return b_last;
    if (is_fully_unreferenced(a) != is_fully_unreferenced(b)) return is_fully_unreferenced(a);
    if (a.orphan_bytes != b.orphan_bytes) return a.orphan_bytes > b.orphan_bytes;
    if (a.orphans != b.orphans) return a.orphans > b.orphans;
    return a.objects > b.objects;
  });
  return rows;
}

Colour colour_of(const Row& row) {
  return is_fully_unreferenced(row) ? Colour::orange : Colour::none;
}

std::string name_of(const TextPage& page, const Row& row) {
  return page.key(row.name);
}

std::string days_text(std::uint64_t seconds) {
  if (seconds % 86400 == 0 && seconds / 86400 == 365) return "1 y";
  if (seconds % 86400 == 0) return fmt::format("{} d", seconds / 86400);
  return to_human_seconds(static_cast<std::int64_t>(seconds));
}

/// "312 B", "16 KiB": without a decimal where the size has none.
std::string size_text(std::uint64_t bytes) {
  std::string text = to_human_bytes(bytes);
  if (const auto at = text.find(".0 "); at != std::string::npos) text.erase(at, 2);
  return text;
}

template <typename ToText>
std::string range_text(const ReportView::Bin& bin, const ToText& to_text) {
  if (!bin.from) return "unknown";
  if (!bin.to) return fmt::format("{} and more", to_text(*bin.from));
  if (*bin.from + 1 == *bin.to) return to_text(*bin.from);
  if (*bin.from <= 1) return fmt::format("below {}", to_text(*bin.to));
  return fmt::format("{} to {}", to_text(*bin.from), to_text(*bin.to));
}

/// The classes from the first to the last that holds anything; those without bounds (an unknown age) only
/// where they hold something.
std::vector<ReportView::Bin> without_empty_ends(const std::vector<ReportView::Bin>& bins) {
  std::vector<ReportView::Bin> bounded, unbounded;
  for (const auto& bin : bins) {
    if (!bin.from && bin.objects > 0) unbounded.push_back(bin);
    if (bin.from) bounded.push_back(bin);
  }
  const auto holds = [](const ReportView::Bin& bin) { return bin.objects > 0; };
  const auto first = std::find_if(bounded.begin(), bounded.end(), holds);
  const auto end = std::find_if(bounded.rbegin(), bounded.rend(), holds).base();
  std::vector<ReportView::Bin> kept;
  if (first != bounded.end()) kept.assign(first, end);
  kept.insert(kept.end(), unbounded.begin(), unbounded.end());
  return kept;
}

std::uint64_t highest_of(const std::vector<ReportView::Bin>& bins) {
  std::uint64_t highest = 0;
  for (const auto& bin : bins) highest = std::max(highest, bin.objects);
  return highest;
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
