#pragma once

#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "scan/read_references.h"
#include "store/lister.h"

namespace flotsam {

/// The store's clock against this machine's. Errors: corrupt where the store's is more than a day ahead: ages
/// cannot be judged by it.
Result<void> check_clock(const StoreFacts& facts);

/// The latest time of an object that is old enough (SPEC §4): the earlier of the store's clock and what every
/// source shows, less min_age. What a source shows is told by this machine's clock; where that is ahead of
/// the store's, the difference comes off.
Timestamp cutoff_of(const StoreFacts& facts, const std::vector<ReadSource>& sources, Seconds min_age);

}  // namespace flotsam
