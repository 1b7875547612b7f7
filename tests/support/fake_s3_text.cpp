// Escapes, queries and error documents of the fake S3.

#include <algorithm>
#include <array>
#include <cctype>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "support/fake_s3_parts.h"

namespace flotsam::test {

std::string WireRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

bool WireRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return header.first == name; });
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_hex = [&](std::size_t at) {
      return at < text.size() && isxdigit(static_cast<unsigned char>(text[at]));
    };
    if (text[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view bytes, std::string_view kept) {
  std::string out;
  for (const char c : bytes) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4U];
      out += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parameters_of(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const auto equals = part.find('=');
    parameters.emplace_back(percent_decoded(part.substr(0, equals)),
                            equals == std::string_view::npos ? "" : percent_decoded(part.substr(equals + 1)));
  }
  return parameters;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

WireAnswer error_answer(int status, std::string_view code, std::string_view message, std::string_view more) {
  WireAnswer answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", "application/xml");
  answer.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + std::string(code) +
                "</Code><Message>" + xml_escaped(message) + "</Message>" + std::string(more) +
                "<RequestId>FAKE0001</RequestId></Error>";
  return answer;
}

WireAnswer xml_answer(std::string body) {
  WireAnswer answer;
  answer.headers.emplace_back("Content-Type", "application/xml");
  answer.body = std::move(body);
  return answer;
}

std::string field(std::string_view name, const std::string& text) {
  return "<" + std::string(name) + ">" + text + "</" + std::string(name) + ">";
}

std::string encoded_key(const std::string& key, KeyEncoding encoding) {
  switch (encoding) {
    case KeyEncoding::raw:
      return xml_escaped(key);
    case KeyEncoding::url_slashes:
      return percent_encoded(key, "");
    case KeyEncoding::url:
      break;
  }
  std::string text;
  for (const char c : key) text += c == ' ' ? std::string("+") : percent_encoded({&c, 1}, "/*");
  return text;
}

std::optional<WireAnswer> answer_of_fault(Fault fault) {
  switch (fault) {
    case Fault::cut_connection:
      return WireAnswer{.status = 200, .headers = {}, .body = {}, .cut_connection = true};
    case Fault::status_500:
      return error_answer(500, "InternalError", "We encountered an internal error.");
    case Fault::status_502_html:
      return WireAnswer{.status = 502, .headers = {}, .body = "<html>Bad Gateway</html>"};
    case Fault::status_503:
      return error_answer(503, "ServiceUnavailable", "Reduce your request rate.");
    case Fault::status_429:
      return error_answer(429, "TooManyRequests", "Too many requests.");
    case Fault::not_xml:
      return WireAnswer{.status = 200, .headers = {}, .body = "welcome to this captive portal"};
    case Fault::empty_body:
      return WireAnswer{};
    case Fault::slow_down: {
      WireAnswer answer = error_answer(503, "SlowDown", "Please reduce your request rate.");
      answer.headers.emplace_back("Retry-After", "1");
      return answer;
    }
    case Fault::error_in_200: {
      WireAnswer answer = error_answer(500, "InternalError", "We encountered an internal error.");
      answer.status = 200;
      return answer;
    }
    case Fault::denied:
      return error_answer(403, "AccessDenied", "Access Denied");
    case Fault::conflict:
      return error_answer(409, "ConditionalRequestConflict", "A conflicting operation occurred.");
    default:
      return std::nullopt;
  }
}

namespace {

std::string digest_of(std::string_view bytes, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
  return to_hex(digest_of(bytes, EVP_md5()));
}
std::string md5_base64(std::string_view bytes) {
  return to_base64(digest_of(bytes, EVP_md5()));
}
std::string sha256_base64(std::string_view bytes) {
  return to_base64(digest_of(bytes, EVP_sha256()));
}

std::string unquoted(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::optional<WireAnswer> check_digests(const WireRequest& request) {
  if (const std::string md5 = request.header("content-md5"); !md5.empty()) {
    const auto bytes = bytes_of_base64(md5);
    if (!bytes || bytes->size() != 16)
      return error_answer(400, "InvalidDigest", "The Content-MD5 you specified is not valid.");
    if (md5 != md5_base64(request.body))
      return error_answer(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  const std::string sha = request.header("x-amz-checksum-sha256");
  if (!sha.empty() && sha != sha256_base64(request.body))
    return error_answer(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
  return std::nullopt;
}

}  // namespace flotsam::test
