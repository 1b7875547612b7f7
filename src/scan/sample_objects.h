#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/spelling.h"
#include "scan/read_references.h"
#include "scan/result.h"

namespace flotsam {

/// A suspect and the needed key that nearly names it.
struct NearPair {
  std::size_t source = 0;
  std::string needed_key;
  std::string object_key;
};

/// Chooses the unreferenced objects that are shown: spread over shapes and groups, the same for the same set
/// of objects, in bounded memory. One thread.
class ObjectSamples {
 public:
  ObjectSamples(const CanonicalSpelling& spelling, const std::vector<ReadSource>& sources);

  /// Offers an unreferenced object with its shape at the level in force.
  void offer(const ObjectView& object, Verdict verdict, std::string_view shape);

  /// Writes both samples to the result, whose shapes are known already, most telling first.
  void write(ScanResult& result);
  /// A pair for each source at most; after write().
  const std::vector<NearPair>& pairs() const { return pairs_; }

 private:
  struct Kept {
    std::uint64_t rank = 0;
    Object object;
    Verdict verdict = Verdict::orphan;
    std::string shape;
  };
  struct Nearest {
    std::size_t source = 0;
    std::string key;
  };
  using Ranked = std::multimap<std::uint64_t, Kept>;

  void keep(Ranked& sample, std::size_t count_max, const Kept& kept) const;
  const Nearest* nearest_of(std::string_view object_key) const;
  std::vector<const Kept*> spread(const ScanResult& result) const;

  const CanonicalSpelling& spelling_;
  Ranked even_;                                  ///< over all unreferenced objects
  std::map<std::uint64_t, Ranked> by_shape_;     ///< some shapes of smallest rank, some objects of each
  Ranked suspects_;                              ///< by the rank of their loose form
  std::multimap<std::string, Nearest> nearest_;  ///< loose form of the canonical spelling → needed keys
  std::vector<NearPair> pairs_;
  std::string canonical_;
};

}  // namespace flotsam
