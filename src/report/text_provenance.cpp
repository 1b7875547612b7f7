#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "report/guard_units.h"
#include "report/text_page.h"

// Where the figures come from, what they rest on, and what to type next.

namespace flotsam {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A clock that is off by more than this makes ages by the machine's clock wrong, and signatures fail.
constexpr std::int64_t kClockDifferenceMax = 5;

std::string time_of_day(Timestamp moment) {
  return to_rfc3339(moment).substr(11, 8) + " UTC";
}

std::string value_of(const Pairs& pairs, std::string_view name) {
  for (const auto& [known, value] : pairs)
    if (known == name) return value;
  return {};
}

std::string prefixes_text(const TextPage& page) {
  std::string text;
  for (const std::string& prefix : page.view.prefixes)
    text += (text.empty() ? "" : ", ") + (prefix.empty() ? "(the whole store)" : page.key(prefix));
  return text;
}

void write_store(TextPage& page) {
  const ReportView& view = page.view;
  std::string store = page.key(view.store_url);
  if (!view.region.empty()) store += ", region " + page.key(view.region);
  store += ", versioning " + page.key(view.versioning);
  page.fact("store", store);
  page.fact("prefixes", prefixes_text(page));
  if (!view.store_identity.empty()) page.fact("identity", page.key(view.store_identity));
  if (!view.credentials.empty()) page.fact("credentials", page.key(view.credentials));
  const auto difference = std::chrono::duration_cast<Seconds>(view.local_clock - view.store_clock).count();
  if (std::llabs(difference) > kClockDifferenceMax)
    page.fact("clock",
              fmt::format("warn ! this machine's clock is {} {} the store's; ages count by the store's",
                          to_human_seconds(std::llabs(difference)), difference > 0 ? "ahead of" : "behind"));
  std::string listing =
      fmt::format("{} in {}", counted(view.listed, "object"), counted(view.requests, "request"));
  if (view.retries > 0)
    listing += ", " + (view.retries == 1 ? std::string("1 retry")
                                         : fmt::format("{} retries", with_separators(view.retries)));
  page.fact("listing", listing + ", complete");
  std::string skipped;
  const auto skip = [&](std::uint64_t count, std::string_view noun) {
    if (count > 0) skipped += (skipped.empty() ? "" : ", ") + counted(count, noun);
  };
  skip(view.skipped_symlinks, "symbolic link");
  skip(view.skipped_special, "special file");
  skip(view.skipped_own, "key");
  if (view.skipped_own > 0) skipped += " of flotsam's own";
  if (!skipped.empty()) page.fact("skipped", skipped);
  for (const std::string& warning : view.store_warnings) page.fact("store", "warn ! " + warning);
}

void write_reading(TextPage& page, const ReportView::Reading& reading) {
  std::string text = fmt::format("{} from {}", page.key(reading.name), page.key(reading.database));
  const std::string announced = value_of(reading.evidence, "rows_announced");
  const auto announced_count = parse_unsigned(announced);
  text += announced_count
              ? fmt::format(": {} of {}", with_separators(reading.rows), counted(*announced_count, "row"))
              : fmt::format(": {}, all that there are", counted(reading.rows, "row"));
  text += reading.true_at ? fmt::format(", as of {}", clock_text(*reading.true_at))
                          : fmt::format(", one snapshot at {}", time_of_day(reading.started_at));
  const std::string snapshot = value_of(reading.evidence, "snapshot");
  if (!snapshot.empty()) text += fmt::format(" ({})", page.key(snapshot));
  page.fact("references", text);
  if (reading.non_text_values > 0)
    page.fact("", fmt::format("warn ! {} of {} {} neither text nor bytes",
                              counted(reading.non_text_values, "value"), page.key(reading.name),
                              reading.non_text_values == 1 ? "is" : "are"));
  if (reading.invalid_utf8 > 0)
    page.fact("",
              fmt::format("{} of {} {} not UTF-8 and taken as bytes", counted(reading.invalid_utf8, "value"),
                          page.key(reading.name), reading.invalid_utf8 == 1 ? "is" : "are"));
  for (const std::string& warning : reading.warnings) page.fact("", "warn ! " + warning);
}

/// "…, then scan again:" and the command; without it where the scan's folder is not known.
void write_scan_again(TextPage& page, std::string_view advice) {
  if (page.is_shown_again())
    return page.paragraph(fmt::format("{} scan again with its configuration.", advice));
  page.paragraph(fmt::format("{} scan again:", advice));
  page.command(page.with_config("scan"));
}

void write_list_command(TextPage& page) {
  page.command(
      fmt::format("{} show {} --csv", shell_quoted(page.style.program), shell_quoted(page.plan_path())));
}

/// The command that deletes what the plan names, once it was looked at. A refusal is overridden by its name,
/// all but those that the exact number already answers.
void write_apply_command(TextPage& page) {
  std::string command =
      fmt::format("apply {} --expect {}", shell_quoted(page.plan_path()), page.view.plan_objects);
  for (const auto& guard : page.view.guards)
    if (guard.ruling == "refuse" && guard.id != "max-deletions") command += " --override " + guard.id;
  page.command(page.with_config(command));
}

void write_refused_next(TextPage& page) {
  const auto refused = [&](auto&& also) {
    return std::any_of(page.view.guards.begin(), page.view.guards.end(),
                       [&](const auto& guard) { return guard.ruling == "refuse" && also(guard); });
  };
  if (!refused([](const auto& guard) { return guard.id != "recoverable"; })) {
    write_scan_again(page,
                     "The references fit the store; what is missing is a way to undo. Change what the "
                     "refusal names, then");
    page.paragraph("Look at every object of the plan:");
    return write_list_command(page);
  }
  if (refused([](const auto& guard) {
        return is_structural(guard.id) || (!guard.overridable && guard.id != "recoverable");
      })) {
    return write_scan_again(page,
                            "The references and the store do not fit together yet. Change what the refusals "
                            "name, then");
  }
  write_scan_again(page,
                   "Look at what the refusals name. If a reference, a template or a rule is missing, add it "
                   "and");
  if (page.view.plan_objects == 0) return;
  page.paragraph("If all of it may really go, look at the whole list, then delete it:");
  write_list_command(page);
  write_apply_command(page);
}

/// The source whose moment set the cutoff, where it was not the store's clock: the one that shows the
/// earliest, by this machine's clock, which may be ahead of the store's.
const ReportView::Reading* reading_that_set_cutoff(const ReportView& view) {
  const ReportView::Reading* earliest = nullptr;
  for (const auto& reading : view.readings)
    if (reading.true_at && (earliest == nullptr || *reading.true_at < *earliest->true_at))
      earliest = &reading;
  if (earliest == nullptr) return nullptr;
  const auto ahead = std::max(view.local_clock - view.store_clock, Timestamp::duration(0));
  return *earliest->true_at - ahead < view.store_clock ? earliest : nullptr;
}

}  // namespace

