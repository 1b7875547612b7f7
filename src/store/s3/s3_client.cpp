#include "store/s3/s3_client.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/blank.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kAnswerBytesMax = 32U << 20U;

/// What an answer's body begins with, behind the white space that S3 sends while it works, a declaration and
/// comments.
std::string_view root_of(std::string_view body) {
  const auto drop_through = [&](std::string_view end) {
    const std::size_t at = body.find(end);
    body = at == std::string_view::npos ? std::string_view() : body.substr(at + end.size());
  };
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  while (true) {
    body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
    if (body.starts_with("<?")) {
      drop_through("?>");
    } else if (body.starts_with("<!--")) {
      drop_through("-->");
    } else {
      return body;
    }
  }
}

bool is_error_document(const HttpResponse& response) {
  const std::string_view root = root_of(response.body);
  return root.starts_with("<Error>") || root.starts_with("<Error ");
}

}  // namespace

S3Session::S3Session(S3Address address, std::unique_ptr<CredentialProvider> credentials, Clock& clock,
                     Log& log, const S3Tuning& tuning)
    : address_(std::move(address)),
      credentials_(std::move(credentials)),
      clock_(clock),
      log_(log),
      tuning_(tuning),
      retry_(tuning.retry, random_seed()),
      region_(address_.region.empty() ? "us-east-1" : address_.region) {}

std::string S3Session::region() const {
  const std::lock_guard lock(mutex_);
  return region_;
}

bool S3Session::move_region(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (region_ != from) return true;  // another worker was told before
  if (to.empty() || to == from || region_moved_) return false;
  region_moved_ = true;
  region_ = to;
  log_.info(fmt::format("{} is in region {}, not in {}", identity_of(address_), to, from));
  return true;
}

Timestamp S3Session::signing_time() const {
  const std::lock_guard lock(mutex_);
  return clock_.now() + clock_offset_;
}

bool S3Session::correct_clock(const HttpResponse& response, Timestamp signed_at) {
  const auto header = response.header("date");
  const auto date = header ? parse_http_date(*header) : Result<Timestamp>(Timestamp{});
  if (!header || !date) return false;
  const std::lock_guard lock(mutex_);
  const Timestamp now = clock_.now();
  if (clock_corrected_) return std::chrono::abs(now + clock_offset_ - signed_at) > std::chrono::minutes(1);
  clock_corrected_ = true;
  clock_offset_ = *date - now;
  const auto seconds = std::chrono::duration_cast<Seconds>(clock_offset_).count();
  log_.warn(fmt::format("this machine's clock is {} {} the store's: requests are signed with the store's",
                        to_human_seconds(seconds < 0 ? -seconds : seconds),
                        seconds < 0 ? "ahead of" : "behind"));
  return true;
}

S3Client::S3Client(S3Session& session, std::unique_ptr<Transport> transport, const Cancel* cancel)
    : session_(session), transport_(std::move(transport)), cancel_(cancel) {}

Result<HttpRequest> S3Client::signed_request(const S3Ask& question, AwsCredentials& credentials) {
  std::string region = session_.region();
  if (!signer_ || region != signer_region_) {
    signer_.emplace(SigningScope{region, "s3"});
    signer_region_ = std::move(region);
  }
  FLOTSAM_ASSIGN(credentials, session_.credentials());
  HttpRequest request = question.request_to(session_.address(), signer_region_);
  request.response_limit_bytes = kAnswerBytesMax;
  request.timeout = timeout_;
  // A write by a clock that the store finds wrong is to be refused, not helped: ages are suspect then.
  signed_at_ = question.is_read() ? session_.signing_time() : session_.clock().now();
  request.fresh_connection = !question.is_read();
  signer_->sign(request, credentials, signed_at_);
  return request;
}

