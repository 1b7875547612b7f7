#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/state.h"
#include "base/time.h"
#include "plan/history.h"

namespace flotsam {

/// The journals of the state against its history, which every finished run is told to: a journal that is
/// gone, or that was cut at the end of a line, is seen by nothing else. Errors: corrupt, service_code "Plan"
/// (exit 6) in the first two.

/// Before an apply: that the history knows of no deletions by this plan that its journal does not hold.
Result<void> check_apply_journal(State& state, const std::string& plan_id);

/// Before an undo: the same of the journal that is to be undone.
inline Result<void> check_undone_journal(State& state, const std::string& journal_id) {
  return check_apply_journal(state, journal_id);
}

/// Before a scan or an apply: that every undo, rescue and purge of the last `undo_days` that brought
/// something back has its journal, which says what is protected.
Result<void> check_restorations(State& state, Timestamp now, int undo_days);

}  // namespace flotsam
