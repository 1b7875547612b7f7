#include "truth.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace flotsam::bench {

void KeySum::add(std::string_view key) {
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  add(KeySum{1, hash.high64, hash.low64});
}

void KeySum::add(const KeySum& other) {
  count += other.count;
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
}

std::string KeySum::text() const {
  return fmt::format("{} {:016x}{:016x}", count, high, low);
}

Truth truth_of(const Dataset& dataset) {
  Truth truth;
  std::string key;
  for (std::uint64_t rank = 0; rank < dataset.objects(); ++rank) {
    dataset.object_key(rank, key);
    truth.objects.add(key);
    (dataset.is_orphan(rank) ? truth.orphans : truth.references).add(key);
  }
  for (std::uint64_t number = 0; number < dataset.dangling(); ++number) {
    dataset.dangling_key(number, key);
    truth.dangling.add(key);
    truth.references.add(key);
  }
  return truth;
}

}  // namespace flotsam::bench
