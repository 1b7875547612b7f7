#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/undo.h"
#include "base/error.h"
#include "plan/journal.h"
#include "plan/lock.h"
#include "plan/run_results.h"
#include "store/restorer.h"

namespace flotsam {

/// One object that is to come back, by its number in the journal.
struct RestoreItem {
  std::uint64_t number = 0;
  Remains remains;
};

/// How the journal names the place of the bytes: "marker ID", "version ID", "quarantine RUN_ID".
std::string detail_of(const Remains& remains);

/// Brings objects back in batches, each in the journal before and after, and counts what became of them.
class RestoreBatches {
 public:
  static constexpr std::size_t kBatch = 1000;

  /// `journal` and `lock`: nothing for a dry run, which writes nowhere.
  RestoreBatches(RestoreWorld& world, JournalWriter* journal, ScopeLock* lock, RestoreResultSummary& summary)
      : world_(world), journal_(journal), lock_(lock), summary_(summary) {}

  /// At most kBatch. Errors: those of the journal; `interrupted` where the run must end, and why_stopped()
  /// says so: cancelled, the deadline, a store that brings nothing back.
  Result<void> run(std::span<const RestoreItem> items) { return run(items, {}); }
  /// The same; the journal's detail begins with `verb` ("return ") and the run's id in place of the place.
  Result<void> run(std::span<const RestoreItem> items, std::string_view verb);

  void superseded(const Key& key);
  void lost(const Key& key, std::string message);
  void failed(const Key& key, std::string code, std::string message);

  /// Before a batch: whether it may begin. Errors: those of the lock, and as run().
  Result<void> check_stops();
  const std::string& why_stopped() const { return why_stopped_; }
  bool has_acted() const { return acted_; }
  /// The caller acts beside the batches.
  void note_act() { acted_ = true; }

 private:
  void count(const RestoreItem& item, const RestoreOutcome& outcome);
  std::unexpected<Error> stop(std::string sentence);
  void step(const char* name) const {
    if (world_.on_step) world_.on_step(name);
  }

  RestoreWorld& world_;
  JournalWriter* journal_;
  ScopeLock* lock_;
  RestoreResultSummary& summary_;
  std::string why_stopped_;
  bool acted_ = false;
  unsigned fruitless_ = 0;  ///< batches in a row in which everything failed
};

/// Ends a run: its status, the last line of its journal. `worked`: what the run came to. An error that came
/// before anything was done comes back.
Result<RestoreResultSummary> finish_restore(Result<void> worked, const RestoreBatches& batches,
                                            JournalWriter* journal, RestoreWorld& world,
                                            RestoreResultSummary summary);

}  // namespace flotsam
