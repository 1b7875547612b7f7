#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/delete_method.h"
#include "scan/scan.h"
#include "store/lister.h"

namespace flotsam {

/// For how long what is deleted now can be brought back.
struct Recoverability {
  std::optional<Seconds> kept;  ///< nothing: not at all, or not known
  std::string note;             ///< where it is not known or does not hold: why
  std::string refusal;          ///< the guard `recoverable` refuses: its sentence
  bool overridable = true;
};

/// What the store of now and the configuration of now grant: undo_days, or less where a lifecycle rule takes
/// the older versions, or the quarantined copies, earlier. `prefixes`: of the plan.
Recoverability recoverability_of(DeleteMethod method, const ScanRules& rules, const StoreFacts& store,
                                 const std::vector<std::string>& prefixes, int undo_days);

}  // namespace flotsam