void write_provenance(TextPage& page) {
  page.heading("Where this comes from");
  write_store(page);
  for (const auto& reading : page.view.readings) write_reading(page, reading);
  page.fact("scan",
            fmt::format("{} to {}", clock_text(page.view.started_at), clock_text(page.view.finished_at)));
  page.fact("plan", page.key(page.plan_path()));
  page.fact("",
            fmt::format("{}, {} ({}), until {}", page.view.plan_id, counted(page.view.plan_objects, "object"),
                        to_human_bytes(page.view.plan_bytes), clock_text(page.view.plan_expires_at)));
}

void write_assumptions(TextPage& page) {
  const std::string min_age = to_human_seconds(static_cast<std::int64_t>(page.view.min_age_seconds));
  page.heading("What it rests on");
  std::string kept;
  if (const auto* reading = reading_that_set_cutoff(page.view)) {
    kept = fmt::format(
        "Objects written after {} were kept: '{}' shows the references of {}, less the minimum age of {}.",
        clock_text(page.view.cutoff), page.key(reading->name), clock_text(*reading->true_at), min_age);
  } else {
    kept = fmt::format("Objects younger than {} (written after {} by the store's clock) were kept.", min_age,
                       clock_text(page.view.cutoff));
  }
  page.paragraph(
      fmt::format("{} This is right if an upload is recorded in the database within {}.", kept, min_age));
  page.paragraph(
      "If the application takes up old objects again without writing them, one may be missing for as long as "
      "it "
      "takes to run undo.");
  if (page.view.method == "version")
    page.paragraph(
        "The bucket keeps versions: what is deleted from it leaves a version that can be brought back.");
  if (page.view.method == "quarantine")
    page.paragraph("What is deleted goes to quarantine, from where it can be brought back.");
  if (page.view.method == "permanent")
    page.paragraph("The method is permanent: what is deleted cannot be brought back.");
}

void write_next(TextPage& page) {
  page.heading("Next");
  write_verdict_again(page);
  if (page.view.status == "refused") return write_refused_next(page);
  if (page.view.plan_objects == 0) {
    page.paragraph(page.view.objects_of("suspect") > 0
                       ? "There is nothing to delete. Look at the suspects: their references may be misspelt."
                       : "There is nothing to delete.");
    return;
  }
  page.paragraph("Look at every object of the plan:");
  write_list_command(page);
  page.paragraph("Delete them; they are looked at again, and what is no orphan any more stays:");
  write_apply_command(page);
}

}  // namespace flotsam
