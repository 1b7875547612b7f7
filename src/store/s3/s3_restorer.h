#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "store/open.h"
#include "store/restorer.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// A bucket as a Restorer. Errors: those of open_s3_remover().
Result<std::unique_ptr<Restorer>> open_s3_restorer(const StoreOptions& options,
                                                   const std::optional<std::string>& quarantine,
                                                   const StoreContext& context, const S3Tuning& tuning = {});

}  // namespace flotsam
