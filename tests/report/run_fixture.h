#pragma once

#include <string>

#include "report/run_report.h"

namespace flotsam::test {

/// 15 of 15 objects, by a delete marker each.
ApplyResult done_apply();
/// Every reason to leave an object alone, another count each; two guards overridden; some settle.
ApplyResult skipping_apply();
/// 9,100 of 9,214; 18 failed by three codes, the first of them with hostile keys.
ApplyResult partial_apply();
/// The references of now refused before anything was deleted.
ApplyResult refused_apply();
/// The references of now refused after 111 objects.
ApplyResult refused_midway_apply();
ApplyResult permanent_apply();

RestoreResultSummary done_restore();
/// Superseded, lost, failed and left, of each something, with hostile keys.
RestoreResultSummary partial_restore();

RescueReport found_rescue();
PurgeReport due_purge();
LockReport two_locks();
/// Two scopes; every kind of run, among them an apply that went on and what hostile names may be.
HistoryReport busy_history();
/// 61 scans.
HistoryReport long_history();

ApplyPrompt prompt_of_healthy();
ApplyPrompt prompt_of_hostile();

}  // namespace flotsam::test
