#pragma once

#include "base/error.h"
#include "http/transport.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// How a request of our own ended that may be sent again: one on an object that nobody else writes, or one
/// whose condition makes a second sending harmless.
struct S3Settled {
  bool done = false;      ///< else the store refused it
  bool repeated = false;  ///< an answer was lost on the way: a refusal may be the echo of our own success
  int status = 0;
  Error error;  ///< of a refusal
  HttpResponse response;
};

/// Sends until the store says yes or no, with back-off and the session's budget of retries. Errors: the
/// retries are used up (`unavailable`; whether it was done is not known), or nothing could be sent.
Result<S3Settled> settle(S3Session& session, S3Client& client, const S3Ask& ask);

}  // namespace flotsam
