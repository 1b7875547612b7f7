#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/diagnose.h"

namespace flotsam {

/// One source, counted.
struct SourceCounts {
  std::string name;
  std::uint64_t keys = 0;                    ///< distinct keys that it needs or explains
  std::optional<std::uint64_t> keys_before;  ///< at the last accepted scan, where there was one
};

/// Judged objects of one age, and how many of them nothing refers to.
struct AgeCounts {
  std::uint64_t judged = 0;
  std::uint64_t unreferenced = 0;
};

/// One first path part ("listings/").
struct PrefixCounts {
  std::string prefix;
  std::uint64_t known = 0;  ///< referenced or derived objects
  std::uint64_t unreferenced = 0;
};

/// What a scan has counted, for causes that need no sample.
struct CountedFacts {
  std::vector<SourceCounts> sources;
  std::vector<std::string> sources_gone;  ///< in the last accepted scan and no more
  std::uint64_t drop_percent_max = 5;     ///< the limit of reference-drop
  AgeCounts recent;                       ///< of the last 30 days
  AgeCounts older;
  std::vector<PrefixCounts> prefixes;
  std::vector<std::string> protect;  ///< the globs of the configuration as they stand
};

/// The causes that counts alone show: a source half loaded ("truncated") or gone ("source_missing"), a
/// database restored from an older backup ("restored"), a prefix of another application ("foreign_prefix",
/// with the `protect` that would keep it).
std::vector<Proposal> source_findings(const CountedFacts& facts);

}  // namespace flotsam
