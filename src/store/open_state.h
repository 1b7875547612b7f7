#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/state.h"
#include "store/open.h"

namespace flotsam {

/// Opens the state that `[state] dir` names: a folder, or "s3://bucket/.flotsam-state/"
/// (store/s3/s3_state.h), for which region, endpoint, addressing, profile and expected owner are those of the
/// store. Connects to nothing and makes nothing yet. Errors: those of open_store().
Result<std::unique_ptr<State>> open_state(const std::string& dir_or_url, const StoreOptions& options,
                                          const StoreContext& context);

}  // namespace flotsam
