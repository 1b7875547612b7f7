#include "aws/signer.h"

#include <chrono>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace flotsam {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string digest(32, '\0');
  unsigned length = 0;
  const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                   reinterpret_cast<unsigned char*>(digest.data()), &length);
  CHECK(made != nullptr && length == digest.size());
  return digest;
}

/// "20150830T123600Z"
std::string amz_date_of(Timestamp moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(moment - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

/// Puts a header in the place of its namesake, so that a request can be signed again.
void set_header(HttpHeaders& headers, std::string_view name, std::string value) {
  for (auto& [known, old] : headers) {
    if (equal_ignoring_case(known, name)) {
      old = std::move(value);
      return;
    }
  }
  headers.emplace_back(name, std::move(value));
}

void drop_header(HttpHeaders& headers, std::string_view name) {
  std::erase_if(headers, [name](const auto& header) { return equal_ignoring_case(header.first, name); });
}

}  // namespace

void SigV4Signer::sign(HttpRequest& request, const AwsCredentials& credentials, Timestamp now) {
  const std::string moment = amz_date_of(now);
  const std::string date = moment.substr(0, 8);
  const bool s3 = scope_.service == "s3";
  const std::string payload_hash = request.body.empty() ? std::string(kEmptyHash) : sha256_hex(request.body);
  set_header(request.headers, "x-amz-date", moment);
  if (s3) set_header(request.headers, "x-amz-content-sha256", payload_hash);
  if (credentials.session_token.empty()) {
    drop_header(request.headers, "x-amz-security-token");
  } else {
    set_header(request.headers, "x-amz-security-token", credentials.session_token.reveal());
  }
  std::string signed_headers;
  const std::string canonical = canonical_request(request, payload_hash, signed_headers,
                                                  s3 ? CanonicalPath::as_sent : CanonicalPath::normalised);
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, scope_.region, scope_.service);
  const std::string string_to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, moment, scope, sha256_hex(canonical));
  const std::string signature = to_hex(hmac_sha256(signing_key(credentials, date), string_to_sign));
  set_header(request.headers, "authorization",
             fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                         credentials.access_key_id, scope, signed_headers, signature));
}

// Kept for the day and the credentials; the secret itself is not kept, only its digest to know it again.
const std::string& SigV4Signer::signing_key(const AwsCredentials& credentials, const std::string& date) {
  const std::string secret_digest = sha256(credentials.secret_access_key.reveal());
  if (key_date_ == date && key_id_ == credentials.access_key_id && key_secret_digest_ == secret_digest)
    return key_;
  std::string key = hmac_sha256("AWS4" + credentials.secret_access_key.reveal(), date);
  key = hmac_sha256(key, scope_.region);
  key = hmac_sha256(key, scope_.service);
  key_ = hmac_sha256(key, "aws4_request");
  key_date_ = date;
  key_id_ = credentials.access_key_id;
  key_secret_digest_ = secret_digest;
  return key_;
}

}  // namespace flotsam
