#include "diagnosis/mend.h"

#include <algorithm>
#include <array>

namespace flotsam {
namespace {

constexpr std::size_t kMended = 6;
constexpr int kRounds = 3;
constexpr std::size_t kMissesLookedAt = 100;

constexpr std::array<std::string_view, 12> kHeads = {
    "|trim",           "|url_path",       "|percent_decode", "|lower", "|nfc",  "|nfd", "|replace:\\\\/:/",
    "|replace:\\\\:/", "|strip_prefix:/", "|plus_decode",    "|unpad", "|upper"};
constexpr std::array<std::string_view, 8> kTails = {
    "|lower", "|percent_decode", "|plus_decode", "|trim", "|nfc", "|unpad", "|upper", "|replace: :_"};

void add_heads(const Draft& draft, std::vector<Draft>& out) {
  std::string own_literal;
  if (!draft.segments.empty() && draft.segments.front().column < 0)
    own_literal = draft.segments.front().literal;
  for (const std::size_t column : draft.columns_used()) {
    const auto with_head = [&](std::string_view head) {
      Draft one = draft;
      for (Draft::Segment& segment : one.segments)
        if (segment.column == static_cast<int>(column)) segment.filters.insert(0, head);
      out.push_back(std::move(one));
    };
    for (const std::string_view head : kHeads) with_head(head);
    if (!own_literal.empty()) {
      with_head(filter_with("strip_prefix", own_literal));
      with_head(filter_with("strip_prefix", "/" + own_literal));
      with_head(filter_with("strip_prefix", own_literal) + "|percent_decode");
      // "a/b/" may be in the value as "b/".
      for (std::size_t slash = own_literal.find('/'); slash < own_literal.size() - 1;
           slash = own_literal.find('/', slash + 1))
        with_head(filter_with("strip_prefix", std::string_view(own_literal).substr(slash + 1)));
    }
  }
}

std::vector<Draft> variants_of(const Draft& draft) {
  std::vector<Draft> out;
  add_heads(draft, out);
  for (std::size_t i = 0; i < draft.segments.size(); ++i) {
    if (draft.segments[i].column < 0) continue;
    for (const std::string_view tail : kTails) {
      Draft one = draft;
      one.segments[i].filters += tail;
      out.push_back(std::move(one));
    }
    const std::vector<std::string> filters = split_filters(draft.segments[i].filters);
    for (std::size_t gone = 0; gone < filters.size(); ++gone) {
      Draft one = draft;
      one.segments[i].filters.clear();
      for (std::size_t k = 0; k < filters.size(); ++k)
        if (k != gone) one.segments[i].filters += filters[k];
      out.push_back(std::move(one));
    }
  }
  return out;
}

/// Rows that the template does not serve, of those whose keys can be looked up or cannot (another key may).
std::vector<std::size_t> misses_of(const Subject& subject, const KeyTemplate& one) {
  std::vector<std::size_t> misses;
  Runner runner(subject, one);
  std::size_t testable = 0;
  for (std::size_t row = 0; row < subject.rows->count && testable < subject.caps->scored_rows; ++row) {
    const NewKey key = runner.run(row);
    if (!key.testable) continue;
    ++testable;
    if (!key.hit && misses.size() < kMissesLookedAt) misses.push_back(row);
  }
  return misses;
}

bool serves_any(const Subject& subject, const KeyTemplate& one, const std::vector<std::size_t>& rows) {
  Runner runner(subject, one);
  return std::any_of(rows.begin(), rows.end(), [&](std::size_t row) { return runner.run(row).hit; });
}

/// The best that one change makes of a candidate, where that is better by more than chance of a row.
bool mend_once(const Subject& subject, Candidate& candidate) {
  const auto own = candidate.draft.compiled(subject.rows->columns);
  if (!own) return false;
  const std::vector<std::size_t> misses = misses_of(subject, *own);
  if (misses.empty()) return false;
  Candidate best = candidate;
  for (Draft& draft : variants_of(candidate.draft)) {
    const auto one = draft.compiled(subject.rows->columns);
    if (!one || !serves_any(subject, *one, misses)) continue;
    const Score score = score_of(subject, *one, subject.caps->scored_rows, best.score.rate());
    const double more = score.rate() - best.score.rate();
    if (more > 0.002 || (more > -1e-9 && best.text != candidate.text && draft.cost() < best.draft.cost()))
      best = {std::move(draft), one->text(), score};
  }
  if (best.text == candidate.text) return false;
  candidate = std::move(best);
  return true;
}

}  // namespace

void mend(const Subject& subject, std::vector<Candidate>& candidates) {
  const std::size_t count = std::min(kMended, candidates.size());
  for (std::size_t i = 0; i < count; ++i) {
    Candidate mended = candidates[i];
    bool better = false;
    for (int round = 0; round < kRounds && mend_once(subject, mended); ++round) better = true;
    if (!better) continue;
    if (is_one_to_one(subject, mended.draft)) candidates.push_back(std::move(mended));
  }
}

}  // namespace flotsam
