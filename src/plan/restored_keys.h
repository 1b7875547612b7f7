#pragma once

#include "base/error.h"
#include "base/state.h"
#include "base/time.h"
#include "model/restored_keys.h"

namespace flotsam {

/// The keys that the journals of undo, rescue and purge in the state say were brought back, or were about to
/// be, less than `undo_days` before `now`. Errors: corrupt for a journal that cannot be believed: what it
/// protects is not known then.
Result<RestoredKeys> read_restored_keys(State& state, Timestamp now, int undo_days);

}  // namespace flotsam
