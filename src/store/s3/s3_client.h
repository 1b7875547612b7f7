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

namespace flotsam {

/// For one page: many delete markers before the next key can take a store two minutes.
inline constexpr std::chrono::milliseconds kPageTimeout{180'000};

/// What tests and benchmarks may turn; the defaults are for real stores.
struct S3Tuning {
  unsigned page_keys = 1000;          ///< keys asked for a page
  unsigned connections = 64;          ///< where ListingOptions does not say
  unsigned empty_pages_max = 10'000;  ///< pages in a row without a key that is new
  unsigned range_pages_min = 3;       ///< a range is not split into smaller expected parts
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

/// Sends signed GETs of the bucket, one at a time, over one connection. One thread.
class S3Client {
 public:
  S3Client(S3Session& session, std::unique_ptr<Transport> transport, const Cancel* cancel);

  /// Reads an answer of status 200. `unavailable`: a server's fault, to be asked again; other errors are
  /// final.
  using Accept = std::function<Result<void>(HttpResponse&)>;

  /// Asks until an answer is accepted, it is no use, or the retries are used up. Every try is signed anew. A
  /// wrong region and a wrong clock are put right once a store. `response` holds the last answer, also on an
  /// error. Errors: those of failure_of_answer(), of the transport and of `accept`; interrupted.
  Result<void> get(const QueryParameters& parameters, HttpResponse& response, const Accept& accept);

  /// Answers that came, whatever they said.
  std::uint64_t answers() const { return answers_; }
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  void set_retries(bool on) { retries_ = on; }

 private:
  Result<void> ask_once(const QueryParameters& parameters, HttpResponse& response, const Accept& accept,
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

}  // namespace flotsam
