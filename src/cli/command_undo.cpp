#include "cli/commands.h"
#include "cli/print_result.h"
#include "cli/restore_exit.h"
#include "cli/session.h"
#include "workflow/restore_workflow.h"

namespace flotsam::cli {
namespace {

int run_undo_command(Session& session) {
  const ParsedFlags& flags = session.flags();
  UndoAsk ask;
  ask.journal = flags.arguments().front();
  if (ask.journal.empty()) return session.misused("undo", "JOURNAL is empty");
  ask.working_folder = session.io().working_folder;
  ask.dry_run = flags.has("--dry-run");
  const auto config = session.load();
  if (!config) return kUsage;
  session.announce_interrupt();
  session.warn_of_later_features(*config);
  auto progress = session.progress();
  World world = session.world(*progress);
  const auto done = run_undo(*config, ask, world);
  progress.reset();
  if (!done) return session.fail_run(done.error());
  const int code = exit_code_of(*done, *session.io().cancel);
  return print_result(session, UndoReport{*done, ask.dry_run, ask.journal}, code);
}

}  // namespace

Command undo_command() {
  return {
      .name = "undo",
      .argument = "JOURNAL",
      .summary = "brings back what an apply deleted, unless something newer stands there",
      .flags = {{"--dry-run", "", "Say what would come back, and change nothing."}},
      .examples = {{"flotsam undo ~/.local/state/flotsam/journals/ID.ndjson",
                    "Bring back what that apply deleted; its result names the journal."},
                   {"flotsam undo 0123456789abcdef0123456789abcdef --dry-run",
                    "What would come back? A journal's id is its plan's."}},
      .exit_codes =
          "0 done (what is superseded is listed and left alone); 1 failed, also where the apply deleted for "
          "good; 2 usage or configuration; 5 something failed or is lost, see the journal; 6 the journal is "
          "missing, was changed, or is of another store; 7 another run holds the lock; 130 interrupted, the "
          "same command goes on.",
      .run = run_undo_command,
  };
}

}  // namespace flotsam::cli
