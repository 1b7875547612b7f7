#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <fmt/format.h>

#include "base/bytes.h"
#include "config/sections.h"

namespace flotsam {
namespace {

/// 169.254.0.0/16, network byte order.
bool is_link_local_v4(const unsigned char* bytes) {
  return bytes[0] == 169 && bytes[1] == 254;
}

bool is_forbidden_v6(const std::array<unsigned char, 16>& bytes) {
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<unsigned char, 12> kNat64 = {0, 0x64, 0xFF, 0x9B};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin()) ||
      std::equal(kNat64.begin(), kNat64.end(), bytes.begin()))
    return is_link_local_v4(bytes.data() + 12);
  if (bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80U) return true;  // fe80::/10
  constexpr std::array<unsigned char, 6> kAws = {0xFD, 0x00, 0x0E,
                                                 0xC2, 0,    0};  // fd00:ec2::/48: EC2, EKS, time
  return std::equal(kAws.begin(), kAws.end(), bytes.begin());
}

/// True for addresses at which only metadata services and link-local neighbours answer, in each spelling that
/// inet_aton takes (dotted, hexadecimal, octal, one number).
bool is_metadata_host(std::string_view host) {
  const std::string lower = to_ascii_lower(host);
  if (lower == "metadata" || lower == "metadata.google.internal" || lower == "instance-data") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string address(host.substr(0, host.find('%')));
  std::array<unsigned char, 16> v6{};
  if (inet_pton(AF_INET6, address.c_str(), v6.data()) == 1) return is_forbidden_v6(v6);
  std::string v4 = address;
  while (v4.ends_with('.')) v4.pop_back();
  in_addr parsed{};
  if (inet_aton(v4.c_str(), &parsed) == 0) return false;
  std::array<unsigned char, 4> bytes{};
  std::memcpy(bytes.data(), &parsed, bytes.size());
  return is_link_local_v4(bytes.data());
}

bool is_aws_host(std::string_view host) {
  const std::string lower = to_ascii_lower(host);
  return lower == "amazonaws.com" || lower.ends_with(".amazonaws.com") ||
         lower.ends_with(".amazonaws.com.cn");
}

bool is_port(std::string_view port) {
  const auto value = parse_unsigned(port);
  return value && *value >= 1 && *value <= 65535;
}

}  // namespace

std::string endpoint_mistake(std::string_view url) {
  if (url.find('@') != std::string_view::npos)
    return "holds a user or password; credentials come from the AWS environment, profile or metadata";
  const bool is_plain = url.starts_with("http://");
  if (!is_plain && !url.starts_with("https://"))
    return fmt::format("is {}, but must begin with http:// or https://", in_quotes(redacted(url)));
  const std::string_view rest = url.substr(is_plain ? 7 : 8);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.find_first_of("?#") != std::string_view::npos)
    return "holds a ? or #; an endpoint is scheme, host and port";
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\')
      return fmt::format("is {}, which is no URL", in_quotes(url));
  std::string_view host = authority;
  std::string_view port;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (has_port) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (host.empty()) return fmt::format("is {}, which names no host", in_quotes(url));
  if (has_port && !is_port(port)) return fmt::format("is {}, whose port is none", in_quotes(url));
  if (is_metadata_host(host))
    return fmt::format("is {}, an address of metadata services, never of an object store", in_quotes(url));
  if (is_plain && is_aws_host(host))
    return fmt::format("is {}; AWS is only spoken to over https://", in_quotes(url));
  return {};
}

}  // namespace flotsam
