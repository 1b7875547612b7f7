#include "diagnosis/listed_keys.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "diagnosis/hashes.h"

namespace flotsam {
namespace {

constexpr std::size_t kKeyBytesMax = 1024;  // longer ones are no one's partner
constexpr std::size_t kBatch = 4096;
constexpr std::uint64_t kFormSalt = 11, kUnreferencedSalt = 12, kReferencedSalt = 13;

void keep_smallest(std::vector<ListedKeys::Sample>& items, std::size_t count) {
  std::sort(items.begin(), items.end(), [](const ListedKeys::Sample& a, const ListedKeys::Sample& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.key < b.key;
  });
  if (items.size() > count) items.erase(items.begin() + static_cast<std::ptrdiff_t>(count), items.end());
}

}  // namespace

ListedKeys::ListedKeys(std::vector<std::uint64_t> forms, std::vector<std::uint64_t> current,
                       DiagnosisCaps caps)
    : caps_(caps),
      forms_(std::move(forms)),
      slots_(forms_.size()),
      current_(std::move(current)),
      current_seen_(current_.size()),
      form_keys_max_(caps.keys_a_form) {}

bool ListedKeys::has_current(std::uint64_t hash) const {
  const std::size_t at = current_.find(hash);
  return at != HashSet::kAbsent && current_seen_[at].load(std::memory_order_relaxed) != 0;
}

double ListedKeys::testable_share() const {
  return std::ldexp(1.0, -static_cast<int>(level_.load()));
}

ListedKeys::Bucket ListedKeys::bucket_of(std::uint64_t form) const {
  Bucket bucket;
  const std::size_t at = forms_.find(form);
  if (at == HashSet::kAbsent) return bucket;
  bucket.count = slots_[at].count.load();
  for (const Kept& kept : slots_[at].kept) bucket.keys.push_back(kept.key);
  return bucket;
}

void ListedKeys::freeze() {
  std::erase_if(hashes_, [this](std::uint64_t hash) { return hash > hash_bound(); });
  keys_ = HashSet(std::move(hashes_));
  hashes_ = {};
  keep_smallest(unreferenced_, caps_.sampled_keys);
  keep_smallest(referenced_, caps_.sampled_keys);
}

void ListedKeys::keep(std::size_t slot_index, std::uint64_t rank, std::string_view key,
                      std::shared_ptr<const std::string>& shared) {
  Slot& slot = slots_[slot_index];
  if (slot.count.load(std::memory_order_relaxed) > caps_.form_dead) return;
  const std::lock_guard lock(mutex_);
  const std::uint32_t count = slot.count.fetch_add(1, std::memory_order_relaxed) + 1;
  if (count > caps_.form_dead) return drop(slot, 0);
  const std::size_t keys_max = form_keys_max_;
  const auto later = [](const Kept& a, const Kept& b) { return a.rank < b.rank; };
  if (slot.kept.size() >= keys_max && (keys_max == 0 || slot.kept.back().rank < rank)) return;
  if (shared == nullptr) {
    shared = std::make_shared<const std::string>(key);
    form_bytes_ += key.size() + 64;
  }
  const Kept kept{rank, shared};
  slot.kept.insert(std::upper_bound(slot.kept.begin(), slot.kept.end(), kept, later), kept);
  form_bytes_ += sizeof(Kept);
  drop(slot, keys_max);
  if (form_bytes_ > caps_.form_bytes) halve_form_keys();
}

void ListedKeys::drop(Slot& slot, std::size_t down_to) {
  while (slot.kept.size() > down_to) {
    form_bytes_ -= sizeof(Kept);
    if (slot.kept.back().key.use_count() == 1) form_bytes_ -= slot.kept.back().key->size() + 64;
    slot.kept.pop_back();
  }
}

// Rather fewer keys for every form than some forms with none.
void ListedKeys::halve_form_keys() {
  form_keys_max_ = form_keys_max_ / 2;
  for (Slot& slot : slots_) drop(slot, form_keys_max_);
}

void ListedKeys::take_hashes(std::vector<std::uint64_t>& hashes, std::array<std::uint64_t, 65>& by_zeros) {
  const std::lock_guard lock(mutex_);
  std::uint64_t kept = 0;
  for (std::size_t zeros = 0; zeros < by_zeros.size(); ++zeros) {
    by_zeros_[zeros] += by_zeros[zeros];
    if (zeros >= level_) kept += by_zeros_[zeros];
  }
  by_zeros.fill(0);
  bool raised = false;
  while (kept > caps_.key_hashes && level_ < 63) {
    kept -= by_zeros_[level_];
    ++level_;
    raised = true;
  }
  const auto gone = [this](std::uint64_t hash) { return hash > hash_bound(); };
  hashes_.insert(hashes_.end(), hashes.begin(), hashes.end());
  hashes.clear();
  if (raised || hashes_.size() > caps_.key_hashes)
    hashes_.erase(std::remove_if(hashes_.begin(), hashes_.end(), gone), hashes_.end());
}

KeySampler::KeySampler(ListedKeys& all) : all_(all) {}

KeySampler::~KeySampler() {
  all_.take_hashes(hashes_, by_zeros_);
  const std::lock_guard lock(all_.mutex_);
  const auto move_to = [this](Bottom& from, std::vector<ListedKeys::Sample>& to) {
    std::move(from.items.begin(), from.items.end(), std::back_inserter(to));
    keep_smallest(to, all_.caps_.sampled_keys);
  };
  move_to(unreferenced_, all_.unreferenced_);
  move_to(referenced_, all_.referenced_);
  all_.unreferenced_count_ += unreferenced_count_;
  all_.referenced_count_ += referenced_count_;
}

void KeySampler::offer(std::string_view key, KeyStanding standing) {
  const std::uint64_t hash = key_hash_of(key);
  if (hash <= all_.hash_bound()) add_hash(hash);
  if (standing == KeyStanding::referenced) {
    ++referenced_count_;
    if (const std::size_t at = all_.current_.find(hash); at != HashSet::kAbsent)
      all_.current_seen_[at].store(1, std::memory_order_relaxed);
    offer_to(referenced_, mixed(hash, kReferencedSalt), key);
  } else if (standing == KeyStanding::unreferenced) {
    ++unreferenced_count_;
    offer_to(unreferenced_, mixed(hash, kUnreferencedSalt), key);
    if (all_.forms_.size() > 0 && key.size() <= kKeyBytesMax) offer_forms(hash, key);
  }
}

void KeySampler::offer_to(Bottom& bottom, std::uint64_t rank, std::string_view key) const {
  if (rank > bottom.rank_max || key.size() > kKeyBytesMax) return;
  bottom.items.push_back({rank, std::string(key)});
  if (bottom.items.size() < 2 * all_.caps_.sampled_keys) return;
  keep_smallest(bottom.items, all_.caps_.sampled_keys);
  bottom.rank_max = bottom.items.back().rank;
}

void KeySampler::offer_forms(std::uint64_t hash, std::string_view key) {
  loose_.unsorted_of(key, forms_);
  slots_.clear();
  for (const std::uint64_t form : forms_) {
    const std::size_t slot = all_.forms_.find(form);
    if (slot != HashSet::kAbsent && std::find(slots_.begin(), slots_.end(), slot) == slots_.end())
      slots_.push_back(slot);
  }
  std::shared_ptr<const std::string> shared;
  for (const std::size_t slot : slots_) all_.keep(slot, mixed(hash, kFormSalt), key, shared);
}

void KeySampler::add_hash(std::uint64_t hash) {
  hashes_.push_back(hash);
  ++by_zeros_[static_cast<std::size_t>(std::countl_zero(hash))];
  if (hashes_.size() >= kBatch) all_.take_hashes(hashes_, by_zeros_);
}

}  // namespace flotsam
