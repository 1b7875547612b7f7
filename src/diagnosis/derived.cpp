#include "diagnosis/derived.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "diagnosis/hashes.h"

namespace flotsam {
namespace {

constexpr std::size_t kShapesMax = 6;
constexpr std::size_t kTried = 24;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// How many unreferenced and referenced objects there are of a form, estimated from the samples.
struct Population {
  double unreferenced = 0;
  double referenced = 0;
};

template <typename Matches>
double estimated(const std::vector<ListedKeys::Sample>& sample, std::uint64_t all, Matches matches) {
  if (sample.empty()) return 0;
  const auto count = std::count_if(sample.begin(), sample.end(), matches);
  return static_cast<double>(count) * static_cast<double>(all) / static_cast<double>(sample.size());
}

class DerivedSearch {
 public:
  DerivedSearch(Subject& subject, const std::optional<Candidate>& mapping)
      : subject_(subject), mapping_(mapping) {
    subject_.explains = true;
    find_own_keys();
  }

  DerivedShapes run() {
    DerivedShapes shapes;
    std::vector<Candidate> candidates = best_candidates(subject_, voted_drafts(subject_, pairs()));
    std::erase_if(candidates, [](const Candidate& one) { return one.score.rate() < 0.2; });
    std::vector<DerivedShapes::Shape> accepted;
    for (std::size_t i = 0; i < kTried && !candidates.empty() && accepted.size() < kShapesMax; ++i) {
      DerivedShapes::Shape shape{take_best(subject_, candidates), {}, 0, false};
      shape.skeleton = skeleton_of(shape.candidate.draft);
      if (is_sound(shape)) accepted.push_back(std::move(shape));
    }
    keep_explaining(std::move(accepted), shapes);
    return shapes;
  }

 private:
  // With a mapping, references need its keys, not those that they need now.
  void find_own_keys() {
    std::optional<KeyTemplate> mapped;
    if (mapping_)
      if (auto one = mapping_->draft.compiled(subject_.rows->columns)) mapped = std::move(*one);
    std::string key;
    for (std::size_t row = 0; row < subject_.rows->count; ++row) {
      if (mapped && mapped->expand(subject_.rows->row(row), key)) {
        const std::uint64_t hash = key_hash_of(key);
        subject_.current[row] = hash;
        subject_.resolved[row] = subject_.keys->is_testable(hash) && !subject_.keys->exists(hash) ? 0 : 1;
      }
      if (subject_.current[row] != 0) {
        subject_.taken[row].push_back(subject_.current[row]);
        own_.insert(subject_.current[row]);
      }
    }
  }

  std::vector<Pair> pairs() const { return pairs_of(subject_, subject_.resolved, own_); }

  Population population_of(std::string_view skeleton) const {
    const ListedKeys& keys = *subject_.keys;
    Population all;
    all.unreferenced =
        estimated(keys.unreferenced(), keys.unreferenced_count(), [&](const ListedKeys::Sample& one) {
          return matches_skeleton(skeleton, one.key) && !own_.contains(key_hash_of(one.key));
        });
    all.referenced =
        estimated(keys.referenced(), keys.referenced_count(),
                  [&](const ListedKeys::Sample& one) { return matches_skeleton(skeleton, one.key); });
    return all;
  }

  /// Everything that a template must be by itself; counts what it explains beyond the ones before it.
  bool is_sound(DerivedShapes::Shape& shape) {
    const auto one = shape.candidate.draft.compiled(subject_.rows->columns);
    if (!one) return false;
    Score& score = shape.candidate.score;
    score = {};
    Runner runner(subject_, *one);
    std::unordered_set<std::uint64_t> mine;
    std::size_t known = 0;
    bool only_folder = true;
    for (std::size_t row = 0; row < subject_.rows->count; ++row) {
      const NewKey key = runner.run(row);
      add_to(score, subject_, row, key);
      if (!key.hit || own_.contains(key.hash)) continue;
      if (explained_.contains(key.hash)) {
        ++known;
      } else if (mine.insert(key.hash).second) {
        only_folder = only_folder && has_reference_but_for_folder(row, runner.key());
      }
    }
    if (mine.size() < 20 || known > mine.size()) return false;
    const Population all = population_of(shape.skeleton);
    if (all.unreferenced < 9 * all.referenced) return false;
    const Control control = control_of(subject_, shape.candidate.draft, *one);
    if (control.tried >= 30 && control.rate() > score.rate() / 2) return false;
    const double share =
        std::min(1.0, static_cast<double>(subject_.rows->count) / std::max(1.0, subject_.rows->distinct));
    shape.explains = static_cast<std::uint64_t>(
        std::llround(static_cast<double>(mine.size()) / (share * subject_.keys->testable_share())));
    shape.only_folder = only_folder;
    explained_.merge(mine);
    return true;
  }

