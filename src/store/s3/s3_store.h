#pragma once

#include <memory>

#include "base/error.h"
#include "http/transport.h"
#include "store/lister.h"
#include "store/open.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// A bucket as a Lister. Sends nothing but GET. facts() and list() may be called from several threads.
/// Errors: those of open_store().
Result<std::unique_ptr<Lister>> open_s3_store(const StoreOptions& options, const StoreContext& context,
                                              const S3Tuning& tuning = {});

}  // namespace flotsam
