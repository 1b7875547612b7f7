#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "model/key.h"
#include "store/remover.h"

namespace flotsam {

/// For each key, in the order given, whether no object stands there: what Rejudge asks of dangling keys. What
/// cannot be told counts as absent: that makes more suspects, and they are kept. Errors: those of
/// Remover::look().
Result<std::vector<bool>> find_absent_keys(Remover& remover, std::span<const Key> keys);

}  // namespace flotsam
