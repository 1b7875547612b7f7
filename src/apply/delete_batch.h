#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/ledger.h"
#include "base/error.h"
#include "plan/journal.h"
#include "store/remover.h"

namespace flotsam {

/// An object of the plan that may be deleted.
struct Candidate {
  std::uint64_t number = 0;
  Object object;
  unsigned attempts = 0;  ///< so many deletions of it were tried in this run
};

/// What one batch came to.
struct BatchReport {
  std::uint64_t removed = 0;
  std::uint64_t failed = 0;         ///< for good in this run, as far as they count against the budget
  std::uint64_t failed_in_row = 0;  ///< of these the last ones, with nothing removed after them
  std::uint64_t for_good = 0;       ///< of the removed: nothing may be left to come back to
  bool throttled = false;
  bool store_failed = false;     ///< a server's fault that may pass
  std::vector<Candidate> again;  ///< put back: to be tried later in this run
};

/// Deletes objects in one batch: look, intent, deletion, what became of the unknown ones, outcome (SPEC §7,
/// steps 3 and 4). The journal says so before and after; the ledger follows it.
class DeleteBatch {
 public:
  DeleteBatch(ApplyWorld& world, RemoveOptions options, JournalWriter& journal, Ledger& ledger)
      : world_(world), options_(std::move(options)), journal_(journal), ledger_(ledger) {}

  /// `candidates` in rising key order, at most 1,000. Errors: those of look() and of the journal: after one
  /// of the journal nothing may be deleted any more.
  Result<BatchReport> run(std::vector<Candidate> candidates);

  /// Asks what became of deletions of an earlier run, and journals it (at most 1,000, one `since`).
  Result<BatchReport> reconcile(std::span<const Candidate> candidates, Timestamp since);

  /// A deletion may have been sent.
  bool has_acted() const { return acted_; }

  /// Puts skips into journal and ledger.
  Result<void> skip(std::span<const JournalSkip> skips);

 private:
  Result<std::vector<Candidate>> look(std::vector<Candidate> candidates, BatchReport& report);
  void ask_again(std::span<const Candidate> batch, std::vector<RemoveOutcome>& outcomes, Timestamp since);
  Result<void> settle(std::span<const Candidate> batch, std::span<const RemoveOutcome> outcomes,
                      BatchReport& report);
  void count(const Candidate& candidate, const RemoveOutcome& outcome, BatchReport& report);
  void step(const char* name) const {
    if (world_.on_step) world_.on_step(name);
  }

  ApplyWorld& world_;
  RemoveOptions options_;
  JournalWriter& journal_;
  Ledger& ledger_;
  bool acted_ = false;
};

}  // namespace flotsam
