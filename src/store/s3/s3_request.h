#pragma once

/// What is asked of a bucket. Pure: an address and a question become an unsigned HttpRequest.

#include <string>
#include <string_view>

#include "aws/signer.h"
#include "http/transport.h"
#include "store/s3/s3_address.h"

namespace flotsam {

/// A GET of the bucket itself with a query, unsigned. Everything this room ever sends is made here: nothing
/// but GET.
///
///   GET /?query            Host: bucket.s3.eu-west-1.amazonaws.com      (virtual)
///   GET /bucket?query      Host: 127.0.0.1:9000                         (path)
///   x-amz-expected-bucket-owner: 123456789012                           (where one is set)
HttpRequest make_bucket_get(const S3Address& address, std::string_view region, QueryParameters parameters);

/// One page of keys (S3 API: ListObjectsV2).
struct ListObjectsAsk {
  std::string prefix;
  std::string start_after;  ///< exclusive; ignored where there is a token
  std::string token;        ///< of the page before
  std::string delimiter;
  unsigned max_keys = 1000;
};

/// GET
/// /bucket?continuation-token=…&delimiter=/&encoding-type=url&list-type=2&max-keys=1000&prefix=books%2F&start-after=…
/// Only what is set is sent, but for list-type, encoding-type, max-keys and prefix, which always are.
QueryParameters list_objects_parameters(const ListObjectsAsk& ask);

/// GET /bucket?versioning= (GetBucketVersioning), ?lifecycle= (GetBucketLifecycleConfiguration),
/// ?object-lock= (GetObjectLockConfiguration).
QueryParameters sub_resource_parameters(std::string_view name);

}  // namespace flotsam
