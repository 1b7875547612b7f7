#pragma once

/// http/: one HTTP exchange at a time over libcurl, behind an interface. Nothing here knows S3, follows a
/// redirect, retries, or lets libcurl rewrite a path (its traps: PATH_AS_IS, FOLLOWLOCATION, FRESH_CONNECT).
/// What libcurl does do: on a kept connection that dies before the first byte of an answer it sends the
/// request again; where that must not be, ask for fresh_connection.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/environment.h"
#include "base/error.h"

namespace flotsam {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string scheme = "https";  ///< "https" | "http"
  std::string host{};            ///< name or address, IPv6 in brackets
  int port = 0;                  ///< 0: the scheme's default
  std::string target = "/";      ///< path and query exactly as they go out, already percent-encoded
  HttpHeaders headers{};         ///< Host is made from host and port where it is not given
  std::string body{};
  std::uint64_t response_limit_bytes = 64U << 20U;  ///< a longer body is an error (corrupt)
  std::chrono::milliseconds timeout{60'000};        ///< for the whole exchange; 0: none
  bool fresh_connection = false;                    ///< for what must not be sent twice by libcurl itself
  bool use_proxy = true;                            ///< false for metadata and container endpoints

  /// "host" or "host:port" as it stands in the Host header: no port where it is the scheme's default.
  std::string authority() const;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  ///< names in lower case, in order of arrival
  std::string body;
  /// The first header of this (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// One connection at a time, kept open between exchanges. One thread each; make one a worker.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Sends once and returns the answer whatever its status. The answer's body is whole: Content-Length met or
  /// the last chunk seen. `response` is reused storage. A body that has neither (HTTP/1.0 style) ends where
  /// the connection does: its reader must know its end by itself. Errors: unavailable (cannot connect, name
  /// not found, TLS, time-out, connection cut, body cut: service_code holds curl's name for it),
  /// permission_denied (certificate not trusted), corrupt (body or headers longer than their limit, or what
  /// was answered is not HTTP), invalid_argument (a request that cannot go out as it stands; a CA file that
  /// cannot be used), interrupted. `response` is then to be ignored.
  virtual Result<void> exchange(const HttpRequest& request, HttpResponse& response) = 0;
};

struct TransportOptions {
  std::string ca_bundle{};  ///< a file; empty: AWS_CA_BUNDLE, SSL_CERT_FILE, then the distributions' paths
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::seconds stall_timeout{120};  ///< less than a byte a second for so long: unavailable; 0: never
  const Cancel* cancel = nullptr;           ///< looked at once a second and with every piece of an answer
};

class TransportFactory {
 public:
  virtual ~TransportFactory() = default;
  virtual std::unique_ptr<Transport> make() = 0;
};

/// libcurl. Proxies come from `environment` (https_proxy, http_proxy, all_proxy, no_proxy), never from the
/// process. The environment is read here and now; transports made later do not see changes.
std::unique_ptr<TransportFactory> make_curl_transport(const Environment& environment,
                                                      TransportOptions options);

}  // namespace flotsam
