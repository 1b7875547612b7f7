#include "store/open.h"

#include <filesystem>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/directory/directory_store.h"
#include "store/s3/s3_store.h"

namespace flotsam {
namespace {

/// The first setting that only a bucket knows, or empty.
std::string_view foreign_setting_of(const StoreOptions& options) {
  if (options.region) return "region";
  if (options.endpoint) return "endpoint";
  if (options.addressing) return "addressing";
  if (options.profile) return "profile";
  if (options.expected_bucket_owner) return "expected_bucket_owner";
  return {};
}

Result<std::unique_ptr<Lister>> open_file_url(const StoreOptions& options, const StoreContext& context) {
  if (const std::string_view name = foreign_setting_of(options); !name.empty())
    return fail(ErrorCode::invalid_argument,
                fmt::format("[store] {} is set, but the store is a directory", name),
                fmt::format("remove {} or name a bucket: url = \"s3://BUCKET\"", name));
  const std::string path = options.url.substr(std::string_view("file://").size());
  if (!path.starts_with('/'))
    return fail(ErrorCode::invalid_argument,
                fmt::format("store URL {} names no absolute path", in_quotes(options.url)),
                "write it like \"file:///srv/media\"");
  return open_directory_store(std::filesystem::path(path), context);
}

}  // namespace

Result<std::unique_ptr<Lister>> open_store(const StoreOptions& options, const StoreContext& context) {
  CHECK(context.environment != nullptr && context.clock != nullptr && context.log != nullptr);
  if (options.url.starts_with("s3://")) return open_s3_store(options, context);
  if (options.url.starts_with("file://")) return open_file_url(options, context);
  return fail(ErrorCode::invalid_argument,
              fmt::format("store URL {} is neither s3:// nor file://", in_quotes(options.url)),
              "write it like \"s3://my-bucket\" or \"file:///srv/media\"");
}

}  // namespace flotsam
