#include "store/s3/s3_settle.h"

#include <fmt/format.h>

namespace flotsam {

Result<S3Settled> settle(S3Session& session, S3Client& client, const S3Ask& ask) {
  using Fate = S3Sent::Fate;
  S3Settled settled;
  for (unsigned attempt = 1;; ++attempt) {
    S3Sent sent = client.send_once(ask, settled.response);
    settled.status = sent.fate == Fate::done ? settled.response.status : sent.error.http_status;
    if (sent.fate == Fate::done) {
      settled.done = true;
      session.retry().succeeded();
      return settled;
    }
    // Somebody writes the same object at this moment: S3 asks to try again.
    const bool conflicts = sent.fate == Fate::refused && settled.status == 409;
    if (sent.fate == Fate::refused && !sent.retryable && !conflicts) {
      settled.error = std::move(sent.error);
      return settled;
    }
    const bool may_pass = sent.fate == Fate::unknown || sent.retryable || conflicts;
    const auto wait = may_pass
                          ? session.retry().wait_after(
                                attempt, sent.throttled ? RetryClass::throttled : RetryClass::transient, {})
                          : std::nullopt;
    if (!wait) {
      if (attempt > 1) sent.error.context.push_back(fmt::format("after asking {} times", attempt));
      return std::unexpected<Error>(std::move(sent.error));
    }
    settled.repeated = settled.repeated || sent.fate == Fate::unknown;
    session.log().debug(fmt::format("asking again in {} ms: {}", wait->count(), sent.error.message));
    FLOTSAM_TRY(sleep_unless_cancelled(session.clock(), *wait, nullptr));
  }
}

}  // namespace flotsam
