#pragma once

#include <string_view>

#include "base/error.h"

namespace flotsam {

/// The Error behind a libcurl code (a CURLcode, as a number so that curl's header stays out of ours).
///
/// code       what libcurl returned, not CURLE_OK
/// detail     libcurl's own words about it; escaped and redacted here
/// authority  whom we spoke to, "https://host:port"
/// Returns    the code of http/transport.h, a sentence that names the authority, and curl's name of the code
/// as
///            service_code ("CURLE_PARTIAL_FILE")
Error error_of_curl(int code, std::string_view detail, std::string_view authority);

}  // namespace flotsam
