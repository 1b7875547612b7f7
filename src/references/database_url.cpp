#include "references/database_url.h"

#include "base/bytes.h"

namespace flotsam {

bool is_local_host(std::string_view host) {
  // A name may begin with "127.", too: only an address of digits is loopback.
  const bool loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host.empty() || host.starts_with('/') || host.starts_with('@') ||
         equal_ignoring_case(host, "localhost") || loopback || host == "::1";
}

}  // namespace flotsam
