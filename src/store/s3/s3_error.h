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

/// True where such an answer to a write proves that nothing was done: the store says that it did not take the
/// request on. Not a 500 or a gateway's 502 to 504, behind which the request may have been carried out.
/// `code` is the store's error code.
bool proves_nothing_done(int status, std::string_view code);

/// True where an exchange ended before a byte of the request went out.
bool is_before_sending(const Error& error);

/// An exchange that brought no answer, or one that cannot be read.
S3Failure failure_of_error(Error error);

}  // namespace flotsam
