#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"
#include "report/guard_units.h"
#include "report/html_chart.h"
#include "report/html_page.h"
#include "report/html_text.h"

// The first screen: the verdict, whether the references match at all, what the guards say, and what would
// mend it.

namespace flotsam {
namespace {

using Kind = HtmlTable::Kind;
using Source = ReportView::Source;

constexpr std::size_t kSourcesShown = 50, kDanglingShown = 5;
constexpr std::size_t kDanglingBytesShown = 300;

void write_tile(HtmlPage& page, std::string_view figure, std::string_view what, std::string_view more) {
  page.add(fmt::format("<div><dt>{}</dt><dd><b>{}</b> {}</dd></div>\n", what, figure, more));
}

void write_tiles(HtmlPage& page) {
  const ReportView& view = page.view;
  std::uint64_t bytes = 0, resolved = 0, needed = 0;
  for (const auto& row : view.verdicts) bytes += row.bytes;
  for (std::size_t i = 0; i < view.sources.size(); ++i) {
    if (!view.sources[i].resolution) continue;
    resolved += view.sources[i].resolved;
    needed += page.needed_of(i);
  }
  page.add("<dl class=\"tiles\">\n");
  write_tile(page, with_separators(view.scanned), "objects scanned", to_human_bytes(bytes));
  write_tile(page, page.words().share(resolved, needed), "referenced keys that exist",
             fmt::format("{} of {}", with_separators(resolved), with_separators(needed)));
  write_tile(page, with_separators(view.unreferenced), "unreferenced objects",
             fmt::format("{} % of all", view.unreferenced_percentage));
  write_tile(page, with_separators(view.plan_objects), "in the plan for deletion",
             to_human_bytes(view.plan_bytes));
  page.add("</dl>\n");
}

std::string outcome_text(const HtmlPage& page) {
  const ReportView& view = page.view;
  const bool again = page.words().is_shown_again();
  std::string text;
  if (view.status == "refused") {
    std::uint64_t refusing = 0;
    std::string names;
    for (const auto& guard : view.guards) {
      if (guard.ruling != "refuse") continue;
      names += (refusing++ == 0 ? "" : ", ") + guard.id;
    }
    text = fmt::format("{} {} deletion: {}. ", counted(refusing, "guard"),
                       refusing == 1 ? "refuses" : "refuse", names);
    text += again ? "The scan deleted nothing. It exited 4: a guard refused."
                  : "Nothing was deleted. Exit code 4: a guard refused.";
  } else {
    text = again ? "The scan deleted nothing." : "Nothing was deleted. Exit code 0: done.";
  }
  const std::uint64_t suspects = view.objects_of("suspect"), young = view.objects_of("young");
  if (suspects > 0)
    text += fmt::format(" Of {} another spelling is referenced: suspects, in no plan.",
                        counted(suspects, "object"));
  if (young > 0) text += fmt::format(" {} too young to judge.", counted(young, "object"));
  return text;
}

HtmlTable sources_table(const HtmlPage& page) {
  HtmlTable table("What each source of references needs, and how much of it exists",
                  {{"source"},
                   {"rows", Kind::number},
                   {"keys", Kind::number},
                   {"resolved", Kind::number},
                   {"dangling", Kind::number},
                   {"outside", Kind::number}});
  for (std::size_t i = 0; i < page.view.sources.size() && i < kSourcesShown; ++i) {
    const Source& source = page.view.sources[i];
    const bool poor = source.resolution && source.dangling + source.outside > source.resolved;
    const bool none = !source.resolution || source.distinct_keys + source.outside == 0;
    std::string rows = with_separators(source.rows);
    if (source.empty > 0) rows += fmt::format("<br><small>{} empty</small>", with_separators(source.empty));
    if (source.unmatched > 0)
      rows += fmt::format("<br><small>{} unmatched</small>", with_separators(source.unmatched));
    table.add({{html_key(source.name, 120)},
               {rows},
               HtmlTable::number(source.distinct_keys),
               {none ? "–" : fmt::format("<b>{} %</b>", *source.resolution)},
               HtmlTable::number(source.dangling),
               HtmlTable::number(source.outside)},
              poor ? HtmlTable::Row::telling : HtmlTable::Row::plain);
  }
  return table;
}

/// Object only, both, reference only: no overlap is a matter of spelling.
void write_three_parts(HtmlPage& page) {
  const std::uint64_t both = page.view.objects_of("referenced");
  const std::uint64_t missing = page.view.needed_keys - std::min(both, page.view.needed_keys);
  const std::vector<ChartPart> parts = {
      {page.view.unreferenced, "unref",
       fmt::format("object only {}", with_separators(page.view.unreferenced))},
      {both, "rest", fmt::format("both {}", with_separators(both))},
      {missing, "missing", fmt::format("reference only {}", with_separators(missing))}};
  const std::string bar =
      stacked_bar(parts, fmt::format("{}, {}, {}", parts[0].label, parts[1].label, parts[2].label));
  if (!bar.empty()) page.add(bar + legend_of(parts));
}

void write_dangling(HtmlPage& page) {
  for (std::size_t i = 0; i < page.view.sources.size() && i < kSourcesShown; ++i) {
    const Source& source = page.view.sources[i];
    if (source.sample_dangling.empty()) continue;
    const std::size_t count = std::min(source.sample_dangling.size(), kDanglingShown);
    page.add(fmt::format("<p>Needed by {}, but no such object exists ({} of {}):</p>\n<ul class=\"keys\">\n",
                         html_key(source.name, 120), count,
                         with_separators(std::max<std::uint64_t>(source.dangling, count))));
    for (std::size_t k = 0; k < count; ++k)
      page.add("<li>" + html_key(source.sample_dangling[k], kDanglingBytesShown) + "</li>\n");
    page.add("</ul>\n");
  }
}

void write_ruling(HtmlPage& page, const ReportView::Guard& guard) {
  const GuardUnit unit = unit_of_guard(guard.id);
  std::string figures;
  if (guard.value) figures += to_human_number(unit, *guard.value);
  if (guard.limit)
    figures += fmt::format("{}limit {}", figures.empty() ? "" : ", ", to_human_number(unit, *guard.limit));
  if (guard.ruling == "refuse" && !guard.overridable)
    figures += figures.empty() ? "no override" : ", no override";
  page.add(fmt::format("<li>{} <b>{}</b>{} <span>{}</span></li>\n", page.ruling(guard.ruling),
                       html_sentence(guard.id), figures.empty() ? "" : ": " + html_sentence(figures) + ".",
                       html_sentence(guard.message)));
}

}  // namespace

void write_html_verdict(HtmlPage& page) {
  const bool refused = page.view.status == "refused";
  page.add(fmt::format("<header class=\"{}\">\n<p class=\"over\">flotsam scan of {}, {}</p>\n",
                       refused ? "refused" : "fine", page.scope(), clock_text(page.view.finished_at)));
  const std::string headline = html_headline(page);
  page.add(fmt::format("<h1><span aria-hidden=\"true\">{}</span> {}</h1>\n", refused ? "✗" : "✓",
                       html_sentence(headline)));
  page.paragraph(outcome_text(page));
  if (!page.view.warning.empty())
    page.add(fmt::format("<p>{} {}</p>\n", page.ruling("warn"), html_sentence(page.view.warning)));
  write_tiles(page);
  page.add("</header>\n");
}

void write_html_references(HtmlPage& page) {
  page.section("references", "Do the references match?");
  page.add(sources_table(page).render());
  if (page.view.sources.size() > kSourcesShown)
    page.paragraph(
        fmt::format("{} more sources are in the report's JSON.", page.view.sources.size() - kSourcesShown));
  write_three_parts(page);
  write_dangling(page);
  page.end_section();
}

void write_html_rulings(HtmlPage& page) {
  const auto& guards = page.view.guards;
  const auto count = [&](std::string_view ruling) {
    return std::count_if(guards.begin(), guards.end(),
                         [&](const auto& guard) { return guard.ruling == ruling; });
  };
  const auto refusing = count("refuse"), passing = count("pass");
  page.section("rulings", refusing > 0 ? "Why it is refused" : "Guards");
  page.add("<ul class=\"rulings\">\n");
  for (const std::string_view ruling : {"refuse", "warn"})
    for (const auto& guard : guards)
      if (guard.ruling == ruling) write_ruling(page, guard);
  if (passing > 0)
    page.add(fmt::format("<li>{} {} {} (<a href=\"#guards\">all guards</a>)</li>\n", page.ruling("pass"),
                         counted(static_cast<std::uint64_t>(passing), "guard"),
                         passing == 1 ? "passes" : "pass"));
  page.add("</ul>\n");
  page.end_section();
}

void write_html_diagnosis(HtmlPage& page) {
  if (page.view.diagnosis.empty()) return;
  page.section("diagnosis", "What would mend it");
  for (std::size_t i = 0; i < page.view.diagnosis.size(); ++i) {
    const auto& each = page.view.diagnosis[i];
    page.paragraph(each.message);
    if (each.proposal.empty()) continue;
    std::string where =
        each.source.empty() ? "In <code>[store]</code>" : "In the block of " + html_key(each.source, 120);
    if (i < page.facts.proposals.size() && page.facts.proposals[i])
      where += fmt::format(" (resolves {} of {})", with_separators(page.facts.proposals[i]->resolves),
                           with_separators(page.facts.proposals[i]->of));
    page.add("<p>" + where + ":</p>\n<pre>");
    std::string_view left = each.proposal;
    while (!left.empty()) {
      const std::size_t end = std::min(left.find('\n'), left.size());
      page.add(html_sentence(left.substr(0, end)) + "\n");
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    page.add("</pre>\n");
  }
  page.end_section();
}

}  // namespace flotsam
