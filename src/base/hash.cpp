#include "base/hash.h"

#include <cstring>
#include <openssl/evp.h>
#include <sys/random.h>

#include "base/bytes.h"
#include "base/check.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace flotsam {

KeyedHash::KeyedHash(std::uint64_t seed) {
  static_assert(sizeof(secret_) == XXH_SECRET_DEFAULT_SIZE);
  XXH3_generateSecret_fromSeed(secret_.data(), seed);
}

std::uint64_t KeyedHash::operator()(std::string_view bytes) const {
  return XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size());
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  CHECK(getrandom(&seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed));
  return seed;
}

std::string random_hex(std::size_t count) {
  std::string bytes(count, '\0');
  CHECK(count <= 256 && getrandom(bytes.data(), count, 0) == static_cast<ssize_t>(count));
  return to_hex(bytes);
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  CHECK(state_->context != nullptr && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::finish() {
  std::string digest(32, '\0');
  unsigned length = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()), &length) == 1);
  CHECK(length == digest.size());
  return digest;
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

std::string sha256_hex(std::string_view bytes) {
  return to_hex(sha256(bytes));
}

}  // namespace flotsam
