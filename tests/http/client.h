#pragma once

#include <memory>
#include <string>

#include "http/transport.h"

namespace flotsam::test {

/// A GET of a server on 127.0.0.1.
inline HttpRequest get(int port, std::string target = "/") {
  HttpRequest request;
  request.scheme = "http";
  request.host = "127.0.0.1";
  request.port = port;
  request.target = std::move(target);
  return request;
}

inline std::unique_ptr<Transport> make_transport(TransportOptions options = {},
                                                 const Environment& environment = {}) {
  return make_curl_transport(environment, std::move(options))->make();
}

}  // namespace flotsam::test
