#include <fmt/format.h>

#include "base/text.h"
#include "report/run_page.h"
#include "report/run_report.h"

// Who holds what, for a person.

namespace flotsam {
namespace {

std::string prefixes_text(const TextPage& page, const std::vector<std::string>& prefixes) {
  std::string text;
  for (const std::string& prefix : prefixes)
    text += (text.empty() ? "" : ", ") + (prefix.empty() ? "(the whole store)" : page.key(prefix));
  return text;
}

void write_holder(TextPage& page, const LockHolder& holder, Timestamp now) {
  page.heading(page.key(holder.run));
  // Of an entry that could not be read, nothing more is known.
  if (holder.prefixes.empty()) return;
  page.fact("prefixes", prefixes_text(page, holder.prefixes));
  page.fact("machine", fmt::format("{}, process {}", page.key(holder.host), holder.pid));
  page.fact("since", clock_text(holder.acquired_at));
  page.fact("lease", fmt::format("{} {}", holder.expires_at < now ? "expired" : "until",
                                 clock_text(holder.expires_at)));
}

}  // namespace

std::string to_text(const LockReport& report, const TextStyle& style) {
  RunPage page(style);
  const std::string store = page.key(report.store_url);
  if (report.holders.empty()) {
    write_outcome(page, RunStatus::ok,
                  report.broken ? fmt::format("There was no lock to break on {}.", store)
                                : fmt::format("Nobody holds a lock on {}.", store));
    return page.take();
  }
  const std::string locks = counted(report.holders.size(), "lock");
  write_outcome(
      page, RunStatus::ok,
      report.broken ? fmt::format("Broke {} on {}.", locks, store) : fmt::format("{} on {}.", locks, store));
  if (style.quiet) return page.take();
  for (const LockHolder& holder : report.holders) write_holder(page, holder, report.now);
  page.heading("Next");
  if (report.broken) {
    page.paragraph(
        "A run that still lives sees before its next batch that its lock is gone, and stops. Go on where it "
        "stopped by "
        "the same command.");
  } else {
    page.paragraph(
        "The same run takes its lock over by itself once the lease has expired or its process is gone. If "
        "none of "
        "these runs lives any more:");
    page.command(page.with_config("unlock --force"));
  }
  return page.take();
}

}  // namespace flotsam
