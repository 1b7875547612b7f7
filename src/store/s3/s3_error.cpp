#include "store/s3/s3_error.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/bytes.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

constexpr const char* kKeyHint = "check the access key and its secret, and that they belong to this endpoint";
constexpr const char* kSessionHint =
    "the session has ended: log in again, or renew AWS_SESSION_TOKEN with its keys";
constexpr const char* kClockHint = "set this machine's clock (for example with NTP)";

/// What one of S3's error codes means to the caller. Codes that are not here go by their status.
struct KnownCode {
  std::string_view code;
  ErrorCode meaning;
  RetryClass retry;
  const char* hint;
};
constexpr std::array kKnownCodes = {
    KnownCode{"NoSuchBucket", ErrorCode::not_found, RetryClass::final_,
              "check the bucket's name, and the endpoint that it is looked for at"},
    KnownCode{"InvalidBucketName", ErrorCode::invalid_argument, RetryClass::final_,
              "check the bucket's name"},
    KnownCode{
        "AccessDenied", ErrorCode::permission_denied, RetryClass::final_,
        "grant s3:ListBucket on the bucket; where expected_bucket_owner is set, check that it is the owner"},
    KnownCode{"AllAccessDisabled", ErrorCode::permission_denied, RetryClass::final_,
              "the bucket's owner has closed it"},
    KnownCode{"InvalidAccessKeyId", ErrorCode::permission_denied, RetryClass::final_, kKeyHint},
    KnownCode{"SignatureDoesNotMatch", ErrorCode::permission_denied, RetryClass::final_, kKeyHint},
    KnownCode{"ExpiredToken", ErrorCode::permission_denied, RetryClass::final_, kSessionHint},
    KnownCode{"InvalidToken", ErrorCode::permission_denied, RetryClass::final_, kSessionHint},
    KnownCode{"TokenRefreshRequired", ErrorCode::permission_denied, RetryClass::final_, kSessionHint},
    KnownCode{"RequestTimeTooSkewed", ErrorCode::permission_denied, RetryClass::final_, kClockHint},
    KnownCode{"RequestTimeout", ErrorCode::unavailable, RetryClass::transient, ""},
    KnownCode{"InternalError", ErrorCode::unavailable, RetryClass::transient, ""},
    KnownCode{"OperationAborted", ErrorCode::unavailable, RetryClass::transient, ""},
    KnownCode{"SlowDown", ErrorCode::unavailable, RetryClass::throttled,
              "the store is overloaded: try again later"},
    KnownCode{"ServiceUnavailable", ErrorCode::unavailable, RetryClass::throttled, "try again later"},
    KnownCode{"RequestLimitExceeded", ErrorCode::unavailable, RetryClass::throttled, "try again later"},
    KnownCode{"TooManyRequests", ErrorCode::unavailable, RetryClass::throttled, "try again later"},
    KnownCode{"NotImplemented", ErrorCode::refused, RetryClass::final_,
              "this store does not support the request"},
    KnownCode{"MethodNotAllowed", ErrorCode::refused, RetryClass::final_,
              "this store does not support the request"},
};

KnownCode meaning_of_status(int status) {
  switch (status) {
    case 401:
    case 403:
      return {"", ErrorCode::permission_denied, RetryClass::final_, "check the credentials and their rights"};
    case 404:
      return {"", ErrorCode::corrupt, RetryClass::final_,
              "this is no answer of an S3 server: check the endpoint"};
    case 405:
    case 501:
      return {"", ErrorCode::refused, RetryClass::final_, "this store does not support the request"};
    case 408:
    case 500:
    case 502:
    case 504:
      return {"", ErrorCode::unavailable, RetryClass::transient, ""};
    case 429:
    case 503:
      return {"", ErrorCode::unavailable, RetryClass::throttled, "try again later"};
    default:
      break;
  }
  if (status >= 500) return {"", ErrorCode::unavailable, RetryClass::final_, ""};
  if (status >= 400) return {"", ErrorCode::refused, RetryClass::final_, ""};
  return {"", ErrorCode::corrupt, RetryClass::final_,
          "this is no answer of an S3 server: check the endpoint"};
}

KnownCode meaning_of(std::string_view code, int status) {
  const auto known = std::find_if(kKnownCodes.begin(), kKnownCodes.end(),
                                  [&](const KnownCode& row) { return !code.empty() && row.code == code; });
  return known != kKnownCodes.end() ? *known : meaning_of_status(status);
}

