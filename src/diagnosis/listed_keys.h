#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/caps.h"
#include "diagnosis/hash_set.h"
#include "diagnosis/loose_forms.h"

namespace flotsam {

/// What a listed object is to a diagnosis.
enum class KeyStanding {
  referenced,    ///< referenced or derived
  unreferenced,  ///< orphan or suspect
  other,         ///< of any other verdict: it exists
};

/// What a listing leaves for the diagnosis: an even sample of hashes of all keys, of referenced and
/// unreferenced keys themselves, and for every loose form of a sampled reference the unreferenced keys that
/// share it. KeySamplers feed it from several threads; read it when they are gone. The same set of keys gives
/// the same contents. Bounded by the caps.
class ListedKeys {
 public:
  /// `forms`: loose forms of the pairing rows; `current`: hashes (key_hash_of) of the keys that sampled rows
  /// need now.
  ListedKeys(std::vector<std::uint64_t> forms, std::vector<std::uint64_t> current, DiagnosisCaps caps);

  struct Sample {
    std::uint64_t rank = 0;
    std::string key;
  };

  /// True where the key's existence is known: the share of all hashes that is kept. exists() is then a fact.
  bool is_testable(std::uint64_t hash) const { return hash <= hash_bound(); }
  bool exists(std::uint64_t hash) const { return keys_.contains(hash); }
  /// Whether an object was listed under a key of `current`.
  bool has_current(std::uint64_t hash) const;
  /// The share of keys whose existence is known.
  double testable_share() const;
  bool is_complete() const { return level_ == 0; }

  /// The unreferenced keys that share the form, at most keys_a_form; empty where too many do. `count`: how
  /// many do.
  struct Bucket {
    std::uint32_t count = 0;
    std::vector<std::shared_ptr<const std::string>> keys;
  };
  Bucket bucket_of(std::uint64_t form) const;

  std::uint64_t unreferenced_count() const { return unreferenced_count_; }
  std::uint64_t referenced_count() const { return referenced_count_; }
  /// Even samples by rising rank.
  const std::vector<Sample>& unreferenced() const { return unreferenced_; }
  const std::vector<Sample>& referenced() const { return referenced_; }

  /// After the last sampler is gone, before the first question.
  void freeze();

 private:
  friend class KeySampler;
  struct Kept {
    std::uint64_t rank = 0;
    std::shared_ptr<const std::string> key;
  };
  struct Slot {
    std::atomic<std::uint32_t> count{0};
    std::vector<Kept> kept;  ///< by rising rank
  };

  std::uint64_t hash_bound() const { return UINT64_MAX >> level_; }
  void keep(std::size_t slot, std::uint64_t rank, std::string_view key,
            std::shared_ptr<const std::string>& shared);
  void drop(Slot& slot, std::size_t down_to);
  void halve_form_keys();
  void take_hashes(std::vector<std::uint64_t>& hashes, std::array<std::uint64_t, 65>& by_zeros);

  DiagnosisCaps caps_;
  HashSet forms_;
  std::vector<Slot> slots_;
  HashSet current_;
  std::vector<std::atomic<std::uint8_t>> current_seen_;
  std::atomic<unsigned> level_{0};  ///< hashes with fewer leading zeros are not kept
  std::mutex mutex_;
  std::size_t form_bytes_ = 0;
  std::atomic<std::size_t> form_keys_max_;
  std::array<std::uint64_t, 65> by_zeros_{};
  std::vector<std::uint64_t> hashes_;
  HashSet keys_;
  std::vector<Sample> unreferenced_, referenced_;
  std::uint64_t unreferenced_count_ = 0, referenced_count_ = 0;
};

/// The hand of one worker of the listing. One thread each; what it holds goes to the ListedKeys when it is
/// destroyed.
class KeySampler {
 public:
  explicit KeySampler(ListedKeys& all);
  ~KeySampler();
  KeySampler(const KeySampler&) = delete;
  KeySampler& operator=(const KeySampler&) = delete;

  /// Every listed key once.
  void offer(std::string_view key, KeyStanding standing);

 private:
  struct Bottom {
    std::vector<ListedKeys::Sample> items;
    std::uint64_t rank_max = UINT64_MAX;
  };
  void offer_to(Bottom& bottom, std::uint64_t rank, std::string_view key) const;
  void offer_forms(std::uint64_t hash, std::string_view key);
  void add_hash(std::uint64_t hash);

  ListedKeys& all_;
  LooseForms loose_;
  std::vector<std::uint64_t> forms_;
  std::vector<std::size_t> slots_;
  std::vector<std::uint64_t> hashes_;
  std::array<std::uint64_t, 65> by_zeros_{};
  Bottom unreferenced_, referenced_;
  std::uint64_t unreferenced_count_ = 0, referenced_count_ = 0;
};

}  // namespace flotsam
