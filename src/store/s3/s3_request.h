#pragma once

/// What is asked of a bucket and its objects. Pure: an address and a question become an unsigned HttpRequest.

#include <string>
#include <string_view>

#include "aws/signer.h"
#include "http/transport.h"
#include "model/key.h"
#include "store/s3/s3_address.h"

namespace flotsam {

/// One question, before it has a host, a region and a signature. Only the three functions below make one: a
/// bucket can be read and be sent a batch of deletions, all else names an object. So no request of ours can
/// delete or change a bucket itself.
class S3Ask {
 public:
  /// GET /bucket?query
  static S3Ask of_bucket(QueryParameters parameters);
  /// METHOD /bucket/key?query; the key is not empty.
  static S3Ask of_object(std::string method, KeyView key, QueryParameters parameters = {},
                         HttpHeaders headers = {}, std::string body = {});
  /// POST /bucket?delete= (S3 API: DeleteObjects)
  static S3Ask of_batch(std::string body, HttpHeaders headers);

  const std::string& method() const { return method_; }
  const Key& key() const { return key_; }
  /// GET and HEAD: asking again changes nothing.
  bool is_read() const { return method_ == "GET" || method_ == "HEAD"; }

  /// The request, unsigned.
  ///
  ///   GET /books/a%20b?query         Host: bucket.s3.eu-west-1.amazonaws.com      (virtual)
  ///   GET /bucket/books/a%20b?query  Host: 127.0.0.1:9000                         (path)
  ///   x-amz-expected-bucket-owner: 123456789012                                   (where one is set)
  HttpRequest request_to(const S3Address& address, std::string_view region) const;

 private:
  S3Ask() = default;
  std::string method_ = "GET";
  Key key_;  ///< empty: the bucket itself
  QueryParameters parameters_;
  HttpHeaders headers_;
  std::string body_;
};

/// S3Ask::of_bucket as a request.
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
