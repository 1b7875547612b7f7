#pragma once

#include <memory>

#include "references/open.h"

namespace flotsam {

/// What open.cpp's table calls, one a kind of source. Each lives in the folder of its name.
Result<std::unique_ptr<ReferenceDatabase>> open_postgresql(const DatabaseOptions& options,
                                                           const DatabaseContext& context);
Result<std::unique_ptr<ReferenceDatabase>> open_mysql(const DatabaseOptions& options,
                                                      const DatabaseContext& context);
Result<std::unique_ptr<ReferenceDatabase>> open_sqlite(const DatabaseOptions& options,
                                                       const DatabaseContext& context);
Result<std::unique_ptr<ReferenceDatabase>> open_csv(const DatabaseOptions& options,
                                                    const DatabaseContext& context);

}  // namespace flotsam
