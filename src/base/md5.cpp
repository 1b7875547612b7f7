#include "base/md5.h"

#include <openssl/evp.h>

namespace flotsam {

std::optional<std::string> md5(std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
                 EVP_md5(), nullptr) != 1)
    return std::nullopt;
  digest.resize(length);
  return digest;
}

}  // namespace flotsam
