#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "scan/pod_buffer.h"
#include "scan/radix_sort.h"

namespace flotsam {

/// 64-bit hashes frozen into a compact table: the top bits choose a bucket of 6 to 12 entries, an entry keeps
/// the 40 bits below and `kPayloadBytes` of payload. With 7 bytes an entry and 4 a bucket that is at most 7.7
/// bytes an entry.
///
/// One-sided: a hash that was added is always found; one that was not is found with a chance of about 12 /
/// 2^40 in a table of any size. Immutable once built; readable from several threads.
template <unsigned kPayloadBytes>
class Fingerprints {
  static_assert(kPayloadBytes <= 3, "an entry is read as one 64-bit word");

 public:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
  static constexpr unsigned kEntryBytes = 5 + kPayloadBytes;

  /// Takes hashes in rising order; equal ones may follow each other.
  class Builder {
   public:
    explicit Builder(std::size_t count) { table_.allocate(count); }
    void add(std::uint64_t hash, std::uint64_t payload = 0) {
      const std::size_t bucket = table_.bucket_of(hash);
      CHECK(bucket + 1 >= next_bucket_ && index_ < table_.count_);
      while (next_bucket_ <= bucket) table_.set_start(next_bucket_++, index_);
      const std::uint64_t entry = table_.remainder_of(hash) | (payload << 40U);
      std::memcpy(table_.entries_.data() + index_ * kEntryBytes, &entry, kEntryBytes);
      ++index_;
    }
    Fingerprints finish() && {
      CHECK(index_ == table_.count_);
      while (next_bucket_ <= table_.bucket_count()) table_.set_start(next_bucket_++, index_);
      return std::move(table_);
    }

   private:
    Fingerprints table_;
    std::size_t next_bucket_ = 0;
    std::size_t index_ = 0;
  };

  std::size_t size() const { return count_; }
  std::size_t memory_bytes() const {
    return entries_.capacity() + starts_.capacity() * sizeof(std::uint32_t) +
           bases_.capacity() * sizeof(std::uint64_t);
  }

  /// The two steps before find() where many hashes are looked up together: each hides one cache miss.
  void prefetch_bucket(std::uint64_t hash) const {
    if (count_ != 0) __builtin_prefetch(&starts_[bucket_of(hash)]);
  }
  void prefetch_entries(std::uint64_t hash) const {
    if (count_ == 0) return;
    const unsigned char* first = entries_.data() + start_of(bucket_of(hash)) * kEntryBytes;
    __builtin_prefetch(first);
    __builtin_prefetch(first + 64);
  }

  /// The index of the entry (0 … size() - 1, in hash order), or kAbsent.
  std::size_t find(std::uint64_t hash) const {
    if (count_ == 0) return kAbsent;
    const std::size_t bucket = bucket_of(hash);
    const std::uint64_t remainder = remainder_of(hash);
    const std::size_t end = start_of(bucket + 1);
    for (std::size_t index = start_of(bucket); index < end; ++index)
      if ((entry_at(index) & kRemainderMask) == remainder) return index;
    return kAbsent;
  }
  bool contains(std::uint64_t hash) const { return find(hash) != kAbsent; }

  std::uint64_t payload(std::size_t index) const {
    return (entry_at(index) >> 40U) & ((1ULL << (8 * kPayloadBytes)) - 1);
  }

 private:
  static constexpr std::uint64_t kRemainderMask = (1ULL << 40U) - 1;
  static constexpr std::size_t kMeanEntries = 6;

  void allocate(std::size_t count) {
    count_ = count;
    bits_ = 0;
    while ((kMeanEntries << (bits_ + 1)) <= count) ++bits_;
    // Eight bytes more, because an entry is read as a word.
    entries_.resize(count * kEntryBytes + 8);
    starts_.resize(bucket_count() + 1);
    bases_.resize((bucket_count() >> 16U) + 1);
  }
  std::size_t bucket_count() const { return std::size_t{1} << bits_; }
  std::size_t bucket_of(std::uint64_t hash) const { return bits_ == 0 ? 0 : hash >> (64 - bits_); }
  std::uint64_t remainder_of(std::uint64_t hash) const { return (hash << bits_) >> 24U; }
  // Starts count from a base every 65,536 buckets, so that 32 bits serve a table of any size.
  void set_start(std::size_t bucket, std::size_t index) {
    if ((bucket & 0xFFFFU) == 0) bases_[bucket >> 16U] = index;
    starts_[bucket] = static_cast<std::uint32_t>(index - bases_[bucket >> 16U]);
  }
  std::size_t start_of(std::size_t bucket) const { return bases_[bucket >> 16U] + starts_[bucket]; }
  std::uint64_t entry_at(std::size_t index) const {
    std::uint64_t word = 0;
    std::memcpy(&word, entries_.data() + index * kEntryBytes, sizeof word);
    return word;
  }

  std::size_t count_ = 0;
  unsigned bits_ = 0;
  std::vector<unsigned char> entries_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint64_t> bases_;
};

/// A set of hashes.
using FingerprintSet = Fingerprints<0>;

/// Sorts the hashes, drops doubles, freezes them; the buffer is given back.
inline FingerprintSet to_fingerprint_set(PodBuffer<std::uint64_t>& hashes) {
  const auto all = hashes.values();
  sort_by_hash(all, [](std::uint64_t hash) { return hash; }, std::less<>());
  hashes.truncate(static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin()));
  FingerprintSet::Builder builder(hashes.size());
  for (const std::uint64_t hash : hashes.values()) builder.add(hash);
  hashes.release();
  return std::move(builder).finish();
}

}  // namespace flotsam