S3Failure S3Client::failed_answer(const HttpResponse& response, const AwsCredentials& credentials) const {
  S3Failure failure = failure_of_answer(response, session_.address());
  // What a store says is shown: it may say our own secrets.
  for (const std::string* secret :
       {&credentials.secret_access_key.reveal(), &credentials.session_token.reveal()})
    blank(failure.error.message, *secret);
  return failure;
}

Result<void> S3Client::ask_once(const S3Ask& question, HttpResponse& response, const Accept& accept,
                                std::optional<S3Failure>& failure) {
  AwsCredentials credentials;
  FLOTSAM_ASSIGN(const HttpRequest request, signed_request(question, credentials));
  if (auto sent = transport_->exchange(request, response); !sent) {
    failure = failure_of_error(std::move(sent).error());
    return {};
  }
  ++answers_;
  if (response.status != 200 || is_error_document(response)) {
    failure = failed_answer(response, credentials);
    return {};
  }
  if (auto accepted = accept(response); !accepted) {
    failure = failure_of_error(std::move(accepted).error());
    failure->error.http_status = response.status;
  }
  return {};
}

S3Sent S3Client::send_once(const S3Ask& question, HttpResponse& response) {
  using Fate = S3Sent::Fate;
  AwsCredentials credentials;
  const auto request = signed_request(question, credentials);
  if (!request) return {.fate = Fate::not_sent, .error = request.error()};
  if (auto sent = transport_->exchange(*request, response); !sent) {
    const bool never_left = is_before_sending(sent.error());
    return {.fate = never_left ? Fate::not_sent : Fate::unknown,
            .error = std::move(sent).error(),
            .retryable = never_left};
  }
  ++answers_;
  if (response.status / 100 == 2 && !is_error_document(response)) return {.fate = Fate::done, .error = {}};
  S3Failure failure = failed_answer(response, credentials);
  const bool proves = proves_nothing_done(response.status, failure.error.service_code);
  return {.fate = proves ? Fate::refused : Fate::unknown,
          .error = std::move(failure.error),
          .throttled = failure.retry == RetryClass::throttled,
          .retryable = proves && failure.retry != RetryClass::final_};
}

bool S3Client::put_right(const S3Failure& failure, const HttpResponse& response) {
  if (failure.wrong_region) return session_.move_region(signer_region_, failure.region);
  if (failure.clock_skewed) return session_.correct_clock(response, signed_at_);
  return false;
}

Result<void> S3Client::read(const S3Ask& question, HttpResponse& response, const Accept& accept) {
  CHECK(question.is_read());
  return ask(question, response, accept);
}

Result<void> S3Client::repeat(const S3Ask& question, HttpResponse& response, const Accept& accept) {
  CHECK(question.method() == "PUT" || question.method() == "POST");
  return ask(question, response, accept);
}

Result<void> S3Client::ask(const S3Ask& question, HttpResponse& response, const Accept& accept) {
  unsigned attempt = 1;
  for (unsigned round = 1;; ++round) {
    if (cancel_ != nullptr) FLOTSAM_TRY(cancel_->check());
    std::optional<S3Failure> failure;
    FLOTSAM_TRY(ask_once(question, response, accept, failure));
    if (!failure) {
      session_.retry().succeeded();
      return {};
    }
    constexpr unsigned kRoundsMax = 100;  // putting right is bounded by the session; this is a second belt
    if (question.is_read() && round < kRoundsMax && put_right(*failure, response)) continue;
    const auto wait = retries_ && failure->retry != RetryClass::final_
                          ? session_.retry().wait_after(attempt, failure->retry, failure->retry_after)
                          : std::nullopt;
    if (!wait) {
      if (attempt > 1) failure->error.context.push_back(fmt::format("after asking {} times", attempt));
      return std::unexpected<Error>(std::move(failure->error));
    }
    session_.log().debug(fmt::format("asking again in {} ms: {}", wait->count(), failure->error.message));
    FLOTSAM_TRY(sleep_unless_cancelled(session_.clock(), *wait, cancel_));
    ++attempt;
  }
}

}  // namespace flotsam
