#include "base/endpoint.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "config/sections.h"

namespace flotsam {

std::string endpoint_mistake(std::string_view url) {
  const std::string seen = in_quotes(redacted(url));
  switch (read_endpoint(url).fault) {
    case EndpointFault::none:
      return {};
    case EndpointFault::user_information:
      return "holds a user or password; credentials come from the AWS environment, profile or metadata";
    case EndpointFault::no_scheme:
    case EndpointFault::other_scheme:
      return fmt::format("is {}, but must begin with http:// or https://", seen);
    case EndpointFault::query:
      return "holds a ? or #; an endpoint is scheme, host and port";
    case EndpointFault::character:
      return fmt::format("is {}, which is no URL", seen);
    case EndpointFault::no_host:
      return fmt::format("is {}, which names no host", seen);
    case EndpointFault::port:
      return fmt::format("is {}, whose port is none", seen);
    case EndpointFault::metadata:
      return fmt::format("is {}, an address of metadata services, never of an object store", seen);
    case EndpointFault::plain_aws:
      return fmt::format("is {}; AWS is only spoken to over https://", seen);
  }
  check_failed("a fault has its words", __FILE__, __LINE__);
}

}  // namespace flotsam
