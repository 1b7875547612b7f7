#pragma once

#include "base/cancel.h"
#include "plan/run_results.h"

namespace flotsam::cli {

/// The exit code of an undo, rescue or purge by SPEC §3: 5 where something failed, is lost or was left, 130
/// where a person interrupted it, else 0; what is superseded is no failure.
int exit_code_of(const RestoreResultSummary& done, const Cancel& cancel);

}  // namespace flotsam::cli
