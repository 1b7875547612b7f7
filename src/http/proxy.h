#pragma once

#include <string>
#include <string_view>

#include "base/environment.h"

namespace flotsam {

/// The proxies that an environment names: https_proxy and http_proxy, else all_proxy, and no_proxy; lower
/// case before upper case, as curl and the AWS CLI read them. HTTP_PROXY in capitals is not believed in a CGI
/// process (REQUEST_METHOD is set there), where a client's "Proxy:" header becomes that variable.
struct ProxySettings {
  std::string http;        ///< for http:// requests; empty: none. May hold a password: never print it.
  std::string https;       ///< for https:// requests; empty: none. May hold a password: never print it.
  std::string exceptions;  ///< no_proxy, as libcurl reads it

  const std::string& of_scheme(std::string_view scheme) const { return scheme == "https" ? https : http; }
};

ProxySettings proxies_of(const Environment& environment);

}  // namespace flotsam
