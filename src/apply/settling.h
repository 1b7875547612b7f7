#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "apply/plan_pages.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/state.h"
#include "base/time.h"
#include "model/object.h"
#include "plan/plan.h"

namespace flotsam {

/// True for an object that was uploaded in parts (its etag ends in "-N"): its time is when the upload began.
bool is_multipart(const Object& object);

/// When objects that were uploaded in parts have settled (SPEC §7): an hour after the first plan in the state
/// that names them unchanged, by the latest reading of the references.
///
/// The plans of the state are looked through once, and only where the plan in hand is younger than an hour.
/// Then it needs 16 bytes for each such object of the plan.
class Settling {
 public:
  Settling(const Plan& plan, PlanPages& pages, State& state, Log& log)
      : plan_(plan), pages_(pages), state_(state), log_(log) {}

  /// When the object may be deleted by a reading that began then or later. Errors: those of the state and the
  /// plan in hand. An older plan that cannot be read counts as not there.
  Result<Timestamp> settled_at(const Object& object);

 private:
  Result<void> look_through_plans();
  std::uint64_t hash_of(const Object& object) const;

  const Plan& plan_;
  PlanPages& pages_;
  State& state_;
  Log& log_;
  KeyedHash hash_{random_seed()};
  bool looked_ = false;
  std::vector<std::pair<std::uint64_t, Timestamp>> first_seen_;  ///< sorted; by the hash of their identity
};

}  // namespace flotsam