struct ErrorBody {
  std::string code, message, region, request_id;
};

ErrorBody read_error_body(const std::string& body) {
  ErrorBody read;
  std::string copy = body.substr(0, 64U << 10U);
  pugi::xml_document document;
  const auto root = parse_xml_in_place(document, copy);
  if (!root || std::string_view(root->name()) != "Error") return read;
  read.code = text_of_child(*root, "Code");
  read.message = text_of_child(*root, "Message");
  read.region = text_of_child(*root, "Region");
  read.request_id = text_of_child(*root, "RequestId");
  return read;
}

std::optional<std::chrono::seconds> retry_after_of(const HttpResponse& response) {
  const auto header = response.header("retry-after");
  const auto seconds = header ? parse_unsigned(*header) : std::nullopt;
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::min<std::uint64_t>(*seconds, 86'400));
}

}  // namespace

S3Failure failure_of_answer(const HttpResponse& response, const S3Address& address) {
  const ErrorBody body = read_error_body(response.body);
  // A 200 with an Error inside, and one without a readable code, is the server's fault.
  const int status = response.status == 200 ? 500 : response.status;
  const KnownCode meaning = meaning_of(body.code, status);
  S3Failure failure;
  failure.retry = meaning.retry;
  failure.retry_after = retry_after_of(response);
  failure.clock_skewed = body.code == "RequestTimeTooSkewed";
  failure.wrong_region = status == 301 || status == 302 || status == 307 || status == 308 ||
                         body.code == "AuthorizationHeaderMalformed" || body.code == "PermanentRedirect" ||
                         body.code == "TemporaryRedirect" ||
                         body.code == "IllegalLocationConstraintException";
  const auto header = response.header("x-amz-bucket-region");
  const std::string region(header ? *header : std::string_view(body.region));
  if (failure.wrong_region && is_region_name(region)) failure.region = region;

  Error& error = failure.error;
  error.code = failure.wrong_region ? ErrorCode::invalid_argument : meaning.meaning;
  error.http_status = response.status;
  error.service_code = to_printable(body.code);
  const auto id = response.header("x-amz-request-id");
  error.request_id = to_printable(id ? *id : std::string_view(body.request_id));
  const std::string said = body.message.empty() ? std::string() : ": " + to_printable(redacted(body.message));
  const std::string named =
      body.code.empty() ? fmt::format("HTTP {}", response.status) : to_printable(body.code);
  error.message = fmt::format("{} answered {}{}", identity_of(address), named, said);
  if (body.code == "NoSuchBucket") error.message = fmt::format("{} does not exist", identity_of(address));
  error.hint = meaning.hint;
  if (failure.wrong_region)
    error.hint = failure.region.empty()
                     ? "the bucket is in another region: set [store] region"
                     : fmt::format("the bucket is in region {}: set [store] region", failure.region);
  return failure;
}

bool proves_nothing_done(int status, std::string_view code) {
  if (status >= 300 && status < 500) return status != 408;
  if (status == 501) return true;
  // Without one of its own codes a 503 may be a proxy's, and what is behind it may have done the work.
  return status == 503 && (code == "SlowDown" || code == "ServiceUnavailable" || code == "TooManyRequests" ||
                           code == "RequestLimitExceeded");
}

bool is_before_sending(const Error& error) {
  static constexpr std::array<std::string_view, 8> kBefore = {
      "CURLE_COULDNT_RESOLVE_HOST",     "CURLE_COULDNT_RESOLVE_PROXY", "CURLE_COULDNT_CONNECT",
      "CURLE_PEER_FAILED_VERIFICATION", "CURLE_SSL_ISSUER_ERROR",      "CURLE_SSL_CACERT_BADFILE",
      "CURLE_SSL_CONNECT_ERROR",        "CURLE_URL_MALFORMAT"};
  if (error.service_code.empty())  // not curl's: the request was never given to it
    return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::interrupted;
  return std::find(kBefore.begin(), kBefore.end(), error.service_code) != kBefore.end();
}

S3Failure failure_of_error(Error error) {
  S3Failure failure;
  failure.retry = error.code == ErrorCode::unavailable ? RetryClass::transient : RetryClass::final_;
  failure.error = std::move(error);
  return failure;
}

}  // namespace flotsam
