#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/s3/s3_remover.h"
#include "store/s3/s3_restorer.h"
#include "store/s3/s3_store.h"
#include "store/store_contract.h"
#include "support/fake_s3.h"
#include "support/removal_contract.h"
#include "support/s3_test_client.h"

namespace flotsam::test {

/// A bucket of any S3 server for the contract of removal.
class BucketUnderRemoval : public RemovalStore {
 public:
  static constexpr const char* kQuarantine = "kept/.flotsam-quarantine/";

  BucketUnderRemoval(S3Server server, std::string bucket);

  bool put(const std::string& key, const std::string& bytes) override;
  bool put_rich(const std::string& key, const std::string& bytes) override;
  std::string properties_of(const std::string& key) override;
  void erase(const std::string& key) override;
  std::optional<std::string> bytes_of(const std::string& key) override;
  std::vector<std::string> keys() override;
  void spoil_quarantined(const std::string& run_id, const std::string& key,
                         const std::string& bytes) override;
  Result<std::unique_ptr<Lister>> open_lister() override;
  Result<std::unique_ptr<Remover>> open_remover() override;
  Result<std::unique_ptr<Restorer>> open_restorer() override;

  S3TestClient& client() { return client_; }
  const std::string& bucket() const { return bucket_; }
  std::string quarantine_url() const { return "s3://" + bucket_ + "/" + kQuarantine; }
  StoreContext context() { return {&environment_, &clock_, &log_}; }
  StoreOptions options() const { return server_.options(bucket_); }

 protected:
  S3Server server_;
  S3TestClient client_;
  std::string bucket_;
  Environment environment_;
  WakefulClock clock_;
  NullLog log_;
  S3Tuning tuning_{.connections = 8};
};

/// A new bucket of the Ceph gateway; versioning "Enabled", "Suspended" or empty.
Result<std::unique_ptr<BucketUnderRemoval>> make_rgw_bucket(const std::string& versioning);

/// The same of the server that FLOTSAM_TEST_S3_ENDPOINT, _ACCESS_KEY and _SECRET_KEY name, or else of the
/// gateway.
Result<std::unique_ptr<BucketUnderRemoval>> make_server_bucket(const std::string& versioning);

}  // namespace flotsam::test
