#include "store/open_state.h"

#include <filesystem>

#include "base/disk_state.h"
#include "store/s3/s3_state.h"

namespace flotsam {

Result<std::unique_ptr<State>> open_state(const std::string& dir_or_url, const StoreOptions& options,
                                          const StoreContext& context) {
  if (dir_or_url.starts_with("s3://")) return open_s3_state(dir_or_url, options, context);
  return open_disk_state(std::filesystem::path(dir_or_url));
}

}  // namespace flotsam
