#include "scan/sample_objects.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "scan/tally.h"

namespace flotsam {
namespace {

constexpr std::size_t kEvenCount = 256;
constexpr std::size_t kShapeCount = 64;
constexpr std::size_t kPerShapeCount = 4;
constexpr std::size_t kSuspectCount = 64;
constexpr std::size_t kShownCount = 10;
constexpr std::size_t kShownSuspects = 5;

SampleObject shown(const Object& object, Verdict verdict, const std::string& shape) {
  SampleObject sample;
  sample.object = object;
  sample.verdict = verdict;
  sample.shape = shape;
  return sample;
}

// True where one spelling is the other, or the other less some of its first path parts.
bool ends_alike(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  return a.ends_with(b) && (a.size() == b.size() || a[a.size() - b.size() - 1] == '/');
}

}  // namespace

ObjectSamples::ObjectSamples(const CanonicalSpelling& spelling, const std::vector<ReadSource>& sources)
    : spelling_(spelling) {
  std::string loose;
  for (std::size_t number = 0; number < sources.size(); ++number)
    for (const BottomSample::Item& item : sources[number].near) {
      spelling_.of(item.text, canonical_);
      loose_form_of(canonical_, loose);
      nearest_.emplace(loose, Nearest{number, item.text});
    }
}

void ObjectSamples::offer(const ObjectView& object, Verdict verdict, std::string_view shape) {
  Kept kept;
  kept.rank = sample_rank(object.key.bytes());
  const auto fits = [](const Ranked& sample, std::size_t count_max, std::uint64_t rank) {
    return sample.size() < count_max || rank < sample.rbegin()->first;
  };
  const std::uint64_t shape_rank = sample_rank(shape);
  const bool even = fits(even_, kEvenCount, kept.rank);
  auto of_shape = by_shape_.find(shape_rank);
  const bool new_shape = of_shape == by_shape_.end() &&
                         (by_shape_.size() < kShapeCount || shape_rank < by_shape_.rbegin()->first);
  const bool known_shape = of_shape != by_shape_.end() && fits(of_shape->second, kPerShapeCount, kept.rank);
  std::uint64_t suspect_rank = 0;
  bool suspect = false;
  if (verdict == Verdict::suspect) {
    spelling_.of(object.key.bytes(), canonical_);
    suspect_rank = near_rank(canonical_);
    suspect = fits(suspects_, kSuspectCount, suspect_rank);
  }
  if (!even && !new_shape && !known_shape && !suspect) return;
  kept.object = Object::of(object);
  kept.verdict = verdict;
  kept.shape.assign(shape);
  if (even) keep(even_, kEvenCount, kept);
  if (new_shape) {
    of_shape = by_shape_.try_emplace(shape_rank).first;
    if (by_shape_.size() > kShapeCount) by_shape_.erase(std::prev(by_shape_.end()));
  }
  if (new_shape || known_shape) keep(of_shape->second, kPerShapeCount, kept);
  if (suspect) {
    kept.rank = suspect_rank;
    keep(suspects_, kSuspectCount, kept);
  }
}

// Objects come in key order, so among equal ranks the smallest keys stay.
void ObjectSamples::keep(Ranked& sample, std::size_t count_max, const Kept& kept) const {
  sample.emplace(kept.rank, kept);
  if (sample.size() > count_max) sample.erase(std::prev(sample.end()));
}

const ObjectSamples::Nearest* ObjectSamples::nearest_of(std::string_view object_key) const {
  const std::string canonical = spelling_.of(object_key);
  std::string loose;
  loose_form_of(canonical, loose);
  const auto [begin, end] = nearest_.equal_range(loose);
  const Nearest* best = nullptr;
  bool best_is_alike = false;
  for (auto entry = begin; entry != end; ++entry) {
    const bool alike = ends_alike(canonical, spelling_.of(entry->second.key));
    if (best == nullptr || (alike && !best_is_alike) ||
        (alike == best_is_alike && entry->second.key < best->key)) {
      best = &entry->second;
      best_is_alike = alike;
    }
  }
  return best;
}

// One object of each shape, the most telling shape first, then a second round; within a shape new groups
// first.
std::vector<const ObjectSamples::Kept*> ObjectSamples::spread(const ScanResult& result) const {
  std::map<std::string_view, std::vector<const Kept*>> of_shape;
  std::set<std::string_view> keys;
  const auto add_all = [&](const Ranked& sample) {
    for (const auto& [rank, kept] : sample)
      if (keys.insert(kept.object.key.bytes()).second) of_shape[kept.shape].push_back(&kept);
  };
  for (const auto& [rank, sample] : by_shape_) add_all(sample);
  add_all(even_);
  for (auto& [shape, all] : of_shape)
    std::sort(all.begin(), all.end(), [](const Kept* a, const Kept* b) {
      return std::pair(a->rank, a->object.key.view()) < std::pair(b->rank, b->object.key.view());
    });
  std::vector<std::vector<const Kept*>*> order;
  for (const TallyRow& row : result.shapes)
    if (const auto found = of_shape.find(row.name); found != of_shape.end()) order.push_back(&found->second);
  std::vector<const Kept*> chosen;
  std::set<std::string_view> groups;
  bool took = true;
  while (took && chosen.size() < kShownCount) {
    took = false;
    for (std::vector<const Kept*>* all : order) {
      if (all->empty() || chosen.size() == kShownCount) continue;
      auto next = std::find_if(all->begin(), all->end(), [&](const Kept* kept) {
        return !groups.contains(group_of(kept->object.key.view()));
      });
      if (next == all->end()) next = all->begin();
      groups.insert(group_of((*next)->object.key.view()));
      chosen.push_back(*next);
      all->erase(next);
      took = true;
    }
  }
  return chosen;
}

void ObjectSamples::write(ScanResult& result) {
  for (const Kept* kept : spread(result)) {
    SampleObject sample = shown(kept->object, kept->verdict, kept->shape);
    if (kept->verdict == Verdict::suspect)
      if (const Nearest* nearest = nearest_of(kept->object.key.bytes())) sample.near_reference = nearest->key;
    result.sample_unreferenced.push_back(std::move(sample));
  }
  std::vector<SampleObject> without;
  std::set<std::size_t> paired;
  for (const auto& [rank, kept] : suspects_) {
    SampleObject sample = shown(kept.object, kept.verdict, kept.shape);
    const Nearest* nearest = nearest_of(kept.object.key.bytes());
    if (nearest == nullptr) {
      without.push_back(std::move(sample));
      continue;
    }
    sample.near_reference = nearest->key;
    if (paired.insert(nearest->source).second)
      pairs_.push_back({nearest->source, nearest->key, kept.object.key.bytes()});
    if (result.sample_suspects.size() < kShownSuspects) result.sample_suspects.push_back(std::move(sample));
  }
  for (SampleObject& sample : without)
    if (result.sample_suspects.size() < kShownSuspects) result.sample_suspects.push_back(std::move(sample));
}

}  // namespace flotsam
