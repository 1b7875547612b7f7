#pragma once

#include <string_view>

#include "base/database_url.h"

namespace flotsam {

/// True where the name means this machine: loopback addresses, "localhost", a path of a socket.
bool is_local_host(std::string_view host);

}  // namespace flotsam
