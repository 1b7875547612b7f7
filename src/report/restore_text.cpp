#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "report/run_page.h"
#include "report/run_report.h"

// What undo, rescue and purge did, or would do, for a person.

namespace flotsam {
namespace {

constexpr std::size_t kSampleShown = 10;

std::string place_text(std::string_view place) {
  if (place == "marker") return "below a delete marker";
  if (place == "version") return "an older version";
  if (place == "quarantine") return "in quarantine";
  return std::string(place);
}

void write_superseded(TextPage& page, const RestoreResultSummary& result) {
  if (result.superseded_count == 0) return;
  page.heading("Left alone");
  page.paragraph(fmt::format("At {} something newer stands:", counted(result.superseded_count, "key")));
  write_keys(page, result.superseded, result.superseded_count);
}

void write_lost(TextPage& page, const RestoreResultSummary& result) {
  if (result.lost == 0) return;
  page.heading("Lost");
  page.paragraph(fmt::format("The bytes of {} are nowhere any more.", counted(result.lost, "object")));
}

// Everything below the first sentence, and how to go on; after a dry run there is nothing to go on with.
enum class GoesOn { yes, no };
void write_rest(TextPage& page, const RestoreResultSummary& result, const std::string& command,
                GoesOn goes_on = GoesOn::yes) {
  write_stop(page, result.stopped_by);
  if (!page.style.quiet) write_superseded(page, result);
  write_lost(page, result);
  write_failed(page, result.failed, result.failed_count);
  if (page.style.quiet) return;
  if (result.left + result.failed_count > 0 && goes_on == GoesOn::yes) {
    page.heading("Next");
    page.paragraph(fmt::format(
        "The journal is complete. Go on with the {}{}:", counted(result.left + result.failed_count, "object"),
        result.failed_count > 0 ? " once the cause of the failures is mended" : ""));
    page.command(command);
  }
  if (!result.journal.empty() && goes_on == GoesOn::yes) {
    page.add("\n");
    page.fact("journal", page.key(result.journal));
  }
}

std::string restored_text(const RestoreResultSummary& result, bool dry_run) {
  if (result.restored == 0) return dry_run ? "Nothing would be brought back." : "Nothing was brought back.";
  return fmt::format("{} {} ({}).{}", dry_run ? "Would bring back" : "Brought back",
                     counted(result.restored, "object"), to_human_bytes(result.bytes),
                     dry_run ? " This was a dry run: nothing was changed." : "");
}

void write_rescue_sample(TextPage& page, const RescueReport& report) {
  if (report.sample.empty()) return;
  const std::size_t shown = std::min(report.sample.size(), kSampleShown);
  page.heading(fmt::format("Samples ({} of {} found)", shown, with_separators(report.found)));
  Table table({{"key", Table::Align::left, true, 0},
               {"size", Table::Align::right, false, 2},
               {"bytes are", Table::Align::left, false, 0},
               {"needed by", Table::Align::left, false, 1}},
              2);
  for (std::size_t i = 0; i < shown; ++i) {
    const RescueReport::Found& found = report.sample[i];
    table.add({{page.key(found.key.bytes())},
               {to_human_bytes(found.size_bytes)},
               {place_text(found.place)},
               {page.key(found.source)}});
  }
  page.add(table);
}

void write_purge_sample(TextPage& page, const PurgeReport& report) {
  if (report.sample.empty()) return;
  const std::size_t shown = std::min(report.sample.size(), kSampleShown);
  page.heading(fmt::format("Samples ({} of {} that go for good)", shown, with_separators(report.due)));
  Table table({{"key", Table::Align::left, true, 0},
               {"size", Table::Align::right, false, 0},
               {"moved by", Table::Align::left, false, 1}},
              2);
  for (std::size_t i = 0; i < shown; ++i)
    table.add({{page.key(report.sample[i].key.bytes())},
               {to_human_bytes(report.sample[i].size_bytes)},
               {page.key(report.sample[i].run_id)}});
  page.add(table);
}

void write_purge_counts(TextPage& page, const PurgeReport& report) {
  page.heading("Quarantine");
  write_reason(page, report.quarantined, "quarantined", "all objects in the quarantine");
  write_reason(page, report.due, "due",
               fmt::format("moved there {} ago or earlier, and unreferenced: go for good ({})",
                           counted(static_cast<std::uint64_t>(report.undo_days), "day"),
                           to_human_bytes(report.due_bytes)));
  if (report.referenced > 0)
    write_reason(page, report.referenced, "referenced", "due, but referenced again: go back to their keys");
  if (report.kept > 0)
    write_reason(page, report.kept, "kept",
                 "due, but no orphans by the references and rules of now: left alone");
  if (report.unknown > 0)
    write_reason(page, report.unknown, "unknown",
                 "no journal of this state tells when they were moved: left alone");
}

}  // namespace

std::string to_text(const UndoReport& report, const TextStyle& style) {
  RunPage page(style);
  write_outcome(page, report.result.status, restored_text(report.result, report.dry_run));
  const std::string command = page.with_config("undo " + shell_quoted(report.asked));
  if (!style.quiet && report.result.restored > 0 && !report.dry_run)
    page.paragraph(
        "For undo_days no plan will name them, and the plan that was undone is spent: to delete again, scan "
        "again.");
  write_rest(page, report.result, command, report.dry_run ? GoesOn::no : GoesOn::yes);
  if (!style.quiet && report.result.restored > 0 && report.dry_run) {
    page.heading("Next");
    page.paragraph("To bring them back:");
    page.command(command);
  }
  return page.take();
}

std::string to_text(const RescueReport& report, const TextStyle& style) {
  RunPage page(style);
  const std::string found =
      report.found == 0
          ? fmt::format(
                "Of {} under which no object stands, none can be brought back: their bytes are nowhere in "
                "this store.",
                counted(report.dangling, "needed key"))
          : fmt::format("Of {} under which no object stands, {} can be brought back ({}).",
                        counted(report.dangling, "needed key"), with_separators(report.found),
                        to_human_bytes(report.bytes));
  if (report.restored) {
    write_outcome(page, report.restored->status, restored_text(*report.restored, false));
    if (!style.quiet) page.paragraph(found);
    write_rest(page, *report.restored, page.with_config("rescue"));
    return page.take();
  }
  write_outcome(
      page, RunStatus::ok,
      report.dangling == 0 ? "Under every needed key an object stands: there is nothing to rescue." : found);
  if (style.quiet || report.found == 0) return page.take();
  write_rescue_sample(page, report);
  page.heading("Next");
  page.paragraph("Nothing was changed. To bring all of them back:");
  page.command(page.with_config(fmt::format("rescue --expect {}", report.found)));
  return page.take();
}

std::string to_text(const PurgeReport& report, const TextStyle& style) {
  RunPage page(style);
  if (report.refused) {
    write_outcome(
        page, RunStatus::refused,
        "A guard of the scan that comes first refuses: nothing was purged, and the quarantine was not "
        "looked at.");
    write_guards(page, report.guards);
    return page.take();
  }
  if (report.done) {
    const RestoreResultSummary& done = *report.done;
    std::string text =
        fmt::format("Purged {} ({}) for good.", counted(done.purged, "object"), to_human_bytes(done.bytes));
    if (done.restored > 0)
      text += fmt::format(" {} went back, because {} referenced again.", counted(done.restored, "object"),
                          done.restored == 1 ? "it is" : "they are");
    write_outcome(page, done.status, text);
    if (!style.quiet) write_purge_counts(page, report);
    write_rest(page, done, page.with_config("purge"));
    return page.take();
  }
  write_outcome(page, RunStatus::ok,
                report.quarantined == 0
                    ? "The quarantine is empty: there is nothing to purge."
                    : fmt::format("Of {} in quarantine, {} ({}) would go for good. Nothing was changed.",
                                  counted(report.quarantined, "object"), with_separators(report.due),
                                  to_human_bytes(report.due_bytes)));
  if (style.quiet || report.quarantined == 0) return page.take();
  write_purge_counts(page, report);
  write_purge_sample(page, report);
  if (report.due + report.referenced > 0) {
    page.heading("Next");
    page.paragraph("What is purged cannot be brought back by anything. If it may go:");
    page.command(page.with_config(fmt::format("purge --expect {}", report.due)));
  }
  return page.take();
}

}  // namespace flotsam
