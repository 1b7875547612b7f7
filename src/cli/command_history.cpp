#include "cli/commands.h"
#include "cli/print_result.h"
#include "cli/session.h"
#include "workflow/restore_workflow.h"

namespace flotsam::cli {
namespace {

int run_history_command(Session& session) {
  const auto config = session.load();
  if (!config) return kUsage;
  NullProgress progress;
  World world = session.world(progress);
  const auto entries = run_history(*config, world);
  if (!entries) return session.fail_run(entries.error());
  return print_result(session, HistoryReport{*entries}, kDone);
}

}  // namespace

Command history_command() {
  return {
      .name = "history",
      .argument = "",
      .summary = "past scans, applies, undos, rescues and purges with their figures",
      .flags = {},
      .examples = {{"flotsam history",
                    "The runs of this state, oldest first, and what changed between scans."},
                   {"flotsam history --json", "The same for a script."}},
      .exit_codes = "0 done; 1 failed, also where the history cannot be believed; 2 usage or configuration.",
      .run = run_history_command,
  };
}

}  // namespace flotsam::cli
