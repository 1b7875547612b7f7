#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"
#include "report/guard_units.h"
#include "report/text_page.h"

// The first screen: the verdict on the run, whether the references match at all, and what the guards say.

namespace flotsam {
namespace {

constexpr std::size_t kDanglingShown = 5;

std::string scope_text(const TextPage& page) {
  const auto& prefixes = page.view.prefixes;
  std::string text = page.key(page.view.store_url);
  if (prefixes.size() == 1 && prefixes.front().empty()) return text + " (the whole bucket)";
  for (std::size_t i = 0; i < prefixes.size() && i < 3; ++i)
    text += (i == 0 ? " under " : ", ") + page.key(prefixes[i]);
  if (prefixes.size() > 3) text += fmt::format(" and {} more", prefixes.size() - 3);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> refusing_guards(const ReportView& view) {
  std::vector<std::string> ids;
  for (const auto& guard : view.guards)
    if (guard.ruling == "refuse") ids.push_back(guard.id);
  return ids;
}

/// What could not be judged yet: no reference names it, but it is not old enough (or, with several sightings
/// asked for, not seen often enough) to be called an orphan. Empty where there is none.
std::string young_text(const TextPage& page) {
  const std::uint64_t young = page.view.objects_of("young");
  if (young == 0) return {};
  return fmt::format(" {} {}{} that no reference names {} too young to judge.", with_separators(young),
                     page.view.unreferenced > 0 ? "more " : "", young == 1 ? "object" : "objects",
                     young == 1 ? "is" : "are");
}

void write_refused(TextPage& page) {
  const std::vector<std::string> ids = refusing_guards(page.view);
  const std::string lead = page.style.unicode ? "✗ REFUSED: " : "X REFUSED: ";
  page.paragraph(
      fmt::format("{} of {} ({} %) are unreferenced in {}, and {} {} deletion.{}",
                  with_separators(page.view.unreferenced), counted(page.view.scanned, "object"),
                  page.view.unreferenced_percentage, scope_text(page), counted(ids.size(), "guard"),
                  ids.size() == 1 ? "refuses" : "refuse", young_text(page)),
      0, lead, Colour::orange);
  page.paragraph(fmt::format("Refusing: {}.", joined(ids)));
  page.paragraph(page.is_shown_again()
                     ? "The scan deleted nothing. The scan exited 4: a guard refused."
                     : "Nothing was deleted. Exit code 4: a guard refused. Report and plan are complete, and "
                       "a script that goes on to apply stops here.");
}

void write_exit_code(TextPage& page) {
  const ReportView& view = page.view;
  if (page.is_shown_again()) return page.paragraph("The scan deleted nothing.");
  std::string text = "Nothing was deleted. Exit code 0: done";
  if (view.unreferenced > 0)
    text += fmt::format("; with --exit-code 3: {} found and no guard refuses",
                        view.plan_objects > 0 ? "orphans" : "unreferenced objects");
  page.paragraph(text + ".");
}

void write_not_refused(TextPage& page) {
  const ReportView& view = page.view;
  const std::string lead = page.style.unicode ? "✓ " : "ok: ";
  const std::uint64_t suspects = view.objects_of("suspect");
  std::string text;
  if (view.scanned == 0) {
    text = fmt::format("No orphans: there is no object in {}.", scope_text(page));
  } else if (view.plan_objects > 0) {
    text = fmt::format("{} ({}) among {} in {}, and no guard refuses.", counted(view.plan_objects, "orphan"),
                       to_human_bytes(view.plan_bytes), counted(view.scanned, "object"), scope_text(page));
  } else {
    text = fmt::format("No orphans{} among {} in {}.", view.objects_of("young") > 0 ? " yet" : "",
                       counted(view.scanned, "object"), scope_text(page));
  }
  if (suspects > 0)
    text += fmt::format(" Of {} another spelling is referenced: {}, and in no plan.",
                        counted(suspects, "object"), suspects == 1 ? "it is a suspect" : "they are suspects");
  page.paragraph(text + young_text(page), 0, lead, Colour::blue);
  write_exit_code(page);
}

void write_sources(TextPage& page) {
  using Align = Table::Align;
  const auto any = [&](auto member) {
    return std::any_of(page.view.sources.begin(), page.view.sources.end(),
                       [&](const ReportView::Source& source) { return source.*member > 0; });
  };
  const bool has_empty = any(&ReportView::Source::empty), has_unmatched = any(&ReportView::Source::unmatched);
  std::vector<Table::Column> columns = {{"source", Align::left, true, 0}, {"rows", Align::right, false, 2}};
  if (has_empty) columns.push_back({"empty", Align::right, false, 4});
  if (has_unmatched) columns.push_back({"unmatched", Align::right, false, 3});
  columns.push_back({"keys", Align::right, false, 1});
  columns.push_back({"resolved", Align::right, false, 0});
  columns.push_back({"dangling", Align::right, false, 0});
  columns.push_back({"outside", Align::right, false, 0});
  Table table(std::move(columns), 2);
  for (const auto& source : page.view.sources) {
    const bool poor = source.resolution && source.dangling + source.outside > source.resolved;
    const std::string dash = page.style.unicode ? "–" : "-";
    const bool none = !source.resolution || source.distinct_keys + source.outside == 0;
    std::vector<Table::Cell> row = {{page.key(source.name)}, {with_separators(source.rows)}};
    if (has_empty) row.push_back({with_separators(source.empty)});
    if (has_unmatched) row.push_back({with_separators(source.unmatched)});
    row.push_back({with_separators(source.distinct_keys)});
    row.push_back({none ? dash : *source.resolution + " %", poor ? Colour::orange : Colour::none});
    row.push_back({with_separators(source.dangling)});
    row.push_back({with_separators(source.outside)});
    table.add(std::move(row));
  }
  page.add(table);
  for (const auto& source : page.view.sources) {
    if (source.templates.size() < 2) continue;
    for (const auto& each : source.templates)
      page.paragraph(fmt::format("{}: {} of {} exist", page.key(each.text), with_separators(each.resolved),
                                 counted(each.distinct_keys, "key")),
                     4);
  }
}

void write_three_parts(TextPage& page) {
  const std::uint64_t both = page.view.objects_of("referenced");
  const std::uint64_t missing = page.view.needed_keys - std::min(both, page.view.needed_keys);
  const std::vector<BarPart> parts = {{page.view.unreferenced, "▒", "o", Colour::orange},
                                      {both, "█", "#", Colour::blue},
                                      {missing, "░", ".", Colour::none}};
  const std::string bar = to_bar(parts, std::min<std::size_t>(page.style.width, 100) - 4, page.style);
  if (bar.empty()) return;
  page.add(fmt::format("\n  [{}]\n", bar));
  const auto mark = [&](std::size_t i) { return page.style.unicode ? parts[i].mark : parts[i].ascii_mark; };
  page.paragraph(fmt::format("{} object only {} · {} both {} · {} reference only {}", mark(0),
                             with_separators(page.view.unreferenced), mark(1), with_separators(both), mark(2),
                             with_separators(missing)));
}

void write_dangling(TextPage& page) {
  for (const auto& source : page.view.sources) {
    if (source.sample_dangling.empty()) continue;
    const std::size_t count = std::min(source.sample_dangling.size(), kDanglingShown);
    page.add("\n");
    page.paragraph(fmt::format("Needed by {}, but no such object exists ({} of {}):", page.key(source.name),
                               count, with_separators(std::max<std::uint64_t>(source.dangling, count))));
    for (std::size_t i = 0; i < count; ++i)
      page.add("    " + cut_middle(page.key(source.sample_dangling[i]), page.style.width - 4, page.style) +
               "\n");
  }
}

void write_guard(TextPage& page, const ReportView::Guard& guard) {
  const GuardUnit unit = unit_of_guard(guard.id);
  std::string figures;
  if (guard.value) figures += to_human_number(unit, *guard.value);
  if (guard.limit)
    figures += fmt::format("{}limit {}", figures.empty() ? "" : ", ", to_human_number(unit, *guard.limit));
  if (guard.ruling == "refuse" && !guard.overridable)
    figures += figures.empty() ? "no override" : ", no override";
  const std::string sign = page.ruling_text(guard.ruling);
  page.paragraph(fmt::format("{}{}", guard.id, figures.empty() ? "" : ": " + figures), 2,
                 sign + std::string(10 - std::min<std::size_t>(columns_of(sign), 9), ' '),
                 TextPage::colour_of(guard.ruling));
  page.paragraph(guard.message, 4);
}

}  // namespace

void write_verdict_sentence(TextPage& page) {
  if (page.view.status == "refused") {
    write_refused(page);
  } else {
    write_not_refused(page);
  }
  if (!page.view.warning.empty())
    page.paragraph(page.view.warning, 2, page.ruling_text("warn") + " ", TextPage::colour_of("warn"));
}

void write_verdict_again(TextPage& page) {
  const ReportView& view = page.view;
  const bool refused = view.status == "refused";
  const std::uint64_t suspects = view.objects_of("suspect"), young = view.objects_of("young");
  std::string text;
  if (refused) {
    text = "by " + counted(refusing_guards(view).size(), "guard");
  } else if (view.plan_objects > 0) {
    text = fmt::format("{} ({})", counted(view.plan_objects, "orphan"), to_human_bytes(view.plan_bytes));
  } else {
    text = young > 0 ? "No orphans yet" : "No orphans";
  }
  if (!refused && suspects > 0) text += ", " + counted(suspects, "suspect");
  if (!refused && young > 0) text += fmt::format(", {} too young to judge", with_separators(young));
  const std::string lead =
      refused ? (page.style.unicode ? "✗ REFUSED " : "X REFUSED ") : (page.style.unicode ? "✓ " : "ok: ");
  page.paragraph(fmt::format("{}; plan {}", text, page.key(page.plan_path())), 2, lead,
                 refused ? Colour::orange : Colour::blue);
}

void write_references(TextPage& page) {
  page.heading("References");
  write_sources(page);
  write_three_parts(page);
  write_dangling(page);
}

void write_rulings(TextPage& page, Passing passing) {
  std::uint64_t passed = 0;
  bool first = true;
  for (const std::string_view ruling : {"refuse", "warn"}) {
    if (ruling == "warn" && passing == Passing::hidden) continue;
    for (const auto& guard : page.view.guards) {
      if (guard.ruling != ruling) continue;
      if (first) page.heading(passing == Passing::hidden ? "Refusals" : "Guards");
      if (!first) page.add("\n");
      first = false;
      write_guard(page, guard);
    }
  }
  if (passing == Passing::hidden) return;
  for (const auto& guard : page.view.guards) passed += guard.ruling == "pass" ? 1U : 0U;
  if (first) page.heading("Guards");
  if (!first && passed > 0) page.add("\n");
  if (passed > 0) {
    const std::string sign = page.ruling_text("pass");
    page.paragraph(fmt::format("{} {}", counted(passed, "guard"), passed == 1 ? "passes" : "pass"), 2,
                   sign + std::string(10 - columns_of(sign), ' '), Colour::blue);
  }
  if (page.view.diagnosis.empty()) return;
  page.heading("Diagnosis");
  for (const auto& each : page.view.diagnosis) {
    page.paragraph(each.message);
    if (!each.proposal.empty()) page.command(page.key(each.proposal));
  }
}

}  // namespace flotsam
