#include "http/request_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "base/bytes.h"

namespace flotsam {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
      return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || is_one_of(c, ":.");
    });
  }
  return !host.empty() &&
         std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-._"); });
}

// RFC 3986: pchar, "/" and "?". A "#" would cut the target off, a blank or a control byte would end the
// request line.
bool is_target(std::string_view target) {
  return !target.empty() && target.front() == '/' && std::ranges::all_of(target, [](char c) {
    return is_alphanumeric(c) || is_one_of(c, "-._~!$&'()*+,;=:@%/?");
  });
}

// RFC 9110: token.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
  });
}

bool is_header_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) { return is_one_of(c, std::string_view("\r\n\0", 3)); });
}

}  // namespace

Result<void> check_request(const HttpRequest& request) {
  const auto refuse = [](std::string message, std::string hint) {
    return fail(ErrorCode::invalid_argument, std::move(message), std::move(hint));
  };
  if (request.scheme != "https" && request.scheme != "http")
    return refuse(fmt::format("{} is no scheme that requests are sent by", in_quotes(request.scheme)),
                  "use https:// or http://");
  if (!is_host(request.host))
    return refuse(
        fmt::format("{} is not the name or the address of a host", in_quotes(request.host)),
        "check the endpoint; IPv6 addresses stand in brackets, international names in their xn-- form");
  if (request.port < 0 || request.port > 65535)
    return refuse(fmt::format("{} is no port", request.port), "use a port from 1 to 65535");
  if (!is_token(request.method))
    return refuse(fmt::format("{} is no HTTP method", in_quotes(request.method)), "");
  if (!is_target(request.target))
    return refuse(
        "the target of a request does not begin with / or holds a byte that must be percent-encoded", "");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return refuse(fmt::format("{} cannot name a header", in_quotes(name)), "");
    if (!is_header_value(value))
      return refuse(fmt::format("the value for the header {} holds a line break", in_quotes(name)), "");
  }
  return {};
}

}  // namespace flotsam
