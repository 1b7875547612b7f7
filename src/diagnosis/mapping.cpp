#include "diagnosis/mapping.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "diagnosis/explain.h"
#include "diagnosis/hashes.h"
#include "diagnosis/mend.h"

namespace flotsam {
namespace {

constexpr std::size_t kPairedRows = 160;
constexpr std::size_t kPairsARow = 6;
// A key that shares so much less than the row's best is not worth its work.
constexpr double kWeightMin = 0.2;
constexpr std::size_t kSpellings = 4;
constexpr std::size_t kClasses = 12;
constexpr std::size_t kConfirmed = 6;

struct Vote {
  Draft draft;
  double cost = 0;
  std::size_t votes = 0;
  std::size_t last_row = SIZE_MAX;
};

std::size_t paired_rows_max(const Subject& subject) {
  return std::min(kPairedRows, std::max<std::size_t>(1, subject.caps->pairs / 2));
}

/// Whether two templates make other keys of most rows.
bool are_twins(const Subject& subject, const Candidate& a, const Candidate& b) {
  const auto one = a.draft.compiled(subject.rows->columns), other = b.draft.compiled(subject.rows->columns);
  if (!one || !other) return false;
  std::string key, other_key;
  std::size_t seen = 0, differ = 0;
  for (std::size_t row = 0; row < subject.rows->count && seen < 200; ++row) {
    if (!one->expand(subject.rows->row(row), key) || !other->expand(subject.rows->row(row), other_key))
      continue;
    ++seen;
    if (key != other_key) ++differ;
  }
  return 2 * differ > seen;
}

/// Whether a pair has more in common than a number; true where the row is nothing but numbers.
bool share_name(const Subject& subject, const Pair& pair) {
  LooseForms loose(LooseForms::Kinds::names_only);
  std::vector<std::uint64_t> of_row, of_key, both;
  row_forms_of(*subject.rows, pair.row, loose, of_row);
  loose.of(pair.key, of_key);
  std::set_intersection(of_row.begin(), of_row.end(), of_key.begin(), of_key.end(), std::back_inserter(both));
  return of_row.empty() || !both.empty();
}

std::size_t rows_of(const std::vector<Pair>& pairs) {
  std::size_t rows = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) rows += i == 0 || pairs[i].row != pairs[i - 1].row ? 1U : 0U;
  return rows;
}

void keep_nearest(const Subject& subject, const std::vector<Pair>& pairs, Mapping& mapping) {
  std::vector<Pair> nearest = pairs;
  std::stable_sort(nearest.begin(), nearest.end(),
                   [](const Pair& a, const Pair& b) { return a.weight > b.weight; });
  for (const Pair& pair : nearest) {
    const bool is_new = std::none_of(mapping.nearest.begin(), mapping.nearest.end(), [&](const Pair& one) {
      return one.row == pair.row || one.key == pair.key;
    });
    if (mapping.nearest.size() < 3 && is_new) mapping.nearest.push_back(pair);
  }
  std::size_t last_row = SIZE_MAX;
  for (const Pair& pair : pairs) {
    if (pair.row != last_row && share_name(subject, pair)) ++mapping.paired;
    last_row = pair.row;
  }
  // The search for pairs ends with the last row that has one, or with the last row.
  const bool is_full = rows_of(pairs) >= paired_rows_max(subject);
  const std::size_t end = is_full ? last_row + 1 : subject.rows->pairing;
  for (std::size_t row = 0; row < end; ++row) mapping.looked_at += subject.resolved[row] == 0 ? 1U : 0U;
}

}  // namespace

std::vector<Pair> pairs_of(const Subject& subject, const std::vector<std::uint8_t>& wanted,
                           const std::unordered_set<std::uint64_t>& excluded) {
  std::vector<std::vector<Pair>> by_row;
  LooseForms loose;
  std::vector<std::uint64_t> forms;
  for (std::size_t row = 0; row < subject.rows->pairing && by_row.size() < paired_rows_max(subject); ++row) {
    if (wanted[row] == 0) continue;
    row_forms_of(*subject.rows, row, loose, forms);
    std::map<std::string, double> weights;
    for (const std::uint64_t form : forms) {
      const ListedKeys::Bucket bucket = subject.keys->bucket_of(form);
      for (const auto& key : bucket.keys) weights[*key] += 1.0 / static_cast<double>(bucket.count);
    }
    std::erase_if(weights, [&](const auto& one) { return excluded.contains(key_hash_of(one.first)); });
    if (weights.empty()) continue;
    std::vector<Pair>& own = by_row.emplace_back();
    for (const auto& [key, weight] : weights) own.push_back({row, key, weight});
    std::stable_sort(own.begin(), own.end(),
                     [](const Pair& a, const Pair& b) { return a.weight > b.weight; });
    std::erase_if(own,
                  [best = own.front().weight](const Pair& one) { return one.weight < kWeightMin * best; });
  }
  // As many for each row as the work allows: rather many rows than many keys of one.
  std::size_t a_row = kPairsARow;
  const auto count = [&by_row](std::size_t most) {
    std::size_t sum = 0;
    for (const auto& own : by_row) sum += std::min(own.size(), most);
    return sum;
  };
  while (a_row > 2 && count(a_row) > subject.caps->pairs) --a_row;
  std::vector<Pair> pairs;
  for (auto& own : by_row)
    for (std::size_t i = 0; i < std::min(own.size(), a_row); ++i) pairs.push_back(std::move(own[i]));
  return pairs;
}

