#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/authorised_plan.h"
#include "apply/memory_state.h"
#include "apply/memory_store.h"
#include "apply/undo.h"
#include "plan/plan.h"
#include "scan/scan.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

/// The moment at which every test begins: 2026-11-23 06:41:02 UTC.
Timestamp test_now();

/// A clock that tests hold, safe from several threads. Sleeping moves it.
class HeldClock final : public Clock {
 public:
  HeldClock() : ticks_(test_now().time_since_epoch().count()) {}
  Timestamp now() const override { return Timestamp(std::chrono::nanoseconds(ticks_.load())); }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::nanoseconds(ticks_.load()); }
  void sleep_for(std::chrono::nanoseconds duration) override { ticks_ += duration.count(); }

 private:
  std::atomic<std::int64_t> ticks_;
};

/// A database of one table "images" whose rows are the needed keys.
class MemoryDatabase final : public ReferenceDatabase {
 public:
  Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                      const Cancel& cancel) override;
  Evidence identity() const override { return {{"database", name}}; }
  std::string shown() const override { return "memory://app"; }

  std::string name = "app";
  std::vector<std::string> rows;
  std::optional<Error> fails;
  std::function<void()> on_read;
  std::uint64_t reads = 0;
};

/// A store, a state, a database and a configuration in memory: put objects and references, plan(), apply(),
/// undo().
class ApplyFixture {
 public:
  ApplyFixture();

  /// An object of 40 days of age that nothing needs, or that a row needs.
  void orphan(const std::string& key, std::uint64_t size = 10, std::string etag = {});
  void needed(const std::string& key);
  void orphans(std::size_t count, std::uint64_t size = 10);  ///< "books/o0000", …
  void use(DeleteMethod method);

  /// Scans and writes a plan into the state, as a scan does.
  Plan plan(std::string report = R"({"guards":[]})");
  AuthorisedPlan::Now now_of(const Plan& plan) const;
  AuthorisedPlan authorised(const Plan& plan) const;
  Result<ApplyResult> apply(const Plan& plan);
  /// The same where a result is expected.
  ApplyResult applied(const Plan& plan);
  Result<RestoreResultSummary> undo(const std::string& journal_id, bool dry_run = false);
  RestoreResultSummary undone(const std::string& journal_id);
  RestoreWorld restore_world();
  /// Writes into the state that a rescue brings this key back.
  void bring_back(const std::string& key);

  std::vector<std::string> journal_of(const std::string& id) const {
    return state->lines_of("journals/" + id + ".ndjson");
  }
  std::vector<std::string> standing_keys() const;
  /// Time goes on.
  void pass(std::chrono::nanoseconds duration);

  MemoryStore store;
  std::unique_ptr<MemoryState> state = std::make_unique<MemoryState>();
  MemoryDatabase database;
  HeldClock clock;
  Cancel cancel;
  ScanRules rules;
  ApplyRules apply_rules;
  std::vector<std::string> overrides;
  std::optional<std::uint64_t> expect;  ///< else the plan's count
  bool resumes = false;
  std::optional<Timestamp> deadline;
  std::optional<std::string> quarantine_of_now;  ///< for undo
  std::function<void(const std::string&)> on_step;
  std::vector<std::string> steps;

 private:
  ScanWorld scan_world();
  NullLog log_;
  NullProgress progress_;
  TemporaryFolder folder_;
  std::uint64_t plans_ = 0;
};

Error error_of(ErrorCode code, std::string message);
std::uint64_t skipped(const ApplyResult& result, SkipReason reason);
/// "planned 5 deleted 3 skipped changed=1 failed 1 left 0 ok": everything that adds up.
std::string to_summary(const ApplyResult& result);
std::string to_summary(const RestoreResultSummary& result);

}  // namespace flotsam::test