  bool has_reference_but_for_folder(std::size_t row, std::string_view key) const {
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos) return false;
    std::string own;
    const KeyTemplate& before = subject_.rows->objects.front();
    if (mapping_) {
      const auto one = mapping_->draft.compiled(subject_.rows->columns);
      if (!one || !one->expand(subject_.rows->row(row), own)) return false;
    } else if (!before.expand(subject_.rows->row(row), own)) {
      return false;
    }
    const std::size_t own_slash = own.find('/');
    return own_slash != std::string::npos && std::string_view(own).substr(own_slash) == key.substr(slash);
  }

  // Templates of one form ("-150x150", "-300x200") answer for it together.
  void keep_explaining(std::vector<DerivedShapes::Shape> accepted, DerivedShapes& shapes) const {
    std::map<std::string, std::uint64_t> explains;
    for (const auto& shape : accepted) explains[shape.skeleton] += shape.explains;
    for (auto& [skeleton, sum] : explains) {
      const double of = population_of(skeleton).unreferenced;
      double best_rate = 0;
      for (const auto& shape : accepted)
        if (shape.skeleton == skeleton) best_rate = std::max(best_rate, shape.candidate.score.rate());
      const auto share = static_cast<double>(sum) / std::max(1.0, of);
      if (share < 0.5 || (best_rate < 0.5 && share < 0.9)) continue;
      const auto whole = static_cast<std::uint64_t>(std::llround(of));
      shapes.explains += std::min(sum, whole);
      shapes.of += whole;
      for (auto& shape : accepted)
        if (shape.skeleton == skeleton) shapes.shapes.push_back(shape);
    }
  }

  Subject& subject_;
  const std::optional<Candidate>& mapping_;
  std::unordered_set<std::uint64_t> own_;
  std::unordered_set<std::uint64_t> explained_;
};

}  // namespace

std::string skeleton_of(const Draft& draft) {
  std::string out;
  for (const Draft::Segment& segment : draft.segments) {
    if (segment.column >= 0) {
      if (!out.ends_with('*')) out += '*';
      continue;
    }
    for (const char c : segment.literal) {
      const char shown = is_digit(c) ? '#' : c;
      if (shown != '#' || !out.ends_with('#')) out += shown;
    }
  }
  return out;
}

bool matches_skeleton(std::string_view skeleton, std::string_view key) {
  // Greedy with one way back: to the last "*".
  std::size_t at = 0, in_key = 0, star = std::string_view::npos, star_key = 0;
  while (in_key < key.size()) {
    const char want = at < skeleton.size() ? skeleton[at] : '\0';
    if (at < skeleton.size() && want == '*') {
      star = at++;
      star_key = ++in_key;  // at least one byte
    } else if (at < skeleton.size() && want == '#' && is_digit(key[in_key])) {
      while (in_key < key.size() && is_digit(key[in_key])) ++in_key;
      ++at;
    } else if (at < skeleton.size() && want != '#' && want == key[in_key]) {
      ++at;
      ++in_key;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_key = ++star_key;
    } else {
      return false;
    }
  }
  return at == skeleton.size();
}

DerivedShapes find_derived(Subject subject, const std::optional<Candidate>& mapping) {
  return DerivedSearch(subject, mapping).run();
}

}  // namespace flotsam
