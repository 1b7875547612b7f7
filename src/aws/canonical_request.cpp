#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "aws/signer.h"
#include "base/bytes.h"

namespace flotsam {
namespace {

int hex_value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value_of(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value_of(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// The query as the service reads it: decoded, encoded anew, sorted by encoded name, then value.
std::string canonical_query(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), parameter.size() + 1));
    if (parameter.empty()) continue;
    const std::size_t sign = std::min(parameter.find('='), parameter.size());
    parameters.emplace_back(percent_decoded(parameter.substr(0, sign)),
                            percent_decoded(parameter.substr(std::min(sign + 1, parameter.size()))));
  }
  return make_query(std::move(parameters));
}

/// RFC 3986 §5.2.4, and empty segments dropped; a slash at the end stays.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> segments;
  bool ends_in_slash = true;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    ends_in_slash = segment.empty() || segment == "." || segment == "..";
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!ends_in_slash) segments.push_back(segment);
  }
  std::string out;
  for (const std::string_view segment : segments) out.append("/").append(segment);
  if (ends_in_slash || out.empty()) out.push_back('/');
  return out;
}

/// Trimmed, line breaks and runs of blanks as one blank.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool blank = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out.push_back(' ');
    blank = false;
    out.push_back(c);
  }
  return out;
}

bool is_signed(std::string_view lower_name) {
  constexpr std::array<std::string_view, 9> kUnsigned = {
      "accept-encoding",   "authorization", "connection",     "content-length", "expect", "te",
      "transfer-encoding", "user-agent",    "x-amzn-trace-id"};
  return std::ranges::find(kUnsigned, lower_name) == kUnsigned.end();
}

/// Names in lower case, sorted; the values of a name that stands twice in their order, joined by commas.
std::vector<std::pair<std::string, std::string>> canonical_headers(const HttpRequest& request) {
  std::vector<std::pair<std::string, std::string>> headers;
  bool has_host = false;
  for (const auto& [name, value] : request.headers) {
    std::string lower = to_ascii_lower(name);
    if (!is_signed(lower)) continue;
    has_host = has_host || lower == "host";
    headers.emplace_back(std::move(lower), canonical_value(value));
  }
  if (!has_host) headers.emplace_back("host", request.authority());
  std::ranges::stable_sort(headers, {}, &std::pair<std::string, std::string>::first);
  std::vector<std::pair<std::string, std::string>> joined;
  for (auto& [name, value] : headers) {
    if (!joined.empty() && joined.back().first == name) {
      joined.back().second.append(",").append(value);
    } else {
      joined.emplace_back(std::move(name), std::move(value));
    }
  }
  return joined;
}

}  // namespace

std::string SigV4Signer::canonical_request(const HttpRequest& request, std::string_view payload_hash,
                                           std::string& signed_headers, CanonicalPath path) {
  const std::string_view target = request.target;
  const std::string_view sent_path = target.substr(0, target.find('?'));
  const std::string_view query = target.substr(std::min(target.size(), sent_path.size() + 1));
  std::string out = request.method;
  out.push_back('\n');
  if (path == CanonicalPath::as_sent) {
    out.append(sent_path);
  } else {
    append_uri_encoded(out, normalised(sent_path), Slash::keep);
  }
  out.append("\n").append(canonical_query(query)).push_back('\n');
  signed_headers.clear();
  for (const auto& [name, value] : canonical_headers(request)) {
    out.append(name).append(":").append(value).push_back('\n');
    if (!signed_headers.empty()) signed_headers.push_back(';');
    signed_headers.append(name);
  }
  out.append("\n").append(signed_headers).append("\n").append(payload_hash);
  return out;
}

}  // namespace flotsam
