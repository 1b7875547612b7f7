#pragma once

/// How one bucket is reached: what its Lister, Remover, Restorer and probe have in common.

#include <chrono>
#include <memory>
#include <string>

#include "base/environment.h"
#include "base/error.h"
#include "http/transport.h"
#include "store/lister.h"
#include "store/open.h"
#include "store/s3/bucket_settings.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// One bucket, its session and the making of connections to it. Thread-safe.
class S3Place {
 public:
  S3Place(S3Address address, std::unique_ptr<CredentialProvider> credentials, const StoreContext& context,
          const S3Tuning& tuning, std::string ca_bundle, std::string listable_prefix);

  S3Session& session() { return session_; }
  const S3Address& address() const { return session_.address(); }
  const std::string& bucket() const { return session_.address().bucket; }
  /// StoreOptions::listable_prefix.
  const std::string& listable_prefix() const { return listable_prefix_; }
  /// Connections whose exchanges end when `cancel` is requested; nothing: never.
  std::unique_ptr<TransportFactory> transports(const Cancel* cancel) const;
  /// The same for what may be silent for long, as a large copy is.
  std::unique_ptr<TransportFactory> patient_transports() const;

  /// Lister::facts(). Tells in `lock` what StoreFacts has no word for.
  Result<StoreFacts> facts(ObjectLock* lock = nullptr);

 private:
  S3Session session_;
  Environment environment_;
  std::string ca_bundle_;
  std::string listable_prefix_;
};

/// Reads settings and credentials and works out the address. Connects to nothing. Errors: those of
/// open_store().
Result<std::unique_ptr<S3Place>> open_s3_place(const StoreOptions& options, const StoreContext& context,
                                               const S3Tuning& tuning);

}  // namespace flotsam
