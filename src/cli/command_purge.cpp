#include "cli/commands.h"
#include "cli/expect_flag.h"
#include "cli/print_result.h"
#include "cli/restore_exit.h"
#include "cli/session.h"
#include "workflow/restore_workflow.h"

namespace flotsam::cli {
namespace {

PurgeReport report_of(const PurgeOutcome& outcome, int undo_days) {
  PurgeReport report;
  report.quarantined = outcome.result.quarantined;
  report.due = outcome.result.due;
  report.due_bytes = outcome.result.due_bytes;
  report.referenced = outcome.result.referenced;
  report.kept = outcome.result.kept;
  report.unknown = outcome.result.unknown;
  report.undo_days = undo_days;
  for (const QuarantinedObject& object : outcome.result.sample)
    report.sample.push_back({object.key, object.stored.size_bytes, object.run_id});
  report.refused = outcome.refused;
  report.guards = outcome.guards;
  report.done = outcome.result.done;
  return report;
}

int exit_code_of(const PurgeOutcome& outcome, const Cancel& cancel) {
  if (outcome.refused) return kRefused;
  return outcome.result.done ? cli::exit_code_of(*outcome.result.done, cancel) : static_cast<int>(kDone);
}

int run_purge_command(Session& session) {
  const auto expect = parse_expect(session.flags());
  if (!expect) return session.misused("purge", expect.error().message);
  const auto config = session.load();
  if (!config) return kUsage;
  session.announce_interrupt();
  session.warn_of_later_features(*config);
  auto progress = session.progress();
  World world = session.world(*progress);
  const auto outcome = run_purge(*config, *expect, world);
  progress.reset();
  if (!outcome) return session.fail_run(outcome.error());
  return print_result(session, report_of(*outcome, config->deletion.undo_days),
                      exit_code_of(*outcome, *session.io().cancel));
}

}  // namespace

Command purge_command() {
  return {
      .name = "purge",
      .argument = "",
      .summary = "lists what lies in quarantine for longer than undo_days, and removes it for good",
      .flags = {{"--expect", "N", "Remove it: exactly so many objects go for good."}},
      .examples = {{"flotsam purge", "What is due? A full scan comes first; nothing is removed."},
                   {"flotsam purge --expect 15",
                    "Remove these 15 for good. What is referenced again goes back to its key."}},
      .exit_codes =
          "0 done; 1 failed; 2 usage or configuration, or no quarantine; 4 a guard of the scan or --expect "
          "refused, nothing was removed; 5 something failed, see the journal; 6 a journal of the state was "
          "changed; 7 another run holds the lock; 130 interrupted.",
      .run = run_purge_command,
  };
}

}  // namespace flotsam::cli
