#include "cli/restore_exit.h"

#include "cli/cli.h"

namespace flotsam::cli {

int exit_code_of(const RestoreResultSummary& done, const Cancel& cancel) {
  if (done.status == RunStatus::refused) return kRefused;
  if (done.status == RunStatus::ok && done.failed_count == 0 && done.lost == 0 && done.left == 0)
    return kDone;
  return cancel.requested() ? kInterrupted : kIncomplete;
}

}  // namespace flotsam::cli
