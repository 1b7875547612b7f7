#pragma once

#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/error.h"
#include "base/state.h"
#include "base/time.h"
#include "store/open.h"
#include "store/remover.h"

namespace flotsam {

/// What a probe of this store was recorded to have shown.
struct RecordedProbe {
  Timestamp at;
  DeleteCondition condition = DeleteCondition::none;  ///< what deletions may rely on
  std::string json;                                   ///< the whole record: findings and steps
  std::string place;                                  ///< where it stands
};

/// Probes the store below `prefix` (store/prober.h) and records what it learnt in the state, under the
/// store's identity. Errors: those of probe_store() and of the state.
Result<RecordedProbe> probe_and_record(const StoreOptions& options, const std::string& store_identity,
                                       const std::string& prefix, const StoreContext& context,
                                       const Cancel& cancel, State& state);

/// The last record of this store, or nothing. A record that cannot be read is corrupt: probe again.
Result<std::optional<RecordedProbe>> recorded_probe(State& state, const std::string& store_identity);

}  // namespace flotsam
