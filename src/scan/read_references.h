#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/spelling.h"
#include "scan/bottom_sample.h"
#include "scan/dangling_keys.h"
#include "scan/planned_loose_forms.h"
#include "scan/reference_index.h"
#include "scan/scan.h"

namespace flotsam {

/// The hash that chooses every sample that is shown: with a fixed key, so that the same input shows the same.
std::uint64_t sample_rank(std::string_view bytes);

/// What the reading of one source left beside its keys in the index.
struct ReadSource {
  const SourceRules* rules = nullptr;
  std::string database;  ///< shown()
  Evidence identity;
  ReadProof proof;
  std::uint16_t first_template = 0;  ///< number of its first template over all sources
  std::uint64_t empty = 0;
  std::uint64_t unmatched = 0;
  std::vector<BottomSample::Item> needed;  ///< an even sample of needed keys in scope, by rank
  std::vector<BottomSample::Item>
      near;                         ///< needed keys by the rank of the loose form of their canonical spelling
  std::vector<std::string> values;  ///< at most 3 raw values
};

/// All references of a run.
struct ReadReferences {
  ReferenceIndex index;
  std::vector<TemplateInfo> templates;
  std::vector<ReadSource> sources;
  std::optional<NeededKeySpool> needed_spool;  ///< only where dangling keys are to be listed
};

/// The rank by which near references and suspects are sampled alike, so that pairs meet in both samples.
std::uint64_t near_rank(std::string_view canonical_spelling);

/// Reads every database of the rules in order, each once, and freezes the index. `planned`, where given, is
/// offered every needed key that makes suspects.
/// Errors: those of the databases and templates with the source's name; corrupt where a proof does not fit
/// what came; refused where the references need more than memory_bytes, or a source shows a moment in the
/// future; interrupted.
Result<ReadReferences> read_references(const ScanRules& rules, ScanWorld& world,
                                       const ReferenceHashes& hashes, const CanonicalSpelling& spelling,
                                       PlannedLooseForms* planned = nullptr);

/// True where keys below the folder can lie in the scope.
bool overlaps(const Scope& scope, std::string_view folder);

}  // namespace flotsam
