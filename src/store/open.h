#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/environment.h"
#include "base/log.h"
#include "base/time.h"
#include "store/lister.h"

namespace flotsam {

/// Everything that says which store and how to reach it, already validated in form by the configuration.
struct StoreOptions {
  std::string url;  ///< "s3://bucket" or "file:///absolute/path"
  std::optional<std::string> region;
  std::optional<std::string> endpoint;
  std::optional<std::string> addressing;  ///< "path" | "virtual"
  std::optional<std::string> profile;     ///< chosen explicitly: skips the environment's keys
  std::optional<std::string> expected_bucket_owner;
  std::string listable_prefix;  ///< one that is to be listed: where the bucket's settings cannot be read, a
                                ///< page below it proves access (a policy may allow nothing else)
};

/// What a store needs of the world.
struct StoreContext {
  const Environment* environment = nullptr;
  Clock* clock = nullptr;
  Log* log = nullptr;
};

/// Opens the store that the URL names. Connects to nothing yet, but reads credentials' files.
/// Errors: invalid_argument for another scheme or a setting that the scheme does not know; permission_denied
/// where no credentials are found (the message lists where it looked).
Result<std::unique_ptr<Lister>> open_store(const StoreOptions& options, const StoreContext& context);

}  // namespace flotsam
