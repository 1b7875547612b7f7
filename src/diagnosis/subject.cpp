#include "diagnosis/subject.h"

#include <algorithm>

#include "diagnosis/hashes.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kEarly = 80;
constexpr std::uint64_t kSigned = 200;

}  // namespace

std::uint64_t Subject::unresolved_count() const {
  return static_cast<std::uint64_t>(std::count(resolved.begin(), resolved.end(), 0));
}

Subject subject_of(const DiagnosisSample& sample, std::size_t source, std::size_t template_index,
                   const std::function<bool(std::string_view)>& is_reference) {
  const ReferenceRows& rows = sample.sources()[source];
  Subject subject;
  subject.rows = &rows;
  subject.keys = &sample.keys();
  subject.is_reference = &is_reference;
  subject.caps = &sample.caps();
  subject.taken.resize(rows.count);
  std::string key;
  for (std::size_t row = 0; row < rows.count; ++row) {
    subject.current.push_back(0);
    for (std::size_t i = 0; i < rows.objects.size(); ++i) {
      if (!rows.objects[i].expand(rows.row(row), key)) continue;
      const std::uint64_t hash = key_hash_of(key);
      if (i == template_index) {
        subject.current.back() = hash;
      } else {
        subject.taken[row].push_back(hash);
      }
    }
    subject.resolved.push_back(
        subject.current.back() != 0 && sample.keys().has_current(subject.current.back()) ? 1 : 0);
  }
  return subject;
}

NewKey Runner::look_up() const {
  NewKey key;
  key.hash = key_hash_of(key_);
  key.testable = subject_.keys->is_testable(key.hash);
  key.hit = key.testable && subject_.keys->exists(key.hash);
  if (key.hit && subject_.explains && (*subject_.is_reference)(key_)) key.hit = false;
  return key;
}

NewKey Runner::run(std::size_t row) {
  if (!one_.expand(subject_.rows->row(row), key_)) return {};
  NewKey key = look_up();
  const auto& taken = subject_.taken[row];
  if (key.hit && std::find(taken.begin(), taken.end(), key.hash) != taken.end()) key.hit = false;
  return key;
}

NewKey Runner::run(RowView row) {
  return one_.expand(row, key_) ? look_up() : NewKey{};
}

void add_to(Score& score, const Subject& subject, std::size_t row, const NewKey& key) {
  const bool resolved = subject.resolved[row] != 0;
  if (key.hash == 0) {
    // It loses its key: known for the same share of rows as all else.
    if (resolved && subject.keys->is_testable(subject.current[row])) ++score.broken;
    return;
  }
  if (!key.testable) return;
  ++score.testable;
  if (key.hit) ++score.hits;
  if (!resolved) ++score.unresolved;
  if (key.hit && !resolved) ++score.newly;
  if (!key.hit && resolved) ++score.broken;
}

Score score_of(const Subject& subject, const KeyTemplate& one, std::size_t testable_max,
               double rate_to_beat) {
  Score score;
  Runner runner(subject, one);
  for (std::size_t row = 0; row < subject.rows->count && score.testable < testable_max; ++row) {
    const NewKey key = runner.run(row);
    if (row < kSigned) score.signature += mixed(key.hash, row + 1);
    add_to(score, subject, row, key);
    if (row >= kSigned && score.testable >= kEarly && score.rate() < 0.5 * rate_to_beat) break;
    if (score.testable >= kEarly && score.hits == 0) break;
  }
  return score;
}

}  // namespace flotsam
