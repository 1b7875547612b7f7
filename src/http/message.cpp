#include <fmt/format.h>

#include "http/transport.h"

namespace flotsam {

std::string HttpRequest::authority() const {
  const int default_port = scheme == "https" ? 443 : 80;
  if (port == 0 || port == default_port) return host;
  return fmt::format("{}:{}", host, port);
}

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return std::string_view(value);
  }
  return std::nullopt;
}

}  // namespace flotsam
