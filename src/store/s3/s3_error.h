#pragma once

/// What an S3 answer that is no success means, in one place.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/retry.h"
#include "http/transport.h"
#include "store/s3/s3_address.h"

namespace flotsam {

/// An exchange that failed, and what may still help.
struct S3Failure {
  Error error;
  RetryClass retry = RetryClass::final_;
  std::optional<std::chrono::seconds> retry_after;
  bool wrong_region = false;  ///< signed for, or sent to, another region than the bucket's
  std::string region;         ///< the bucket's, where the answer names it and it can be a region's name
  bool clock_skewed = false;  ///< our clock is too far from the server's
};

/// Reads an answer whose status is not 200 (S3 API: "Error responses"). Never maps a plain 404 to "no such
/// bucket": only the code NoSuchBucket is proof.
S3Failure failure_of_answer(const HttpResponse& response, const S3Address& address);

/// An exchange that brought no answer, or one that cannot be read.
S3Failure failure_of_error(Error error);

}  // namespace flotsam
