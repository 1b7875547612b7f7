#pragma once

/// One worker's exchanges with a bucket, and what all workers of a store share.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/signer.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "http/retry.h"
#include "http/transport.h"
#include "store/s3/s3_address.h"
#include "store/s3/s3_error.h"
#include "store/s3/s3_request.h"

namespace flotsam {

/// For one page: many delete markers before the next key can take a store two minutes.
inline constexpr std::chrono::milliseconds kPageTimeout{180'000};

/// What tests and benchmarks may turn; the defaults are for real stores.
struct S3Tuning {
  unsigned page_keys = 1000;                      ///< keys asked for a page
  unsigned connections = 64;                      ///< where ListingOptions does not say
  unsigned empty_pages_max = 10'000;              ///< pages in a row without a key that is new
  unsigned range_pages_min = 3;                   ///< a range is not split into smaller expected parts
  std::uint64_t copy_bytes_max = 5ULL << 30U;     ///< larger objects are copied in parts
  std::uint64_t copy_part_bytes = 512ULL << 20U;  ///< of such a part; more where 10,000 would not do
  RetryOptions retry = {};
};

/// The bucket, its region once known, credentials, the signing clock. Thread-safe.
class S3Session {
 public:
  S3Session(S3Address address, std::unique_ptr<CredentialProvider> credentials, Clock& clock, Log& log,
            const S3Tuning& tuning);

  const S3Address& address() const { return address_; }
  const S3Tuning& tuning() const { return tuning_; }
  Clock& clock() const { return clock_; }
  Log& log() const { return log_; }
  RetryPolicy& retry() { return retry_; }
  Result<AwsCredentials> credentials() { return credentials_->get(); }

  /// The region to sign for now.
  std::string region() const;
  /// The bucket said that it is in `to`, in answer to a request that was signed for `from`. True where asking
  /// again may help: the region was changed, now or meanwhile. It changes once.
  bool move_region(const std::string& from, const std::string& to);

  /// Our clock, as corrected: what requests are signed with.
  Timestamp signing_time() const;
  /// The server found our clock wrong. Corrects it by the answer's Date, once, and says so. True where asking
  /// again may help.
  bool correct_clock(const HttpResponse& response, Timestamp signed_at);

 private:
  S3Address address_;
  std::unique_ptr<CredentialProvider> credentials_;
  Clock& clock_;
  Log& log_;
  S3Tuning tuning_;
  RetryPolicy retry_;
  mutable std::mutex mutex_;
  std::string region_;
  bool region_moved_ = false;
  std::chrono::nanoseconds clock_offset_{0};
  bool clock_corrected_ = false;
};

/// What became of a request that was sent once and can change something.
struct S3Sent {
  enum class Fate {
    done,      ///< a 2xx without an Error in it: what it says is for the caller to read
    refused,   ///< an answer that proves that nothing was done
    not_sent,  ///< nothing went out
    unknown,   ///< no answer, or one that proves nothing
  };
  Fate fate = Fate::unknown;
  Error error{};           ///< of all but done; service_code is the store's
  bool throttled = false;  ///< the store asked for less
  bool retryable = false;  ///< refused or not sent for a reason that may pass
};

/// Sends signed requests of the bucket and its objects, one at a time, over one connection. One thread.
class S3Client {
 public:
  S3Client(S3Session& session, std::unique_ptr<Transport> transport, const Cancel* cancel);

  /// Reads an answer of status 200. `unavailable`: a server's fault, to be asked again; other errors are
  /// final.
  using Accept = std::function<Result<void>(HttpResponse&)>;

  /// Asks until an answer is accepted, it is no use, or the retries are used up. Every try is signed anew. A
  /// wrong region and a wrong clock are put right once a store. `response` holds the last answer, also on an
  /// error. Errors: those of failure_of_answer(), of the transport and of `accept`; interrupted.
  Result<void> get(const QueryParameters& parameters, HttpResponse& response, const Accept& accept) {
    return ask(S3Ask::of_bucket(parameters), response, accept);
  }
  /// The same for any GET or HEAD.
  Result<void> read(const S3Ask& question, HttpResponse& response, const Accept& accept);
  /// The same for a PUT or POST that may be repeated after a lost answer, because what it writes is ours
  /// alone: never for a DELETE. Each try goes out on a connection of its own and is signed by this machine's
  /// clock; neither a wrong region nor a wrong clock is put right.
  Result<void> repeat(const S3Ask& question, HttpResponse& response, const Accept& accept);
  /// Sends once, whatever comes, on a connection of its own (libcurl sends again on a kept one), signed by
  /// this machine's clock for the region that is known.
  S3Sent send_once(const S3Ask& question, HttpResponse& response);

  S3Session& session() { return session_; }
  /// Answers that came, whatever they said.
  std::uint64_t answers() const { return answers_; }
  std::chrono::milliseconds timeout() const { return timeout_; }
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  void set_retries(bool on) { retries_ = on; }

 private:
  Result<void> ask(const S3Ask& question, HttpResponse& response, const Accept& accept);
  Result<HttpRequest> signed_request(const S3Ask& question, AwsCredentials& credentials);
  S3Failure failed_answer(const HttpResponse& response, const AwsCredentials& credentials) const;
  Result<void> ask_once(const S3Ask& question, HttpResponse& response, const Accept& accept,
                        std::optional<S3Failure>& failure);
  bool put_right(const S3Failure& failure, const HttpResponse& response);
  S3Session& session_;
  std::unique_ptr<Transport> transport_;
  const Cancel* cancel_;
  std::string signer_region_;
  std::optional<SigV4Signer> signer_;
  Timestamp signed_at_;
  std::uint64_t answers_ = 0;
  std::chrono::milliseconds timeout_ = kPageTimeout;
  bool retries_ = true;
};

/// Another deadline for the exchanges of a client while this lives.
class TimeoutForNow {
 public:
  TimeoutForNow(S3Client& client, std::chrono::milliseconds timeout)
      : client_(client), before_(client.timeout()) {
    client_.set_timeout(timeout);
  }
  ~TimeoutForNow() { client_.set_timeout(before_); }
  TimeoutForNow(const TimeoutForNow&) = delete;
  TimeoutForNow& operator=(const TimeoutForNow&) = delete;

 private:
  S3Client& client_;
  std::chrono::milliseconds before_;
};

}  // namespace flotsam
