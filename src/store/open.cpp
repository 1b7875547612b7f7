#include "store/open.h"

#include <filesystem>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/directory/directory_probe.h"
#include "store/directory/directory_remover.h"
#include "store/directory/directory_restorer.h"
#include "store/directory/directory_store.h"
#include "store/prober.h"
#include "store/remover.h"
#include "store/restorer.h"
#include "store/s3/s3_probe.h"
#include "store/s3/s3_remover.h"
#include "store/s3/s3_restorer.h"
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

/// The folder that the URL names. Errors: invalid_argument for a setting that only a bucket knows, or no
/// absolute path.
Result<std::filesystem::path> root_of(const StoreOptions& options) {
  if (const std::string_view name = foreign_setting_of(options); !name.empty())
    return fail(ErrorCode::invalid_argument,
                fmt::format("[store] {} is set, but the store is a directory", name),
                fmt::format("remove {} or name a bucket: url = \"s3://BUCKET\"", name));
  const std::string path = options.url.substr(std::string_view("file://").size());
  if (!path.starts_with('/'))
    return fail(ErrorCode::invalid_argument,
                fmt::format("store URL {} names no absolute path", in_quotes(options.url)),
                "write it like \"file:///srv/media\"");
  return std::filesystem::path(path);
}

enum class Kind { s3, directory };
Result<Kind> kind_of(const StoreOptions& options, const StoreContext& context) {
  CHECK(context.environment != nullptr && context.clock != nullptr && context.log != nullptr);
  if (options.url.starts_with("s3://")) return Kind::s3;
  if (options.url.starts_with("file://")) return Kind::directory;
  return fail(ErrorCode::invalid_argument,
              fmt::format("store URL {} is neither s3:// nor file://", in_quotes(options.url)),
              "write it like \"s3://my-bucket\" or \"file:///srv/media\"");
}

/// A quarantine is of its store's kind. A directory's is an absolute path.
Result<void> check_quarantine(Kind kind, const std::optional<std::string>& quarantine) {
  if (!quarantine) return {};
  if (kind == Kind::s3 && !quarantine->starts_with("s3://"))
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("the quarantine {} is in no bucket, but the store is one", in_quotes(*quarantine)),
        "write it like quarantine = \"s3://BUCKET/.flotsam-quarantine/\"");
  if (kind == Kind::directory && !quarantine->starts_with('/'))
    return fail(ErrorCode::invalid_argument,
                fmt::format("the quarantine {} is no absolute path, but the store is a directory",
                            in_quotes(*quarantine)),
                "name a folder on the store's own file system: quarantine = \"/srv/.flotsam-quarantine\"");
  return {};
}

}  // namespace

Result<std::unique_ptr<Lister>> open_store(const StoreOptions& options, const StoreContext& context) {
  FLOTSAM_ASSIGN(const Kind kind, kind_of(options, context));
  if (kind == Kind::s3) return open_s3_store(options, context);
  FLOTSAM_ASSIGN(const std::filesystem::path root, root_of(options));
  return open_directory_store(root, context);
}

Result<std::unique_ptr<Remover>> open_remover(const StoreOptions& options,
                                              const std::optional<std::string>& quarantine,
                                              const StoreContext& context) {
  FLOTSAM_ASSIGN(const Kind kind, kind_of(options, context));
  FLOTSAM_TRY(check_quarantine(kind, quarantine));
  if (kind == Kind::s3) return open_s3_remover(options, quarantine, context);
  FLOTSAM_ASSIGN(const std::filesystem::path root, root_of(options));
  return open_directory_remover(root, quarantine, context);
}

Result<std::unique_ptr<Restorer>> open_restorer(const StoreOptions& options,
                                                const std::optional<std::string>& quarantine,
                                                const StoreContext& context) {
  FLOTSAM_ASSIGN(const Kind kind, kind_of(options, context));
  FLOTSAM_TRY(check_quarantine(kind, quarantine));
  if (kind == Kind::s3) return open_s3_restorer(options, quarantine, context);
  FLOTSAM_ASSIGN(const std::filesystem::path root, root_of(options));
  return open_directory_restorer(root, quarantine, context);
}

Result<ProbeFindings> probe_store(const StoreOptions& options, const std::string& prefix,
                                  const StoreContext& context, const Cancel& cancel) {
  FLOTSAM_ASSIGN(const Kind kind, kind_of(options, context));
  if (kind == Kind::s3) return probe_s3(options, prefix, context, cancel);
  FLOTSAM_ASSIGN(const std::filesystem::path root, root_of(options));
  return probe_directory(root, prefix, cancel);
}

}  // namespace flotsam
