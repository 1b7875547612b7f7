#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// A server that speaks HTTP, as a person or a variable names it.
struct Endpoint {
  std::string scheme;     ///< "http" or "https"
  std::string host;       ///< lower case; an IPv6 address in its brackets
  std::string base_path;  ///< without a final slash; mostly empty
  int port = 0;           ///< 0: the scheme's own
};

/// Why a text is no endpoint that credentials may be sent to.
enum class EndpointFault {
  none,
  user_information,  ///< holds an "@": the text may hold a secret and must not be shown
  no_scheme,
  other_scheme,  ///< neither http nor https
  query,         ///< holds "?" or "#"
  character,     ///< one that no URL or host name holds, or brackets without an IPv6 address
  no_host,
  port,       ///< not 1 to 65535
  metadata,   ///< is_metadata_host
  plain_aws,  ///< http:// to is_aws_host
};

struct EndpointReading {
  Endpoint endpoint;  ///< complete where the fault is none, metadata or plain_aws
  EndpointFault fault = EndpointFault::none;
};

/// Reads scheme://host[:port][/path] (RFC 3986, no user information, query or fragment) and judges it. The
/// one place that knows what an endpoint may be; callers find the words.
EndpointReading read_endpoint(std::string_view url);

/// True for a name or address at which metadata services (which hand out credentials) or link-local
/// neighbours answer: 169.254.0.0/16, fe80::/10 and the services that lie elsewhere, in every form that a
/// resolver takes (dotted, hexadecimal, octal, one number; IPv4 inside IPv6 by mapping, NAT64, 6to4; with
/// zone; with a final dot). Names are not resolved.
bool is_metadata_host(std::string_view host);

/// True for hosts of AWS (amazonaws.com and amazonaws.com.cn), case and a final dot aside.
bool is_aws_host(std::string_view host);

}  // namespace flotsam
