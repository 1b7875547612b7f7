#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/text.h"
#include "report/guard_units.h"
#include "report/html_chart.h"
#include "report/html_page.h"
#include "report/html_text.h"
#include "report/view_rows.h"

// The tables and figures in the middle: verdicts, shapes, ages and sizes, groups, templates, guards.

namespace flotsam {
namespace {

using Kind = HtmlTable::Kind;
using Order = HtmlTable::Order;
using Row = ReportView::Row;

constexpr std::size_t kTemplatesShown = 200;
constexpr std::size_t kNameBytesShown = 600;

std::string name_of(const Row& row) {
  return html_key(row.name, kNameBytesShown);
}

HtmlTable::Row look_of(const Row& row) {
  return is_fully_unreferenced(row) ? HtmlTable::Row::telling : HtmlTable::Row::plain;
}

/// Verdicts as parts of a bar: what may go last, so that it stands at the same end in every report.
std::vector<ChartPart> verdict_parts(const ReportView& view, std::uint64_t ReportView::VerdictRow::* figure,
                                     std::string (*to_text)(std::uint64_t)) {
  std::vector<ChartPart> parts;
  for (const auto& row : view.verdicts) {
    const std::string name = html_plain_key(row.name, 40);
    const bool known = !meaning_of(row.name).empty();
    parts.push_back({row.*figure, known ? "v-" + row.name : "v-unknown",
                     fmt::format("{} {}", name, to_text(row.*figure))});
  }
  return parts;
}

template <typename ToText>
void write_histogram(HtmlPage& page, std::string_view name, const std::vector<ReportView::Bin>& bins,
                     const ToText& to_text) {
  std::vector<ChartClass> classes;
  HtmlTable table(fmt::format("{} in figures", name), {{"class"},
                                                       {"objects", Kind::number},
                                                       {"unref.", Kind::number},
                                                       {"share", Kind::number},
                                                       {"bytes", Kind::number}});
  std::uint64_t unreferenced = 0;
  for (const auto& bin : without_empty_ends(bins)) {
    const bool is_one = bin.from && bin.to && *bin.from + 1 == *bin.to;
    std::string first = "unknown", second;
    if (bin.from) first = *bin.from <= 1 && bin.to && !is_one ? "below" : to_text(*bin.from);
    if (bin.from && !is_one) second = !bin.to ? "and more" : (*bin.from <= 1 ? "" : "to ") + to_text(*bin.to);
    const std::uint64_t orphans = std::min(bin.orphans, bin.objects);
    classes.push_back({first, second, bin.objects - orphans, orphans});
    unreferenced += orphans;
    table.add(
        {{range_text(bin, to_text)},
         HtmlTable::number(bin.objects),
         HtmlTable::number(bin.orphans),
         page.share(bin.orphans, bin.objects),
         HtmlTable::bytes(bin.bytes)},
        bin.orphans > 0 && bin.orphans == bin.objects ? HtmlTable::Row::telling : HtmlTable::Row::plain);
  }
  page.add("<div>\n");
  page.subheading(name);
  page.add(
      histogram(classes, fmt::format("{}: which percentage of the unreferenced objects, and of the rest, "
                                     "lies in each class. The table below gives the counts.",
                                     name)));
  if (unreferenced > 0) {
    page.add(legend_of({{0, "unref", "% of the unreferenced"}, {0, "rest", "% of the rest"}}));
  } else {
    page.add(legend_of({{0, "rest", "% of the objects"}}));
  }
  page.add(table.render());
  page.add("</div>\n");
}

/// First path parts, or the prefixes of the configuration.
void write_parts(HtmlPage& page, std::string_view caption, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  HtmlTable table(std::string(caption),
                  {{"part"},
                   {"objects", Kind::number},
                   {"unref.", Kind::number},
                   {"share", Kind::number},
                   {"bytes", Kind::number},
                   {"unref. bytes", Kind::number},
                   {"note"}},
                  Order::by_person);
  for (const Row& row : rows) {
    const bool foreign = row.orphans > 0 && row.known == 0;
    table.add({{name_of(row)},
               HtmlTable::number(row.objects),
               HtmlTable::number(row.orphans),
               page.share(row.orphans, row.objects),
               HtmlTable::bytes(row.bytes),
               HtmlTable::bytes(row.orphan_bytes),
               {foreign ? "! nothing here is referenced" : ""}},
              foreign ? HtmlTable::Row::telling : HtmlTable::Row::plain);
  }
  page.add(table.render());
}

}  // namespace

void write_html_verdicts(HtmlPage& page) {
  page.section("verdicts", "Verdicts");
  const auto objects = verdict_parts(page.view, &ReportView::VerdictRow::objects, with_separators);
  const auto bytes = verdict_parts(page.view, &ReportView::VerdictRow::bytes, to_human_bytes);
  page.add("<p class=\"of\">Objects</p>\n" + stacked_bar(objects, "Objects by verdict, as the table lists"));
  page.add("<p class=\"of\">Bytes</p>\n" + stacked_bar(bytes, "Bytes by verdict, as the table lists"));
  HtmlTable table("Each object has exactly one verdict", {{"verdict"},
                                                          {"objects", Kind::number},
                                                          {"share", Kind::number},
                                                          {"bytes", Kind::number},
                                                          {"what it means"}});
  std::uint64_t objects_sum = 0, bytes_sum = 0;
  for (std::size_t i = 0; i < page.view.verdicts.size(); ++i) {
    const auto& row = page.view.verdicts[i];
    objects_sum += row.objects;
    bytes_sum += row.bytes;
    const bool tells = (row.name == "orphan" || row.name == "suspect") && row.objects > 0;
    const std::string piece = fmt::format(
        "<svg class=\"piece\" width=\"14\" height=\"14\" aria-hidden=\"true\"><rect class=\"{}\" "
        "width=\"14\" height=\"14\"/></svg> ",
        objects[i].fill);
    table.add({{piece + html_plain_key(row.name, 40)},
               HtmlTable::number(row.objects),
               {page.words().share(row.objects, page.view.scanned)},
               HtmlTable::bytes(row.bytes),
               {html_sentence(meaning_of(row.name))}},
              tells ? HtmlTable::Row::telling : HtmlTable::Row::plain);
  }
  table.add({{"scanned"},
             HtmlTable::number(objects_sum),
             {page.words().share(objects_sum, page.view.scanned)},
             HtmlTable::bytes(bytes_sum),
             {"all of them together"}},
            HtmlTable::Row::total);
  page.add(table.render());
  page.end_section();
}

void write_html_shapes(HtmlPage& page) {
  if (page.view.shapes.empty()) return;
  page.section("shapes", "Shapes, the most suspicious first");
  page.paragraph(
      "A shape is a key with its variable parts blanked. All of a shape unreferenced: a forgotten kind of "
      "object, or keys that are made in another way than the references say.");
  HtmlTable table("Shapes: what is unreferenced of each",
                  {{"shape"},
                   {"objects", Kind::number},
                   {"unref.", Kind::number},
                   {"share", Kind::number},
                   {"bytes", Kind::number},
                   {"unref. bytes", Kind::number}},
                  Order::by_person);
  for (const Row& row : most_telling(page.view.shapes))
    table.add({{name_of(row)},
               HtmlTable::number(row.objects),
               HtmlTable::number(row.orphans),
               page.share(row.orphans, row.objects),
               HtmlTable::bytes(row.bytes),
               HtmlTable::bytes(row.orphan_bytes)},
              look_of(row));
  page.add(table.render());
  page.end_section();
}

void write_html_ages_and_sizes(HtmlPage& page) {
  const bool has_ages = highest_of(page.view.ages) > 0, has_sizes = highest_of(page.view.sizes) > 0;
  if (!has_ages && !has_sizes) return;
  page.section("ages", "Ages and sizes: the unreferenced against the rest");
  page.paragraph(
      "Bars of one kind add up to 100 %. Where both kinds are distributed alike, nothing happened at one "
      "time; "
      "a class that only the unreferenced fill is a cliff: a migration, a restored database, uploads in "
      "flight.");
  page.add("<div class=\"pair\">\n");
  if (has_ages) write_histogram(page, "Age", page.view.ages, days_text);
  if (has_sizes) write_histogram(page, "Size", page.view.sizes, size_text);
  page.add("</div>\n");
  page.end_section();
}

void write_html_groups(HtmlPage& page) {
  const std::string map = group_map(page.view);
  if (map.empty() && page.view.first_parts.empty() && page.view.groups.empty()) return;
  page.section("groups", "Groups: where the unreferenced lie");
  if (!map.empty())
    page.add(map + legend_of({{0, "unref", "unreferenced, a group a field"}, {0, "rest", "the rest"}}));
  if (page.facts.scope_prefixes.size() > 1)
    write_parts(page, "Prefixes of the configuration", page.facts.scope_prefixes);
  write_parts(page, "First path parts", page.view.first_parts);
  if (!page.view.groups.empty()) {
    HtmlTable table("Groups: the first two parts of the path",
                    {{"group"},
                     {"objects", Kind::number},
                     {"unref.", Kind::number},
                     {"share", Kind::number},
                     {"unref. bytes", Kind::number}},
                    Order::by_person);
    for (const Row& row : page.view.groups)
      table.add({{name_of(row)},
                 HtmlTable::number(row.objects),
                 HtmlTable::number(row.orphans),
                 page.share(row.orphans, row.objects),
                 HtmlTable::bytes(row.orphan_bytes)},
                look_of(row));
    page.add(table.render());
  }
  page.end_section();
}

void write_html_templates(HtmlPage& page) {
  HtmlTable table("Which keys each template makes of the references, and how many of these exist",
                  {{"template"}, {"source"}, {"kind"}, {"keys", Kind::number}, {"objects", Kind::number}});
  std::size_t shown = 0, all = 0;
  const auto add = [&](std::string_view text, std::string_view source, std::string_view kind,
                       std::uint64_t keys, std::uint64_t objects) {
    if (++all > kTemplatesShown) return;
    ++shown;
    table.add({{html_key(text, kNameBytesShown)},
               {html_key(source, 120)},
               {std::string(kind)},
               HtmlTable::number(keys),
               HtmlTable::number(objects)});
  };
  for (std::size_t i = 0; i < page.view.sources.size(); ++i) {
    const auto& source = page.view.sources[i];
    for (const auto& each : source.templates)
      add(each.text, source.name, "needed", each.distinct_keys, each.resolved);
    if (i >= page.facts.sources.size()) continue;
    for (const auto& each : page.facts.sources[i].derived)
      add(each.text, source.name, "derived", each.distinct_keys, each.matched_objects);
  }
  if (table.empty()) return;
  page.section("templates", "Templates");
  page.add(table.render());
  if (all > shown) page.paragraph(fmt::format("{} more are in the report's JSON.", all - shown));
  page.end_section();
}

void write_html_guards(HtmlPage& page) {
  if (page.view.guards.empty()) return;
  page.section("guards", "Guards");
  HtmlTable table("Every guard: what it saw, its limit, its ruling", {{"guard"},
                                                                      {"ruling"},
                                                                      {"saw", Kind::number},
                                                                      {"limit", Kind::number},
                                                                      {"override"},
                                                                      {"what it says"}});
  for (const auto& guard : page.view.guards) {
    const GuardUnit unit = unit_of_guard(guard.id);
    table.add({{html_sentence(guard.id)},
               {page.ruling(guard.ruling)},
               {guard.value ? html_sentence(to_human_number(unit, *guard.value)) : "–"},
               {guard.limit ? html_sentence(to_human_number(unit, *guard.limit)) : "–"},
               {guard.ruling != "refuse" ? "–"
                : guard.overridable      ? "by name"
                                         : "never"},
               {html_sentence(guard.message)}},
              guard.ruling == "refuse" ? HtmlTable::Row::telling : HtmlTable::Row::plain);
  }
  page.add(table.render());
  page.end_section();
}

}  // namespace flotsam
