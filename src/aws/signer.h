#pragma once

/// aws/: what AWS services have in common: Signature Version 4, credentials, the shared configuration files.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/time.h"
#include "http/transport.h"

namespace flotsam {

/// Percent-encodes every byte outside A–Z a–z 0–9 - . _ ~ with upper-case hex; "/" too, unless it is kept.
enum class Slash { keep, encode };
void append_uri_encoded(std::string& out, std::string_view bytes, Slash slash);
std::string uri_encoded(std::string_view bytes, Slash slash);

/// Name and value of a query, not encoded yet. make_query() encodes both, sorts by encoded name then value,
/// and writes an empty value as "name=": it is the query of the request and of its signature alike.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
std::string make_query(QueryParameters parameters);

struct SigningScope {
  std::string region;
  std::string service;  ///< "s3": path encoded once and not normalised
};

/// How the path enters the canonical request: as it goes out (S3, whose keys are never normalised), or with
/// "." and
/// ".." and double slashes folded and encoded once more (all other services).
enum class CanonicalPath { as_sent, normalised };

/// Signs requests by Signature Version 4 in the Authorization header (AWS: "Create a signed AWS API
/// request"). Sets x-amz-date, x-amz-content-sha256 (service s3) and x-amz-security-token, in place of those
/// of an earlier signature. Signs host and every header of the request, so that what stands on the way can
/// neither change nor drop a condition or an owner; left out is what proxies rewrite and libcurl adds
/// (accept-encoding, authorization, connection, content-length, expect, te, transfer-encoding, user-agent,
/// x-amzn-trace-id). Keeps the signing key of the day, so one signer a worker. Not thread-safe.
class SigV4Signer {
 public:
  explicit SigV4Signer(SigningScope scope) : scope_(std::move(scope)) {}
  /// `request.target` is final: what is signed is what goes out.
  void sign(HttpRequest& request, const AwsCredentials& credentials, Timestamp now);

  /// For tests against AWS's published vectors.
  static std::string canonical_request(const HttpRequest& request, std::string_view payload_hash,
                                       std::string& signed_headers,
                                       CanonicalPath path = CanonicalPath::as_sent);

 private:
  const std::string& signing_key(const AwsCredentials& credentials, const std::string& date);
  SigningScope scope_;
  std::string key_date_, key_id_, key_secret_digest_, key_;
};

}  // namespace flotsam
