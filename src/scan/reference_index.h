#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "model/resolver.h"
#include "scan/fingerprints.h"
#include "scan/pod_buffer.h"

namespace flotsam {

/// The hashes of one run, each independent of the others. Drawn at random, so that nobody can craft names
/// that collide; only the loose form has a fixed key (see loose()).
class ReferenceHashes {
 public:
  explicit ReferenceHashes(std::uint64_t seed);
  std::uint64_t key(std::string_view key) const { return key_(key); }
  std::uint64_t folder(std::string_view folder) const { return folder_(folder); }
  std::uint64_t spelling(std::string_view canonical) const { return spelling_(canonical); }
  /// 47 bits, never 0. Fixed: a collision of so few bits would otherwise change results from run to run, and
  /// it can only keep an object.
  std::uint64_t loose(std::string_view loose_form) const;

 private:
  KeyedHash key_, folder_, spelling_, loose_;
};

/// One template of one source, by its number over all sources.
struct TemplateInfo {
  std::size_t source = 0;
  KeyKind kind = KeyKind::needed;
};

/// One key that a template yields, as it is kept while the references are read: 16 bytes.
struct ReferenceEntry {
  static constexpr std::uint16_t kOutsideBit = 0x8000;
  std::uint64_t hash = 0;
  std::uint32_t loose_low = 0;
  std::uint16_t template_id = 0;
  std::uint16_t loose_high_and_outside = 0;

  std::uint64_t loose() const {
    return loose_low | (static_cast<std::uint64_t>(loose_high_and_outside & 0x7FFFU) << 32U);
  }
  bool outside() const { return (loose_high_and_outside & kOutsideBit) != 0; }
  static ReferenceEntry of(std::uint64_t hash, std::uint16_t template_id, std::uint64_t loose, bool outside) {
    return {hash, static_cast<std::uint32_t>(loose), template_id,
            static_cast<std::uint16_t>((loose >> 32U) | (outside ? kOutsideBit : 0U))};
  }
};

/// A set of templates that yield the same keys: what an entry of the index points to.
struct TemplateSet {
  std::vector<std::uint16_t> templates;  ///< rising
  bool outside = false;
  bool needed = false;     ///< one of them needs the key
  bool derived = false;    ///< one of them explains it
  std::uint64_t keys = 0;  ///< distinct keys with exactly this set
};

/// The references of a run, frozen: which templates yield a key, which keys were seen in the store, which
/// canonical spellings are referenced. About 7.7 bytes a key, 6 more for its loose form, 5.7 a spelling.
///
/// One-sided: a fingerprint collision can hide an orphan, never make one. Lookups and mark_seen() from
/// several threads.
class ReferenceIndex {
 public:
  static constexpr std::size_t kAbsent = Fingerprints<2>::kAbsent;

  void prefetch_bucket(std::uint64_t hash) const { keys_.prefetch_bucket(hash); }
  void prefetch_entry(std::uint64_t hash) const { keys_.prefetch_entries(hash); }
  std::size_t find(std::uint64_t hash) const { return keys_.find(hash); }
  std::size_t size() const { return keys_.size(); }
  std::uint16_t set_of(std::size_t entry) const { return static_cast<std::uint16_t>(keys_.payload(entry)); }
  const std::vector<TemplateSet>& sets() const { return sets_; }
  bool has_folders() const { return has_folders_; }

  void mark_seen(std::size_t entry);
  bool seen(std::size_t entry) const;
  /// 0 where no template of this key makes suspects.
  std::uint64_t loose_of(std::size_t entry) const;

  bool has_spelling(std::uint64_t hash) const { return spellings_.contains(hash); }
  std::size_t spellings() const { return spellings_.size(); }

  /// The bytes of the table of keys with its seen bits, without the loose forms.
  std::size_t table_bytes() const { return keys_.memory_bytes() + (size() + 63) / 64 * 8; }

  /// Of a set's keys, those that were seen; one number a set. For after the listing.
  std::vector<std::uint64_t> seen_by_set() const;
  /// The loose forms of the dangling keys: needed, in scope, not seen.
  FingerprintSet dangling_loose_forms() const;

 private:
  friend class ReferenceCollector;
  Fingerprints<2> keys_;
  FingerprintSet spellings_;
  std::vector<TemplateSet> sets_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> seen_;
  PodBuffer<std::uint32_t> loose_low_;
  PodBuffer<std::uint16_t> loose_high_;
  bool has_folders_ = false;
};

/// Takes the keys as they are read. Doubles are dropped whenever the buffer has grown well beyond what is
/// distinct, so that duplicate rows cost nothing lasting. One thread.
class ReferenceCollector {
 public:
  /// budget_bytes: for everything that reading and freezing need at their peak. Beyond it only a thinned
  /// sample is kept, which tells how much would be needed, and freeze() refuses.
  explicit ReferenceCollector(std::uint64_t budget_bytes) : budget_bytes_(budget_bytes) {}

  void add(const ReferenceEntry& entry) {
    if ((entry.hash >> (63 - thinning_)) >> 1U != 0) return;
    entries_.push_back(entry);
    if (--until_check_ == 0) make_room();
  }
  void add_spelling(std::uint64_t hash) {
    if ((hash >> (63 - thinning_)) >> 1U != 0) return;
    spellings_.push_back(hash);
    if (--until_check_ == 0) make_room();
  }

  /// Ends the collecting. Errors: refused where memory does not suffice, with the figure that would; refused
  /// where the references combine templates in more than 65,535 ways.
  Result<ReferenceIndex> freeze(std::span<const TemplateInfo> templates);

  /// What a budget must be for so many distinct entries and spellings.
  static std::uint64_t budget_for(std::uint64_t entries, std::uint64_t spellings);

 private:
  void make_room();
  void compact();
  void thin();
  Error too_large() const;
  Result<void> freeze_keys(std::span<const TemplateInfo> templates, ReferenceIndex& index);

  std::uint64_t budget_bytes_;
  PodBuffer<ReferenceEntry> entries_;
  PodBuffer<std::uint64_t> spellings_;
  std::size_t until_check_ = kCheckInterval;
  std::size_t compact_at_entries_ = kFirstCompaction;
  std::size_t compact_at_spellings_ = kFirstCompaction;
  unsigned thinning_ = 0;  ///< only hashes with so many leading zero bits are kept

  static constexpr std::size_t kCheckInterval = 1U << 12U;
  static constexpr std::size_t kFirstCompaction = 1U << 21U;
};

}  // namespace flotsam
