#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace flotsam {

/// Sorts values whose 64-bit `hash_of` is spread evenly, in place: one byte of the hash after the other from
/// the top (American flag sort), small heaps by comparison. `less` is the whole order and must begin with the
/// hash.
template <typename T, typename HashOf, typename Less>
void sort_by_hash(std::span<T> values, HashOf hash_of, Less less, int shift = 56) {
  constexpr std::size_t kSmall = 192;
  if (values.size() <= kSmall || shift < 0) {
    std::sort(values.begin(), values.end(), less);
    return;
  }
  const auto digit_of = [&](const T& value) {
    return static_cast<std::size_t>(hash_of(value) >> static_cast<unsigned>(shift)) & 0xFFU;
  };
  std::array<std::size_t, 257> begin{};
  for (const T& value : values) ++begin[digit_of(value) + 1];
  for (std::size_t digit = 0; digit < 256; ++digit) begin[digit + 1] += begin[digit];
  std::array<std::size_t, 256> next{};
  std::copy_n(begin.begin(), 256, next.begin());
  for (std::size_t digit = 0; digit < 256; ++digit) {
    while (next[digit] < begin[digit + 1]) {
      T& place = values[next[digit]];
      const std::size_t target = digit_of(place);
      if (target == digit) {
        ++next[digit];
      } else {
        std::swap(place, values[next[target]++]);
      }
    }
  }
  for (std::size_t digit = 0; digit < 256; ++digit)
    sort_by_hash(values.subspan(begin[digit], begin[digit + 1] - begin[digit]), hash_of, less, shift - 8);
}

}  // namespace flotsam
