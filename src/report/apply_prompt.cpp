#include <algorithm>
#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "report/run_page.h"
#include "report/run_report.h"

// What a person sees before typing the number of objects that are to be deleted.

namespace flotsam {
namespace {

constexpr std::size_t kShapesShown = 10;

std::string method_text(const TextPage& page, const ApplyPrompt& prompt) {
  switch (prompt.method) {
    case DeleteMethod::version:
      return "version: a delete marker over each object; the bucket keeps what is below it";
    case DeleteMethod::quarantine:
      return prompt.quarantine.empty()
                 ? "quarantine: each object is moved aside"
                 : fmt::format("quarantine: each object is moved to {}", page.key(prompt.quarantine));
    case DeleteMethod::permanent:
      return "permanent: each object is deleted for good";
    case DeleteMethod::none:
      return "none: there is no way to delete that the configuration allows";
  }
  check_failed("a method has a sentence", __FILE__, __LINE__);
}

std::string undo_text(const ApplyPrompt& prompt) {
  if (prompt.method == DeleteMethod::permanent) return "not possible: what is deleted cannot be brought back";
  return fmt::format("flotsam undo brings everything back for {}",
                     counted(static_cast<std::uint64_t>(prompt.undo_days), "day"));
}

std::string prefixes_text(const TextPage& page) {
  std::string text;
  for (const std::string& prefix : page.view.prefixes)
    text += (text.empty() ? "" : ", ") + (prefix.empty() ? "(the whole store)" : page.key(prefix));
  return text;
}

void write_facts(TextPage& page, const ApplyPrompt& prompt) {
  page.fact("store", page.key(prompt.store_url));
  page.fact("prefixes", prefixes_text(page));
  page.fact("objects", fmt::format("{} ({})", with_separators(prompt.objects), to_human_bytes(prompt.bytes)));
  page.fact("method", method_text(page, prompt));
  page.fact("undo", undo_text(prompt));
  page.fact("scan", clock_text(page.view.finished_at));
  page.fact("plan", page.key(prompt.plan_id));
  if (prompt.resumes)
    page.fact("", "an earlier run of this plan is gone on with: what it deleted is among the objects");
}

void write_warnings(TextPage& page) {
  for (const auto& guard : page.view.guards)
    if (guard.ruling == "warn")
      page.paragraph(guard.message, 2,
                     fmt::format("{:<12}{}  ", page.ruling_text("warn"), page.key(guard.id)),
                     TextPage::colour_of("warn"));
}

void write_rulings(TextPage& page, const ApplyPrompt& prompt) {
  const auto warns = [](const auto& guard) { return guard.ruling == "warn"; };
  const bool has_warnings = std::any_of(page.view.guards.begin(), page.view.guards.end(), warns);
  if (prompt.overridden.empty()) {
    if (has_warnings) page.heading("Guards");
  } else {
    write_guards(page, prompt.overridden);
  }
  write_warnings(page);
}

void write_kinds(TextPage& page) {
  Table table({{"shape", Table::Align::left, true, 0},
               {"unref.", Table::Align::right, false, 0},
               {"of objects", Table::Align::right, false, 1},
               {"unref. bytes", Table::Align::right, false, 2}},
              2);
  std::size_t rows = 0, more = 0;
  for (const auto& shape : page.view.shapes) {
    if (shape.orphans == 0) continue;
    if (rows == kShapesShown) {
      ++more;
      continue;
    }
    ++rows;
    table.add({{page.key(shape.name)},
               {with_separators(shape.orphans)},
               {with_separators(shape.objects)},
               {to_human_bytes(shape.orphan_bytes)}});
  }
  if (table.empty()) return;
  page.heading("Shapes");
  page.add(table);
  if (more > 0) page.paragraph(fmt::format("and {} more", counted(more, "shape")));
  const std::uint64_t suspects = page.view.objects_of("suspect");
  if (suspects > 0)
    page.paragraph(fmt::format("{} counted here {} in no plan.", counted(suspects, "suspect"),
                               suspects == 1 ? "is" : "are"));
}

void write_planned_samples(TextPage& page) {
  Table table({{"key", Table::Align::left, true, 0},
               {"size", Table::Align::right, false, 1},
               {"age", Table::Align::right, false, 2}},
              2);
  std::size_t count = 0;
  for (const auto& sample : page.view.samples) {
    if (sample.verdict != "orphan") continue;
    ++count;
    table.add({{page.key(sample.key)},
               {to_human_bytes(sample.size_bytes)},
               {sample.last_modified ? page.age_of(*sample.last_modified) : "unknown"}});
  }
  if (count == 0) return;
  page.heading(fmt::format("Samples ({} of {}, spread over shapes and groups)", count,
                           with_separators(std::max<std::uint64_t>(page.view.plan_objects, count))));
  page.add(table);
}

}  // namespace

Result<std::string> apply_prompt(const ApplyPrompt& prompt, const TextStyle& style) {
  FLOTSAM_ASSIGN(const ReportView view, parse_report_view(prompt.report, prompt.evidence));
  TextStyle used = style;
  used.width = std::max(style.width, kTextWidthMin);
  TextPage page(view, used);
  page.heading(fmt::format("{} to be deleted", counted(prompt.objects, "object")));
  write_facts(page, prompt);
  write_rulings(page, prompt);
  write_kinds(page);
  write_planned_samples(page);
  page.add("\n");
  page.paragraph(
      "References are read again, and each object is looked at again just before it is deleted: what is "
      "needed by "
      "then, or was changed, stays.",
      0);
  page.add("\n");
  page.add(fmt::format("Type the number of objects to delete them ({}); anything else leaves all as it is: ",
                       prompt.objects));
  return page.take();
}

}  // namespace flotsam
