#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "model/verdict.h"
#include "scan/planned_loose_forms.h"
#include "scan/scan.h"

namespace flotsam {

/// Gives the objects of a plan to `use`, in rising key order; may be called again and again.
using PlannedObjects = std::function<Result<void>(const std::function<Result<void>(const ObjectView&)>& use)>;

/// All references, read again for an apply, and the judge over them (SPEC §7, step 2). No listing takes part
/// in it.
///
/// Takes the rules of now. The moment that must be old enough is the earlier of the plan's cutoff and today's
/// rule. What `sightings` said at the scan stands. The loose form of dangling needed keys makes suspects here
/// as in a scan: needed keys that share their loose form with a planned object are kept while reading, and
/// `find_absent` tells which of them have no object.
class Rejudge {
 public:
  struct Request {
    const ScanRules* rules = nullptr;  ///< outlives the Rejudge
    PlannedObjects planned;            ///< nothing: no object is a suspect by a loose form
    FindAbsent find_absent;
    Timestamp plan_cutoff;
    StoreFacts store;  ///< asked just before: today's clock
    std::optional<Baseline>
        plan_counts;  ///< distinct keys by source as the plan saw them, for reference-drop
  };

  /// Reads all references, each database in one snapshot. Of the world only clock, log, progress, cancel and
  /// hash_seed are used. Errors: those of read_references(), of `planned` and `find_absent`; corrupt where
  /// the store's clock is more than a day ahead of this machine's.
  static Result<Rejudge> read(const Request& request, ScanWorld& world);
  ~Rejudge();
  Rejudge(Rejudge&&) noexcept;
  Rejudge& operator=(Rejudge&&) noexcept;

  /// What the reading itself must satisfy: `references-empty` and, against the plan's counts,
  /// `reference-drop`.
  const std::vector<GuardRuling>& guards() const;

  /// The verdict of each object by SPEC §4, in the order given (rising keys is fastest). `orphan` is what may
  /// be deleted. A key outside the scope of now is `unrecognised`. Not thread-safe.
  std::vector<Verdict> judge(std::span<const ObjectView> objects);

  Timestamp started_at() const;   ///< machine's clock, before the first reference was read
  Timestamp finished_at() const;  ///< the same, after the last; before find_absent was asked
  Timestamp cutoff() const;
  /// Counts of the reading alone, in the order of the rules: resolved and dangling are 0.
  const std::vector<SourceFindings>& sources() const;

 private:
  struct Impl;
  explicit Rejudge(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotsam
