#include "scan/reference_index.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kLooseSeed = 0x6c6f6f7365666f72ULL;
constexpr std::uint64_t kLooseMask = (1ULL << 47U) - 1;

// Bytes at the peak, which is while the keys are frozen: the buffers of reading and the table that they
// become.
constexpr std::uint64_t kPeakBytesAnEntry = sizeof(ReferenceEntry) + 8 + 6;
constexpr std::uint64_t kPeakBytesASpelling = sizeof(std::uint64_t) + 6;

std::uint64_t peak_bytes(std::uint64_t entries, std::uint64_t spellings) {
  return entries * kPeakBytesAnEntry + spellings * kPeakBytesASpelling;
}

bool same_key(const ReferenceEntry& a, const ReferenceEntry& b) {
  return a.hash == b.hash;
}

// Numbers the distinct sets of templates.
class SetDictionary {
 public:
  explicit SetDictionary(std::span<const TemplateInfo> templates) : templates_(templates) {}

  // The number of the set, or nothing where there are too many of them.
  std::optional<std::uint16_t> number_of(const std::vector<std::uint16_t>& templates, bool outside) {
    if (last_ != numbers_.end() && last_->first.second == outside && last_->first.first == templates)
      return last_->second;
    auto [place, added] = numbers_.try_emplace({templates, outside}, std::uint16_t{0});
    if (added) {
      if (sets.size() >= 65535) return std::nullopt;
      place->second = static_cast<std::uint16_t>(sets.size());
      TemplateSet set;
      set.templates = templates;
      set.outside = outside;
      for (const std::uint16_t id : templates) {
        set.needed |= templates_[id].kind == KeyKind::needed;
        set.derived |= templates_[id].kind != KeyKind::needed;
      }
      sets.push_back(std::move(set));
    }
    last_ = place;
    return place->second;
  }

  std::vector<TemplateSet> sets;

 private:
  using Numbers = std::map<std::pair<std::vector<std::uint16_t>, bool>, std::uint16_t>;
  std::span<const TemplateInfo> templates_;
  Numbers numbers_;
  Numbers::iterator last_ = numbers_.end();
};

}  // namespace

ReferenceHashes::ReferenceHashes(std::uint64_t seed)
    : key_(seed),
      folder_(seed ^ 0x9e3779b97f4a7c15ULL),
      spelling_(seed ^ 0xc2b2ae3d27d4eb4fULL),
      loose_(kLooseSeed) {}

std::uint64_t ReferenceHashes::loose(std::string_view loose_form) const {
  const std::uint64_t hash = loose_(loose_form) & kLooseMask;
  return hash == 0 ? 1 : hash;
}

void ReferenceIndex::mark_seen(std::size_t entry) {
  std::atomic<std::uint64_t>& word = seen_[entry / 64];
  const std::uint64_t bit = 1ULL << (entry % 64);
  // Most bits are set once; looking first keeps the line shared when they are set again.
  if ((word.load(std::memory_order_relaxed) & bit) == 0) word.fetch_or(bit, std::memory_order_relaxed);
}

bool ReferenceIndex::seen(std::size_t entry) const {
  return (seen_[entry / 64].load(std::memory_order_relaxed) >> (entry % 64) & 1U) != 0;
}

std::uint64_t ReferenceIndex::loose_of(std::size_t entry) const {
  return loose_low_.values()[entry] | (static_cast<std::uint64_t>(loose_high_.values()[entry]) << 32U);
}

std::vector<std::uint64_t> ReferenceIndex::seen_by_set() const {
  std::vector<std::uint64_t> counts(sets_.size());
  for (std::size_t entry = 0; entry < size(); ++entry)
    if (seen(entry)) ++counts[set_of(entry)];
  return counts;
}

FingerprintSet ReferenceIndex::dangling_loose_forms() const {
  PodBuffer<std::uint64_t> forms;
  for (std::size_t entry = 0; entry < size(); ++entry) {
    const TemplateSet& set = sets_[set_of(entry)];
    if (!set.needed || set.outside || seen(entry)) continue;
    // Shifted to the top, where the buckets look.
    if (const std::uint64_t loose = loose_of(entry); loose != 0) forms.push_back(loose << 17U);
  }
  return to_fingerprint_set(forms);
}

std::uint64_t ReferenceCollector::budget_for(std::uint64_t entries, std::uint64_t spellings) {
  // A sixteenth more, because thinning begins where compacting no longer gives that much back.
  const std::uint64_t peak = peak_bytes(entries + kCheckInterval, spellings + kCheckInterval);
  return peak + peak / 15 + 1;
}

void ReferenceCollector::make_room() {
  until_check_ = kCheckInterval;
  const bool over_budget = peak_bytes(entries_.size(), spellings_.size()) > budget_bytes_;
  if (!over_budget && entries_.size() < compact_at_entries_ && spellings_.size() < compact_at_spellings_)
    return;
  const std::size_t entries_before = entries_.size();
  const std::size_t spellings_before = spellings_.size();
  compact();
  while (peak_bytes(entries_.size(), spellings_.size()) > budget_bytes_ - budget_bytes_ / 16 &&
         thinning_ < 62)
    thin();
  // Sorting again is cheap where it drops doubles and wasted where there are none.
  const auto next = [](std::size_t before, std::size_t after) {
    return std::max(kFirstCompaction, after * (before - after > after / 4 ? 2 : 8));
  };
  compact_at_entries_ = next(entries_before, entries_.size());
  compact_at_spellings_ = next(spellings_before, spellings_.size());
}

