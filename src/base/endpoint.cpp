#include "base/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>

#include "base/bytes.h"

namespace flotsam {
namespace {

using V4 = std::array<unsigned char, 4>;
using V6 = std::array<unsigned char, 16>;

bool is_metadata_v4(const V4& bytes) {
  constexpr V4 kAlibaba = {100, 100, 100, 200};
  constexpr V4 kAzureHost = {168, 63, 129, 16};
  return (bytes[0] == 169 && bytes[1] == 254) || bytes == kAlibaba || bytes == kAzureHost;
}

bool starts_with(const V6& bytes, std::initializer_list<unsigned char> start) {
  return std::equal(start.begin(), start.end(), bytes.begin());
}

V4 v4_at(const V6& bytes, std::size_t at) {
  V4 inner{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), inner.size(), inner.begin());
  return inner;
}

bool is_metadata_v6(const V6& bytes) {
  if (bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80U) return true;     // fe80::/10
  if (starts_with(bytes, {0xFD, 0x00, 0x0E, 0xC2, 0, 0})) return true;  // fd00:ec2::/48: EC2, EKS, time
  constexpr V6 kGoogle = {0xFD, 0x20, 0, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
  constexpr V6 kScaleway = {0xFD, 0, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42};
  if (bytes == kGoogle || bytes == kScaleway) return true;
  if (starts_with(bytes, {0x20, 0x02})) return is_metadata_v4(v4_at(bytes, 2));  // 6to4
  const bool is_mapped = starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
  const bool is_compatible = starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool is_nat64 = starts_with(bytes, {0, 0x64, 0xFF, 0x9B});
  return (is_mapped || is_compatible || is_nat64) && is_metadata_v4(v4_at(bytes, 12));
}

std::string_view without_final_dots(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

/// "[::1]" and "[fe80::1%25eth0]"; the zone may be anything.
bool is_bracketed_v6(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  const std::string_view inner = host.substr(1, host.size() - 2);
  V6 bytes{};
  return inet_pton(AF_INET6, std::string(inner.substr(0, inner.find('%'))).c_str(), bytes.data()) == 1;
}

bool is_clean_url(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7F && c != '\\'; });
}

/// No "%": a library below may decode it, so that the host judged here would not be the host connected to.
bool is_clean_host(std::string_view host) {
  if (host.find_first_of("[]:") != std::string_view::npos && !is_bracketed_v6(host)) return false;
  return host.find_first_of("\"<>{}|^`") == std::string_view::npos &&
         (host.starts_with('[') || host.find('%') == std::string_view::npos);
}

/// Host and port of what stands between the slashes.
EndpointFault read_authority(std::string_view authority, Endpoint& endpoint) {
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    if (colon == 0) return EndpointFault::no_host;
    const auto port = parse_unsigned(authority.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return EndpointFault::port;
    const int usual = endpoint.scheme == "http" ? 80 : 443;
    endpoint.port = static_cast<int>(*port) == usual ? 0 : static_cast<int>(*port);
    authority = authority.substr(0, colon);
  }
  if (authority.empty()) return EndpointFault::no_host;
  if (!is_clean_host(authority)) return EndpointFault::character;
  endpoint.host = to_ascii_lower(authority);
  return EndpointFault::none;
}

EndpointFault read_into(std::string_view url, Endpoint& endpoint) {
  if (url.find('@') != std::string_view::npos) return EndpointFault::user_information;
  const auto mark = url.find("://");
  if (mark == std::string_view::npos) return EndpointFault::no_scheme;
  endpoint.scheme = to_ascii_lower(url.substr(0, mark));
  if (endpoint.scheme != "http" && endpoint.scheme != "https") return EndpointFault::other_scheme;
  std::string_view rest = url.substr(mark + 3);
  if (rest.find_first_of("?#") != std::string_view::npos) return EndpointFault::query;
  if (!is_clean_url(url)) return EndpointFault::character;
  const std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  endpoint.base_path = rest;
  if (const EndpointFault fault = read_authority(authority, endpoint); fault != EndpointFault::none)
    return fault;
  if (is_metadata_host(endpoint.host)) return EndpointFault::metadata;
  if (endpoint.scheme == "http" && is_aws_host(endpoint.host)) return EndpointFault::plain_aws;
  return EndpointFault::none;
}

}  // namespace

EndpointReading read_endpoint(std::string_view url) {
  EndpointReading reading;
  reading.fault = read_into(url, reading.endpoint);
  return reading;
}

bool is_metadata_host(std::string_view host) {
  constexpr std::array<std::string_view, 6> kNames = {"metadata",      "metadata.google.internal",
                                                      "metadata.goog", "metadata.tencentyun.com",
                                                      "instance-data", "instance-data.ec2.internal"};
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string name(without_final_dots(host.substr(0, host.find('%'))));
  for (const std::string_view known : kNames)
    if (equal_ignoring_case(name, known)) return true;
  V6 six{};
  if (inet_pton(AF_INET6, name.c_str(), six.data()) == 1) return is_metadata_v6(six);
  in_addr four{};
  if (inet_aton(name.c_str(), &four) == 0) return false;  // reads what connect() does: 2852039166, 0xa9fea9fe
  V4 bytes{};
  std::memcpy(bytes.data(), &four.s_addr, bytes.size());
  return is_metadata_v4(bytes);
}

bool is_aws_host(std::string_view host) {
  const std::string lower = to_ascii_lower(without_final_dots(host));
  for (const std::string_view domain :
       {std::string_view("amazonaws.com"), std::string_view("amazonaws.com.cn")})
    if (lower == domain || lower.ends_with("." + std::string(domain))) return true;
  return false;
}

}  // namespace flotsam
