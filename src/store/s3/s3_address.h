#pragma once

/// s3/: a bucket behind the S3 API as a Lister. From the wire up: s3_address (which host, which name),
/// s3_request (what is asked, pure), s3_error (what an answer means), s3_client (one worker's exchanges, with
/// retries), listing_page (one page, checked), range_queue and listing_run (who lists which keys), s3_store
/// (the Lister).

#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/environment.h"
#include "base/error.h"
#include "store/open.h"

namespace flotsam {

enum class Addressing {
  path,          ///< https://host/bucket
  virtual_host,  ///< https://bucket.host
};

/// Where a bucket is. A value: nothing was connected to.
struct S3Address {
  std::string bucket;
  std::string scheme = "https";
  std::string host;       ///< of the configured endpoint; empty: AWS, whose host is computed from the region
  int port = 0;           ///< 0: the scheme's default
  std::string base_path;  ///< of the configured endpoint, without a final slash; mostly empty
  Addressing addressing = Addressing::virtual_host;
  std::string region;      ///< the one to sign for first; empty: not known (us-east-1 is tried)
  bool dualstack = false;  ///< AWS only
  bool fips = false;       ///< AWS only
  std::string expected_bucket_owner;
};

/// Works out the address from the options, then the AWS settings and variables (knowledge of their order: the
/// AWS CLI). Path addressing with an endpoint and for names that no TLS certificate covers, virtual on AWS.
/// Errors: invalid_argument for a URL that is not s3://BUCKET, an endpoint that is no http(s) URL, plain http
/// to AWS; refused for a metadata or link-local address as endpoint and for a directory bucket.
Result<S3Address> make_s3_address(const StoreOptions& options, const AwsSettings& settings,
                                  const Environment& environment);

/// The host without the bucket, for a region: the endpoint's, or AWS's for that region.
std::string service_host_of(const S3Address& address, std::string_view region);

/// What makes the bucket this one and no other: "arn:aws:s3:::bucket" on AWS (names are unique in a
/// partition), else "s3://host:port/bucket" of the endpoint.
std::string identity_of(const S3Address& address);

/// True for text that can be a region's name ("eu-west-1", "auto"); nothing else may become part of a host.
bool is_region_name(std::string_view text);

}  // namespace flotsam
