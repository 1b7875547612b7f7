#include <array>
#include <fmt/format.h>
#include <numeric>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "report/run_page.h"
#include "report/run_report.h"

// What an apply did, for a person.

namespace flotsam {
namespace {

std::string_view why_of(SkipReason reason) {
  switch (reason) {
    case SkipReason::referenced:
      return "a reference needs it again";
    case SkipReason::derived:
      return "a reference explains it now";
    case SkipReason::protected_:
      return "by a glob, because it was brought back, or by a hold or retention of the store";
    case SkipReason::unrecognised:
      return "none of candidates matches it any more";
    case SkipReason::young:
      return "too young by the cutoff of now";
    case SkipReason::suspect:
      return "another spelling of it is referenced now";
    case SkipReason::changed:
      return "overwritten since the scan";
    case SkipReason::gone:
      return "nothing stood there any more: something else had deleted it";
    case SkipReason::settling:
      return "uploaded in parts, and seen for less than an hour: its upload may have ended late";
  }
  check_failed("a reason has a sentence", __FILE__, __LINE__);
}

std::uint64_t skipped_of(const ApplyResult& result) {
  return std::accumulate(result.skipped.begin(), result.skipped.end(), std::uint64_t{0});
}

// "deleted" is never said without whether, and until when, it can be undone.
std::string recoverable_text(const ApplyResult& result) {
  if (result.recoverable_until)
    return fmt::format("recoverable until {}", clock_text(*result.recoverable_until));
  if (result.method == DeleteMethod::permanent) return "not recoverable";
  return "until when they are recoverable is not known";
}

std::string deleted_text(const TextPage& page, const ApplyResult& result) {
  if (result.planned == 0)
    return fmt::format("Plan {} names no object: there was nothing to delete.", page.key(result.plan_id));
  const std::string_view more = result.status == RunStatus::refused ? " Nothing more is deleted." : "";
  if (result.deleted == 0)
    return fmt::format("Nothing was deleted of the {} of plan {}.", counted(result.planned, "object"),
                       page.key(result.plan_id));
  return fmt::format("Deleted {} of {} ({}) of plan {}; {}.{}", with_separators(result.deleted),
                     counted(result.planned, "object"), to_human_bytes(result.bytes),
                     page.key(result.plan_id), recoverable_text(result), more);
}

void write_left_alone(TextPage& page, const ApplyResult& result) {
  if (skipped_of(result) == 0 && result.left == 0) return;
  page.heading("Left alone");
  for (std::size_t i = 0; i < kSkipReasons; ++i) {
    const auto reason = static_cast<SkipReason>(i);
    if (result.skipped[i] > 0) write_reason(page, result.skipped[i], to_string(reason), why_of(reason));
  }
  if (result.left > 0) write_reason(page, result.left, "left", "not tried yet");
}

void write_undo(TextPage& page, const ApplyResult& result) {
  if (result.deleted == 0) return;
  page.heading("Undo");
  if (result.method == DeleteMethod::permanent) {
    page.paragraph("The method is permanent: what was deleted cannot be brought back.");
  } else if (result.recoverable_until) {
    page.paragraph(fmt::format("Everything deleted can be brought back until {}:",
                               clock_text(*result.recoverable_until)));
  } else {
    page.paragraph("What was deleted can be brought back as long as the store keeps it:");
  }
  if (result.method == DeleteMethod::permanent) return;
  page.command(page.with_config("undo " + shell_quoted(result.journal)));
  const std::string_view note = result.recoverable_note;
  if (!note.empty()) page.fact("note", fmt::format("{}{}", note, note.ends_with('.') ? "" : "."));
}

std::string apply_command(const TextPage& page, const ApplyResult& result) {
  const std::string& plan = page.is_shown_again() ? page.style.shown_plan : result.plan_id;
  std::string text = fmt::format("apply {} --expect {}", shell_quoted(plan), result.planned);
  for (const AppliedGuard& guard : result.guards)
    if (guard.overridden) text += " --override " + shell_quoted(guard.id);
  return page.with_config(text);
}

void write_next(TextPage& page, const ApplyResult& result) {
  const std::uint64_t settling = result.skipped[static_cast<std::size_t>(SkipReason::settling)];
  const bool goes_on = result.left > 0 || result.failed_count > 0;
  if (result.status == RunStatus::refused) {
    page.heading("Next");
    page.paragraph("Look at what the refusal names, then make a new plan:");
    page.command(page.with_config("scan"));
  } else if (goes_on) {
    page.heading("Next");
    page.paragraph(fmt::format("The journal is complete. The same plan goes on with the {}{}:",
                               counted(result.left + result.failed_count, "object"),
                               result.failed_count > 0 ? " once the cause of the failures is mended" : ""));
    page.command(apply_command(page, result));
  } else if (settling > 0) {
    page.heading("Next");
    page.paragraph(
        fmt::format("The {} that settle can be deleted by the same plan{}:", counted(settling, "object"),
                    result.retry_after ? " after " + clock_text(*result.retry_after) : " later"));
    page.command(apply_command(page, result));
  }
}

}  // namespace

std::string to_text(const ApplyResult& result, const TextStyle& style) {
  RunPage page(style);
  write_outcome(page, result.status, deleted_text(page, result));
  if (result.status != RunStatus::refused) write_stop(page, result.stopped_by);
  write_guards(page, result.guards);
  if (!style.quiet) write_left_alone(page, result);
  write_failed(page, result.failed, result.failed_count);
  if (style.quiet) return page.take();
  write_undo(page, result);
  write_next(page, result);
  if (result.deleted == 0 && !result.journal.empty()) {
    page.add("\n");
    page.fact("journal", page.key(result.journal));
  }
  return page.take();
}

}  // namespace flotsam
