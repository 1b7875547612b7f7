#include "http/proxy.h"

#include <optional>

namespace flotsam {
namespace {

/// The lower-case variable wins even where it is empty: that is how a proxy is switched off for one program.
std::optional<std::string> value_of(const Environment& environment, const char* lower, const char* upper) {
  if (auto value = environment.get(lower)) return value;
  return environment.get(upper);
}

}  // namespace

ProxySettings proxies_of(const Environment& environment) {
  ProxySettings settings;
  const std::string all = value_of(environment, "all_proxy", "ALL_PROXY").value_or("");
  settings.https = value_of(environment, "https_proxy", "HTTPS_PROXY").value_or(all);
  const bool cgi = environment.get("REQUEST_METHOD").has_value();
  settings.http =
      (cgi ? environment.get("http_proxy") : value_of(environment, "http_proxy", "HTTP_PROXY")).value_or(all);
  settings.exceptions = value_of(environment, "no_proxy", "NO_PROXY").value_or("");
  return settings;
}

}  // namespace flotsam
