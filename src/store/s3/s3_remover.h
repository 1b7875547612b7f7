#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "store/open.h"
#include "store/remover.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// A bucket as a Remover. Errors: those of open_store(); invalid_argument for a quarantine that is no
/// "s3://BUCKET/….flotsam-…/".
Result<std::unique_ptr<Remover>> open_s3_remover(const StoreOptions& options,
                                                 const std::optional<std::string>& quarantine,
                                                 const StoreContext& context, const S3Tuning& tuning = {});

}  // namespace flotsam