std::vector<Draft> voted_drafts(const Subject& subject, const std::vector<Pair>& pairs) {
  std::unordered_map<std::string, Vote> votes;
  std::vector<Draft> drafts;
  for (const Pair& pair : pairs) {
    drafts.clear();
    explain(subject.rows->row(pair.row), pair.key, drafts);
    for (Draft& draft : drafts) {
      std::string text = draft.text(subject.rows->columns);
      if (text.empty()) continue;
      Vote& vote = votes[std::move(text)];
      if (vote.votes == 0) {
        vote.cost = draft.cost();
        vote.draft = std::move(draft);
      }
      if (vote.last_row != pair.row) ++vote.votes;
      vote.last_row = pair.row;
    }
  }
  struct Ranked {
    const std::string* text;
    Vote* vote;
  };
  std::vector<Ranked> ranked;
  for (auto& [text, vote] : votes)
    if (vote.votes >= 2) ranked.push_back({&text, &vote});
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    if (a.vote->votes != b.vote->votes) return a.vote->votes > b.vote->votes;
    if (a.vote->cost != b.vote->cost) return a.vote->cost < b.vote->cost;
    return *a.text < *b.text;
  });
  std::vector<Draft> best;
  for (const Ranked& one : ranked) {
    if (best.size() >= subject.caps->scored) break;
    best.push_back(std::move(one.vote->draft));
  }
  return best;
}

std::vector<Candidate> best_candidates(const Subject& subject, const std::vector<Draft>& drafts) {
  std::vector<Candidate> all;
  double best_rate = 0;
  for (const Draft& draft : drafts) {
    const auto one = draft.compiled(subject.rows->columns);
    if (!one) continue;
    const Score score = score_of(subject, *one, subject.caps->scored_rows, best_rate);
    if (score.hits < 2) continue;
    best_rate = std::max(best_rate, score.rate());
    all.push_back({draft, one->text(), score});
  }
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    if (a.score.rate() != b.score.rate()) return a.score.rate() > b.score.rate();
    return a.draft.cost() < b.draft.cost();
  });
  std::map<std::uint64_t, std::size_t>
      classes;  // signature → spellings kept; kSpellings where it is no mapping
  std::vector<Candidate> kept;
  std::size_t fitting = 0;
  for (Candidate& one : all) {
    const auto known = classes.find(one.score.signature);
    if (known == classes.end()) {
      if (fitting >= kClasses) break;
      const bool fits = is_one_to_one(subject, one.draft);
      classes[one.score.signature] = fits ? 1 : kSpellings;
      if (!fits) continue;
      ++fitting;
      kept.push_back(std::move(one));
    } else if (known->second < kSpellings) {
      ++known->second;
      kept.push_back(std::move(one));
    }
  }
  mend(subject, kept);
  return kept;
}

Candidate take_best(const Subject& subject, std::vector<Candidate>& candidates) {
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.score.rate() != b.score.rate()) return a.score.rate() > b.score.rate();
    return a.draft.cost() < b.draft.cost();
  });
  const double best_rate = candidates.front().score.rate();
  std::size_t best = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    const double less = best_rate - candidates[i].score.rate();
    if (less > 0.1 * best_rate) break;
    if (candidates[i].draft.cost() >= candidates[best].draft.cost()) continue;
    const double of_one = 1.0 / static_cast<double>(std::max<std::uint64_t>(1, candidates[i].score.testable));
    if (less <= std::max(0.002, of_one) || are_twins(subject, candidates.front(), candidates[i])) best = i;
  }
  Candidate taken = std::move(candidates[best]);
  candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(best));
  return taken;
}

Mapping find_mapping(const Subject& subject) {
  Mapping mapping;
  std::vector<std::uint8_t> unresolved(subject.resolved.size());
  for (std::size_t i = 0; i < unresolved.size(); ++i) unresolved[i] = subject.resolved[i] == 0 ? 1 : 0;
  const std::vector<Pair> pairs = pairs_of(subject, unresolved);
  std::vector<Candidate> candidates = best_candidates(subject, voted_drafts(subject, pairs));
  for (std::size_t i = 0; i < kConfirmed && !candidates.empty(); ++i) {
    Candidate best = take_best(subject, candidates);
    Confirmation confirmation = confirm_mapping(subject, best.draft);
    if (confirmation.accepted) {
      mapping.score = confirmation.score;
      mapping.found = std::move(best);
      return mapping;
    }
    if (mapping.refused.empty() && best.score.newly > 0) {
      mapping.refused = best.text;
      mapping.reason = confirmation.reason;
    }
  }
  keep_nearest(subject, pairs, mapping);
  return mapping;
}

}  // namespace flotsam
