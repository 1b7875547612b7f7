#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/signer.h"
#include "base/environment.h"
#include "base/error.h"
#include "http/transport.h"
#include "store/open.h"

namespace flotsam::test {

/// An S3 server that a test may write to.
struct S3Server {
  std::string endpoint;  ///< "http://127.0.0.1:PORT"
  std::string access_key, secret_key;
  std::string region = "us-east-1";
  /// With which a client reaches a bucket of it.
  Environment environment() const;
  StoreOptions options(const std::string& bucket) const;
};

/// The few writes by which a test fills a bucket. One thread.
class S3TestClient {
 public:
  explicit S3TestClient(S3Server server);

  /// Sends any signed request; the path is "/bucket" or "/bucket/key", the key as raw bytes. The answer has
  /// any status.
  Result<HttpResponse> send(const std::string& method, const std::string& bucket, std::string_view key,
                            QueryParameters parameters, std::string body, HttpHeaders headers = {});

  Result<void> create_bucket(const std::string& bucket);
  /// `refused` where the server says that it does not take this key (status 400 to 499).
  Result<void> put_object(const std::string& bucket, std::string_view key, std::string body);
  Result<void> delete_object(const std::string& bucket, std::string_view key);
  /// "Enabled" or "Suspended".
  Result<void> set_versioning(const std::string& bucket, const std::string& status);
  Result<void> put_lifecycle(const std::string& bucket, const std::string& xml);

 private:
  Result<void> expect(int status, Result<HttpResponse> response) const;
  S3Server server_;
  AwsCredentials credentials_;
  std::unique_ptr<TransportFactory> factory_;
  std::unique_ptr<Transport> transport_;
};

/// A bucket's name that no other test uses.
std::string new_bucket_name();

}  // namespace flotsam::test
