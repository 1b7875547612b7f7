#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "diagnosis/confirm.h"
#include "diagnosis/draft.h"
#include "diagnosis/subject.h"

namespace flotsam {

/// A row and a listed key that may be its object.
struct Pair {
  std::size_t row = 0;
  std::string key;
  double weight = 0;  ///< shared loose forms, each less the more keys share it
};

/// Pairs of the first rows that `wanted` says yes to, a few for each row, best first.
/// `excluded`: hashes of keys that are no one's partner.
std::vector<Pair> pairs_of(const Subject& subject, const std::vector<std::uint8_t>& wanted,
                           const std::unordered_set<std::uint64_t>& excluded = {});

/// Templates in the order of how many rows vote for them.
std::vector<Draft> voted_drafts(const Subject& subject, const std::vector<Pair>& pairs);

/// A template and how it fares.
struct Candidate {
  Draft draft;
  std::string text;
  Score score;
};

/// The best drafts by score: equal ones once or in a few cheap spellings, those that are not one-to-one left
/// out, mended.
std::vector<Candidate> best_candidates(const Subject& subject, const std::vector<Draft>& drafts);
/// Takes the most plausible candidate out: the best hit rate, the plainest among nearly equal ones.
Candidate take_best(const Subject& subject, std::vector<Candidate>& candidates);

/// What a search for a better template came to.
struct Mapping {
  std::optional<Candidate> found;
  Score score;                ///< on the whole sample, where found
  std::string refused;        ///< else the best template that was not good enough, where there was one
  std::string reason;         ///< and why
  std::vector<Pair> nearest;  ///< else at most three pairs, nearest first
  std::size_t looked_at = 0;  ///< unresolved rows for which a key was sought …
  std::size_t paired = 0;     ///< … and that share a form with any
};

/// Finds the template that would make the subject's references resolve, by pairs, votes, scores and
/// confirmation.
Mapping find_mapping(const Subject& subject);

}  // namespace flotsam
