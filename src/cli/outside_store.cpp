#include "cli/outside_store.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "model/key.h"
#include "model/scope.h"

namespace flotsam::cli {

Result<void> check_outside_store(const Config& config, std::span<const std::filesystem::path> files) {
  if (config.store.directory.empty()) return {};
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    const auto inner = std::filesystem::weakly_canonical(file, error);
    const auto outer = std::filesystem::weakly_canonical(config.store.directory, error);
    const auto relative = inner.lexically_relative(outer);
    if (error || relative.empty() || *relative.begin() == ".." || is_own(KeyView(relative.native())))
      continue;
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} lies inside the store, where the next scan would judge it", in_quotes(file.native())),
        "Name a file elsewhere.");
  }
  return {};
}

}  // namespace flotsam::cli
