#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/object.h"
#include "model/spelling.h"
#include "scan/reference_index.h"
#include "scan/scan.h"

namespace flotsam {

/// What the judge says of one object.
struct Judgement {
  Verdict verdict = Verdict::orphan;
  bool disposable = false;      ///< judged, and a `disposable` glob matches
  bool has_exact_set = false;   ///< a reference yields exactly this key
  std::uint16_t exact_set = 0;  ///< the set of templates that do
};

/// Says of every object what it is: the verdict of SPEC §4, the first that fits. Knows no clock: the cutoff
/// is a value. (The loose form of dangling keys and `sightings` need a whole listing and come after it.)
///
/// Immutable but for the index's seen bits; page() from several threads, each with a scratch of its own.
class Judge {
 public:
  /// rules, index, hashes and spelling must outlive the judge.
  Judge(const ScanRules& rules, ReferenceIndex& index, const ReferenceHashes& hashes,
        const CanonicalSpelling& spelling, Timestamp cutoff);

  /// What one reader of keys in rising order keeps from page to page.
  struct Scratch {
    std::vector<Judgement> judgements;
    std::vector<std::uint16_t> folder_sets;  ///< of the folders above the last object
    std::vector<std::uint64_t> hashes;
    std::string folder;
    bool has_folder = false;
    std::string canonical;
  };

  /// Judges the objects (keys of the scope, in any order; rising is fastest) and marks the references that
  /// name them as seen. `matches` counts objects by glob: protect, then candidates, then disposable.
  /// `derived` counts, by template set, the objects whose verdict is derived. The judgements are in
  /// scratch.judgements, one an object.
  void page(std::span<const ObjectView> objects, Scratch& scratch, std::span<std::uint64_t> matches,
            std::span<std::uint64_t> derived) const;

  std::size_t rule_count() const {
    return rules_.protect.size() + rules_.candidates.size() + rules_.disposable.size();
  }

 private:
  struct Matched {
    bool protected_ = false, candidate = false, disposable = false;
  };
  Judgement judge(const ObjectView& object, std::size_t entry, Scratch& scratch,
                  std::span<std::uint64_t> matches) const;
  Matched match(KeyView key, std::span<std::uint64_t> matches) const;
  void find_folders(KeyView key, Scratch& scratch) const;
  bool is_other_spelling(KeyView key, std::string& canonical) const;
  bool has_spelling(std::string_view canonical) const;

  const ScanRules& rules_;
  ReferenceIndex& index_;
  const ReferenceHashes& hashes_;
  const CanonicalSpelling& spelling_;
  Timestamp cutoff_;
};

}  // namespace flotsam
