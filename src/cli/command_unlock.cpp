#include "cli/commands.h"
#include "cli/print_result.h"
#include "cli/session.h"
#include "workflow/restore_workflow.h"

namespace flotsam::cli {
namespace {

int run_unlock_command(Session& session) {
  const auto config = session.load();
  if (!config) return kUsage;
  const bool force = session.flags().has("--force");
  NullProgress progress;
  World world = session.world(progress);
  const auto holders = run_unlock(*config, force, world);
  if (!holders) return session.fail_run(holders.error());
  return print_result(session, LockReport{*holders, force, config->store.url, session.io().clock->now()},
                      kDone);
}

}  // namespace

Command unlock_command() {
  return {
      .name = "unlock",
      .argument = "",
      .summary = "shows which runs hold the store's lock, and breaks it when told to",
      .flags = {{"--force", "",
                 "Break the locks that overlap the configured prefixes, whoever holds them. Only when that "
                 "run is gone for good."}},
      .examples = {{"flotsam unlock", "Who holds it, since when, until when?"},
                   {"flotsam unlock --force", "That machine will not come back: break its lock."}},
      .exit_codes = "0 done; 1 failed; 2 usage or configuration.",
      .run = run_unlock_command,
  };
}

}  // namespace flotsam::cli
