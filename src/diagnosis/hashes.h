#pragma once

#include <cstdint>
#include <string_view>

namespace flotsam {

/// The hashes that choose samples have fixed keys, so that the same input gives the same answer; they are
/// independent of each other, so that one sample says nothing of another.
std::uint64_t row_rank_of(std::string_view packed);
std::uint64_t key_hash_of(std::string_view key);

/// A bijection that looks random: another rank from the same hash.
inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t salt) {
  std::uint64_t x = hash + salt * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

}  // namespace flotsam
