#pragma once

#include "base/error.h"
#include "http/transport.h"

namespace flotsam {

/// Whether a request can go out byte for byte as it stands: a known scheme, a host that is a name or an
/// address and nothing more (no user, no port, no path), a target whose odd bytes are percent-encoded,
/// headers without line breaks. Errors: invalid_argument; no header's value is in the message.
Result<void> check_request(const HttpRequest& request);

}  // namespace flotsam
