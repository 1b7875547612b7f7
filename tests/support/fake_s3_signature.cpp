#include <algorithm>
#include <array>
#include <cmath>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <time.h>

#include "support/fake_s3_parts.h"

namespace flotsam::test {
namespace {

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string digest_of(std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), out.data(), &size, EVP_sha256(), nullptr);
  return hex_of({reinterpret_cast<const char*>(out.data()), size});
}

/// The part of a "name=value, name=value" header.
std::string part_of(const std::string& header, const std::string& name) {
  const auto at = header.find(name + "=");
  if (at == std::string::npos) return {};
  const auto start = at + name.size() + 1;
  return header.substr(start, header.find_first_of(", ", start) - start);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

std::string canonical_request(const WireRequest& request, const std::string& signed_headers) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const auto& [name, value] : parameters_of(request.query))
    query.emplace_back(percent_encoded(name, ""), percent_encoded(value, ""));
  std::sort(query.begin(), query.end());
  std::string text = request.method + "\n" + percent_encoded(percent_decoded(request.path), "/") + "\n";
  for (std::size_t i = 0; i < query.size(); ++i)
    text += (i > 0 ? "&" : "") + query[i].first + "=" + query[i].second;
  text += "\n";
  for (const std::string& name : split(signed_headers, ';'))
    text += name + ":" + trimmed(request.header(name)) + "\n";
  return text + "\n" + signed_headers + "\n" + request.header("x-amz-content-sha256");
}

std::optional<double> seconds_of(const std::string& amz_date) {
  tm parts{};
  const char* end = strptime(amz_date.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<double>(timegm(&parts));
}

/// Every header that must be signed is.
bool covers(const WireRequest& request, const std::string& signed_headers) {
  const auto names = split(signed_headers, ';');
  if (!std::is_sorted(names.begin(), names.end())) return false;
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& [name, value] : request.headers)
    if (name.starts_with("x-amz-") && !has(name)) return false;
  return has("host") && has("x-amz-date") && has("x-amz-content-sha256");
}

std::optional<WireAnswer> check_token(const WireRequest& request, const FakeS3Settings& settings) {
  const bool sent = std::any_of(request.headers.begin(), request.headers.end(),
                                [](const auto& header) { return header.first == "x-amz-security-token"; });
  const std::string token = request.header("x-amz-security-token");
  if (settings.token_expired) return error_answer(400, "ExpiredToken", "The provided token has expired.");
  if (sent != !settings.session_token.empty() || token != settings.session_token)
    return error_answer(403, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  return std::nullopt;
}

}  // namespace

std::optional<WireAnswer> check_signature(const WireRequest& request, const FakeS3Settings& settings,
                                          std::chrono::system_clock::time_point server_now) {
  const std::string authorization = request.header("authorization");
  if (authorization.empty()) return error_answer(403, "AccessDenied", "Access Denied");
  const auto scope = split(part_of(authorization, "Credential"), '/');
  if (!authorization.starts_with("AWS4-HMAC-SHA256 ") || scope.size() != 5 || scope[3] != "s3" ||
      scope[4] != "aws4_request")
    return error_answer(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.");
  if (scope[0] != settings.access_key)
    return error_answer(403, "InvalidAccessKeyId", "The key does not exist.");
  if (auto refused = check_token(request, settings)) return refused;
  if (scope[2] != settings.region) {
    const std::string region = settings.names_region ? "<Region>" + settings.region + "</Region>" : "";
    WireAnswer answer = settings.redirects
                            ? error_answer(301, "PermanentRedirect", "Use the specified endpoint.")
                            : error_answer(400, "AuthorizationHeaderMalformed", "wrong region", region);
    if (settings.redirects && settings.names_region)
      answer.headers.emplace_back("x-amz-bucket-region", settings.region);
    if (settings.redirects) answer.headers.emplace_back("Location", "http://192.0.2.1/never-follow-this");
    return answer;
  }
  const std::string date = request.header("x-amz-date");
  const auto signed_at = seconds_of(date);
  if (!signed_at || date.substr(0, 8) != scope[1])
    return error_answer(403, "AccessDenied", "The date is missing or not that of the scope.");
  const auto now = std::chrono::duration<double>(server_now.time_since_epoch()).count();
  if (std::abs(now - *signed_at) > 900)
    return error_answer(403, "RequestTimeTooSkewed",
                        "The difference between the request time and the server's is too large.");
  const std::string signed_headers = part_of(authorization, "SignedHeaders");
  if (!covers(request, signed_headers))
    return error_answer(403, "AccessDenied",
                        "There were headers present in the request which were not signed");
  if (request.header("x-amz-content-sha256") != digest_of(request.body))
    return error_answer(400, "XAmzContentSHA256Mismatch",
                        "The provided hash does not match what was computed.");
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope[1] + "/" + scope[2] +
                              "/s3/aws4_request\n" + digest_of(canonical_request(request, signed_headers));
  std::string key = hmac_sha256("AWS4" + settings.secret_key, scope[1]);
  for (const std::string& part : {scope[2], std::string("s3"), std::string("aws4_request")})
    key = hmac_sha256(key, part);
  if (hex_of(hmac_sha256(key, to_sign)) != part_of(authorization, "Signature"))
    return error_answer(403, "SignatureDoesNotMatch", "The signature we calculated does not match.");
  return std::nullopt;
}

}  // namespace flotsam::test
