#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/state.h"
#include "base/time.h"
#include "plan/process.h"

namespace flotsam {

/// Who holds a scope, as the lock's entry says.
struct LockHolder : ProcessIdentity {
  std::string
      run;  ///< what it does: "apply PLAN_ID", "undo JOURNAL_ID", "rescue", "purge": who may take it over
  std::vector<std::string> prefixes;
  std::string token;  ///< random: this very holding
  Timestamp acquired_at, expires_at;
};

/// How long a lease lasts. Tests shorten it.
struct LockTimes {
  Seconds lease{600};
  std::chrono::milliseconds renew_each{60'000};
  Seconds margin{120};                          ///< what check() leaves a batch at least
  Seconds grace{60};                            ///< for what the clocks of two machines differ
  std::optional<Timestamp> machine_started_at;  ///< nothing: the machine is asked
};

/// A lease on a scope: 10 minutes, renewed each minute by a thread of its own. Two locks of one store exclude
/// each other where a prefix of one begins with a prefix of the other (SPEC §7, step 1).
class ScopeLock {
 public:
  struct Ask {
    std::string store_identity;
    std::vector<std::string> prefixes;  ///< {""}: the whole bucket
    std::string run;
  };
  /// Takes the lock. A lease that expired by this machine's clock, or one whose process on this machine is
  /// gone, is taken over by the same `run` alone. A process of an earlier start of this machine counts as
  /// gone where its lease was last renewed before this start and two renewals are overdue: until then it may
  /// be one of a copied machine that is alive. State and clock must outlive the lock; a thread of its own
  /// uses both from now on. Errors: refused with service_code "Locked" (exit 7) and who holds it since when,
  /// and what to do.
  static Result<ScopeLock> acquire(State& state, const Ask& ask, Clock& clock, const LockTimes& times = {});
  ScopeLock(ScopeLock&&) noexcept;
  ScopeLock& operator=(ScopeLock&&) noexcept;
  /// Gives it back; a failure only leaves the lease to expire.
  ~ScopeLock();

  /// Before each batch: still ours, with at least two minutes to go (renewed here if need be). A state that
  /// does not answer is tolerated for as long as the lease has these. Errors: refused with service_code
  /// "LockLost"; corrupt where the entry cannot be read any more.
  Result<void> check();

 private:
  struct Impl;
  explicit ScopeLock(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Everyone who holds a scope of this store, for `flotsam unlock`.
Result<std::vector<LockHolder>> lock_holders(State& state, const std::string& store_identity);
/// Breaks every lock of the store that overlaps the prefixes, whoever holds it, and an entry that cannot be
/// read (as one holder named "(unreadable)"); who was broken.
Result<std::vector<LockHolder>> break_locks(State& state, const std::string& store_identity,
                                            const std::vector<std::string>& prefixes);

}  // namespace flotsam
