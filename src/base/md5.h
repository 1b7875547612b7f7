#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flotsam {

/// The raw 16 bytes of a text's MD5, for protocols that ask for it (S3: Content-MD5). Nothing where this
/// machine's OpenSSL refuses it (FIPS).
std::optional<std::string> md5(std::string_view bytes);

}  // namespace flotsam
