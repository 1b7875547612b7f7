#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/verdict.h"
#include "scan/scan.h"

namespace flotsam {

/// Gives the objects of a plan to `use`, in rising key order; may be called again and again.
using PlannedObjects = std::function<Result<void>(const std::function<Result<void>(const ObjectView&)>& use)>;

/// Which of these keys have no object now. The caller has a store at hand; scan has none that it may ask
/// here.
using FindAbsent = std::function<Result<std::vector<bool>>(std::span<const Key> keys)>;

/// All references, read again for an apply, and the judge over them (SPEC §7, step 2). No listing takes part
/// in it.
///
/// Takes the rules of now. The moment that must be old enough is the earlier of the plan's cutoff and today's
/// rule. The loose form of dangling needed keys makes suspects here as in a scan: needed keys that share
/// their loose form with a planned object are kept while reading, and `find_absent` tells which of them have
/// no object.
class Rejudge {
 public:
  struct Request {
    const ScanRules* rules = nullptr;
    PlannedObjects planned;
    FindAbsent find_absent;
    Timestamp plan_cutoff;
    StoreFacts store;  ///< asked just before: today's clock
    std::optional<Baseline>
        plan_counts;  ///< distinct keys by source as the plan saw them, for reference-drop
  };

  /// Reads all references, each database in one snapshot. Errors: those of read_references().
  static Result<Rejudge> read(const Request& request, ScanWorld& world);
  ~Rejudge();
  Rejudge(Rejudge&&) noexcept;
  Rejudge& operator=(Rejudge&&) noexcept;

  /// What the reading itself must satisfy: `references-empty` and, against the plan's counts,
  /// `reference-drop`.
  const std::vector<GuardRuling>& guards() const;

  /// The verdict of each object by SPEC §4, in the order given (rising keys). `orphan` is what may be
  /// deleted. Not thread-safe.
  std::vector<Verdict> judge(std::span<const ObjectView> objects);

  Timestamp started_at() const;  ///< machine's clock, before the first reference was read
  Timestamp finished_at() const;
  Timestamp cutoff() const;
  /// The reading's figures by source as a JSON object's text is the caller's to make: names, rows, distinct
  /// keys.
  const std::vector<SourceFindings>& sources()
      const;  ///< counts of reading alone: resolved and dangling are 0

 private:
  struct Impl;
  explicit Rejudge(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotsam
