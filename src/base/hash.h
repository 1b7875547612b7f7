#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace flotsam {

/// A keyed 64-bit hash (XXH3 with a 192-byte secret derived from the seed). The same key gives the same
/// hashes, so a test fixes it; a run draws it at random, so that nobody can craft names that collide.
class KeyedHash {
 public:
  explicit KeyedHash(std::uint64_t seed);
  std::uint64_t operator()(std::string_view bytes) const;

 private:
  std::array<unsigned char, 192> secret_;
};

/// 64 random bits of the operating system.
std::uint64_t random_seed();
/// `count` random bytes of the operating system as lower-case hex: ids.
std::string random_hex(std::size_t count);

/// SHA-256 of a stream of bytes (OpenSSL).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  /// The 32 raw bytes; the object is used up.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The raw 32 bytes, and their hex.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

}  // namespace flotsam