void ReferenceCollector::compact() {
  const auto entries = entries_.values();
  sort_by_hash(
      entries, [](const ReferenceEntry& entry) { return entry.hash; },
      [](const ReferenceEntry& a, const ReferenceEntry& b) {
        return std::tie(a.hash, a.template_id) < std::tie(b.hash, b.template_id);
      });
  const auto last =
      std::unique(entries.begin(), entries.end(), [](const ReferenceEntry& a, const ReferenceEntry& b) {
        return same_key(a, b) && a.template_id == b.template_id;
      });
  entries_.truncate(static_cast<std::size_t>(last - entries.begin()));
  const auto spellings = spellings_.values();
  sort_by_hash(spellings, [](std::uint64_t hash) { return hash; }, std::less<>());
  spellings_.truncate(
      static_cast<std::size_t>(std::unique(spellings.begin(), spellings.end()) - spellings.begin()));
}

// Halves what is kept, by a bit of the hash: what remains is an even sample of everything, before and after.
void ReferenceCollector::thin() {
  ++thinning_;
  const std::uint64_t end = 1ULL << (64 - thinning_);
  const auto entries = entries_.values();
  entries_.truncate(
      static_cast<std::size_t>(std::partition_point(entries.begin(), entries.end(),
                                                    [&](const auto& entry) { return entry.hash < end; }) -
                               entries.begin()));
  const auto spellings = spellings_.values();
  spellings_.truncate(static_cast<std::size_t>(std::lower_bound(spellings.begin(), spellings.end(), end) -
                                               spellings.begin()));
}

Error ReferenceCollector::too_large() const {
  std::uint64_t keys = 0;
  const auto entries = entries_.values();
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (i == 0 || !same_key(entries[i - 1], entries[i])) ++keys;
  // An estimate from a sample: a tenth more makes it enough.
  const std::uint64_t needed =
      budget_for(entries_.size() << thinning_, spellings_.size() << thinning_) / 10 * 11;
  Error error;
  error.code = ErrorCode::refused;
  error.message = fmt::format(
      "the references need about {} of memory (some {} distinct keys), and {} is granted for them; nothing "
      "was judged, because a part of the references would make live objects look like orphans",
      to_human_bytes(needed), with_separators(keys << thinning_), to_human_bytes(budget_bytes_));
  const std::uint64_t mebibytes = (needed / 7 * 8 >> 20U) + 1;
  error.hint = fmt::format(
      "set memory = \"{}MiB\" at the top of the configuration, or scan fewer sources at a time", mebibytes);
  return error;
}

Result<ReferenceIndex> ReferenceCollector::freeze(std::span<const TemplateInfo> templates) {
  compact();
  if (thinning_ > 0 || peak_bytes(entries_.size(), spellings_.size()) > budget_bytes_)
    return std::unexpected(too_large());
  ReferenceIndex index;
  FLOTSAM_TRY(freeze_keys(templates, index));
  index.spellings_ = to_fingerprint_set(spellings_);
  return index;
}

Result<void> ReferenceCollector::freeze_keys(std::span<const TemplateInfo> templates, ReferenceIndex& index) {
  const auto entries = entries_.values();
  std::size_t keys = 0;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (i == 0 || !same_key(entries[i - 1], entries[i])) ++keys;
  Fingerprints<2>::Builder builder(keys);
  SetDictionary dictionary(templates);
  std::vector<std::uint16_t> ids;
  for (std::size_t i = 0; i < entries.size();) {
    const ReferenceEntry& first = entries[i];
    std::uint64_t loose = 0;
    ids.clear();
    for (; i < entries.size() && same_key(first, entries[i]); ++i) {
      ids.push_back(entries[i].template_id);
      loose = std::max(loose, entries[i].loose());
    }
    const auto number = dictionary.number_of(ids, first.outside());
    if (!number)
      return fail(ErrorCode::refused, "the references combine templates in more than 65,535 ways",
                  "scan with fewer sources or templates at a time");
    ++dictionary.sets[*number].keys;
    builder.add(first.hash, *number);
    index.loose_low_.push_back(static_cast<std::uint32_t>(loose));
    index.loose_high_.push_back(static_cast<std::uint16_t>(loose >> 32U));
  }
  entries_.release();
  index.keys_ = std::move(builder).finish();
  index.sets_ = std::move(dictionary.sets);
  index.seen_ = std::make_unique<std::atomic<std::uint64_t>[]>((keys + 63) / 64);
  for (const TemplateSet& set : index.sets_)
    for (const std::uint16_t id : set.templates)
      index.has_folders_ |= templates[id].kind == KeyKind::derived_folder;
  return {};
}

}  // namespace flotsam
