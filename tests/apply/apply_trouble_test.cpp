#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"
#include "plan/lock.h"

namespace flotsam::test {
namespace {

RemoveOutcome failure(const char* code, bool retryable = false, bool throttled = false) {
  RemoveOutcome outcome;
  outcome.result = RemoveResult::failed;
  outcome.code = code;
  outcome.message = "the store said no";
  outcome.retryable = retryable;
  outcome.throttled = throttled;
  return outcome;
}

/// Fails every deletion whose key ends in one of these.
void fail_keys(ApplyFixture& fixture, std::vector<std::string> ends, const RemoveOutcome& outcome) {
  fixture.store.outcome_for = [ends = std::move(ends), outcome](const Object& object) {
    const auto fits = [&](const std::string& end) { return object.key.bytes().ends_with(end); };
    return std::any_of(ends.begin(), ends.end(), fits) ? std::optional(outcome) : std::nullopt;
  };
}

TEST(ApplyTrouble, TellsWhatCouldNotBeDeletedAndTriesItInTheNextRun) {
  ApplyFixture fixture;
  fixture.orphans(500);
  const Plan plan = fixture.plan();
  fail_keys(fixture, {"o00007"}, failure("AccessDenied"));
  const ApplyResult first = fixture.applied(plan);
  EXPECT_EQ(to_summary(first), "planned 500 deleted 499 bytes 4990 failed 1 left 0 partial");
  ASSERT_EQ(first.failed.size(), 1U);
  EXPECT_EQ(first.failed[0].key.bytes(), "books/o00007");
  EXPECT_EQ(first.failed[0].code, "AccessDenied");
  EXPECT_EQ(first.failed[0].message, "the store said no");
  EXPECT_FALSE(first.stopped_by.empty());
  fixture.store.outcome_for = nullptr;
  EXPECT_EQ(to_summary(fixture.applied(plan)), "planned 500 deleted 500 bytes 5000 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.removed_keys.size(), 500U);
}

TEST(ApplyTrouble, StopsAfterFiveFailuresInARow) {
  ApplyFixture fixture;
  fixture.orphans(2000);
  const Plan plan = fixture.plan();
  fixture.store.outcome_for = [](const Object&) { return std::optional(failure("AccessDenied")); };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.status, RunStatus::failed);
  EXPECT_EQ(result.failed_count, 5U);
  EXPECT_EQ(result.left, 1995U);
  EXPECT_EQ(fixture.store.batches, (std::vector<std::size_t>{1, 1, 1, 1, 1}));
  EXPECT_NE(result.stopped_by.find("5 failures in a row"), std::string::npos);
}

TEST(ApplyTrouble, StopsWhereMoreThanOnePercentFailed) {
  // 1,000 planned: ten failures are 1 %, eleven are more.
  for (const std::size_t failures : {10U, 11U}) {
    ApplyFixture fixture;
    fixture.orphans(1000);
    const Plan plan = fixture.plan();
    std::size_t failed = 0, seen = 0;
    fixture.store.outcome_for = [&](const Object&) -> std::optional<RemoveOutcome> {
      // Every third of the first ones.
      if (++seen % 3 != 0 || failed == failures) return std::nullopt;
      ++failed;
      return failure("AccessDenied");
    };
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(result.status, failures == 10 ? RunStatus::partial : RunStatus::failed);
    EXPECT_EQ(result.left > 0, failures == 11);
  }
}

TEST(ApplyTrouble, AllowsFourFailuresInASmallPlan) {
  for (const std::size_t failures : {4U, 5U}) {
    ApplyFixture fixture;
    fixture.orphans(40);
    const Plan plan = fixture.plan();
    std::vector<std::string> ends;
    for (std::size_t i = 0; i < failures; ++i) ends.push_back(fmt::format("o000{:02}", 2 * i + 1));
    fail_keys(fixture, ends, failure("AccessDenied"));
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(result.status, failures == 4 ? RunStatus::partial : RunStatus::failed) << to_summary(result);
  }
}

TEST(ApplyTrouble, DoesNotStopForKeysThatNoQuarantineCanHold) {
  ApplyFixture fixture;
  fixture.use(DeleteMethod::quarantine);
  fixture.orphans(30);
  const Plan plan = fixture.plan();
  fail_keys(fixture, {"o00001", "o00002", "o00003", "o00004", "o00005", "o00006"}, failure("KeyTooLong"));
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 30 deleted 24 bytes 240 failed 6 left 0 partial");
}

TEST(ApplyTrouble, TriesAgainWhereTheFaultWasTheStores) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  std::size_t failures = 0;
  fixture.store.outcome_for = [&](const Object& object) -> std::optional<RemoveOutcome> {
    if (!object.key.bytes().ends_with("o00003") || ++failures > 2) return std::nullopt;
    return failure("InternalError", true);
  };
  EXPECT_EQ(to_summary(fixture.applied(plan)), "planned 20 deleted 20 bytes 200 failed 0 left 0 ok");
  EXPECT_EQ(failures, 3U);
}

TEST(ApplyTrouble, GivesUpOnAnObjectAfterThreeTries) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  std::size_t tries = 0;
  fixture.store.outcome_for = [&](const Object& object) -> std::optional<RemoveOutcome> {
    if (!object.key.bytes().ends_with("o00003")) return std::nullopt;
    ++tries;
    return failure("InternalError", true);
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 20 deleted 19 bytes 190 failed 1 left 0 partial");
  EXPECT_EQ(tries, 3U);
}

TEST(ApplyTrouble, LooksAgainBeforeItTriesAgain) {
  ApplyFixture fixture;
  fixture.orphans(3);
  const Plan plan = fixture.plan();
  fixture.store.outcome_for = [&](const Object& object) -> std::optional<RemoveOutcome> {
    if (!object.key.bytes().ends_with("o00001") || fixture.store.outcome_for == nullptr) return std::nullopt;
    fixture.orphan("books/o00001", 99);
    return failure("InternalError", true);
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(skipped(result, SkipReason::changed), 1U) << to_summary(result);
  EXPECT_EQ(fixture.store.contents.find("books/o00001")->size_bytes, 99U);
}

TEST(ApplyTrouble, SlowsDownWhereTheStoreAsksForLess) {
  ApplyFixture fixture;
  fixture.orphans(300);
  fixture.apply_rules.max_rate = 100;
  const Plan plan = fixture.plan();
  // The whole third batch, of 100 keys.
  fixture.store.outcome_for = [&](const Object&) {
    return fixture.store.batches.size() == 3 ? std::optional(failure("SlowDown", true, true)) : std::nullopt;
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 300 deleted 300 bytes 3000 failed 0 left 0 ok");
  ASSERT_GE(fixture.store.batches.size(), 4U);
  EXPECT_EQ(fixture.store.batches[2], 100U);
  EXPECT_EQ(fixture.store.batches[3], 50U) << "half of what was too much";
}

TEST(ApplyTrouble, EndsWhereTheStoreIsOnlyThrottling) {
  ApplyFixture fixture;
  fixture.orphans(50);
  const Plan plan = fixture.plan();
  fixture.store.outcome_for = [](const Object&) { return std::optional(failure("SlowDown", true, true)); };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.status, RunStatus::failed);
  EXPECT_EQ(result.deleted, 0U);
  EXPECT_LE(fixture.store.remove_calls, 20U) << "a store that is down is not hammered";
  EXPECT_GE(fixture.clock.now() - test_now(), std::chrono::seconds(60)) << "nor in haste";
}

TEST(ApplyTrouble, AsksWhatBecameOfALostAnswer) {
  for (const DeleteMethod method :
       {DeleteMethod::version, DeleteMethod::quarantine, DeleteMethod::permanent}) {
    SCOPED_TRACE(to_string(method));
    ApplyFixture fixture;
    fixture.use(method);
    fixture.orphans(30);
    const Plan plan = fixture.plan();
    fixture.store.lose_answers = {1};
    fixture.store.lose_requests = {2};
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(to_summary(result), "planned 30 deleted 30 bytes 300 failed 0 left 0 ok");
    EXPECT_EQ(fixture.store.reconciled_keys.size(), 29U);
    EXPECT_EQ(fixture.store.removed_keys.size(), 30U) << "nothing is deleted twice";
    if (method == DeleteMethod::permanent) continue;
    EXPECT_EQ(to_summary(fixture.undone(plan.header().id)),
              "restored 30 purged 0 bytes 300 superseded 0 lost 0 failed 0 left 0 ok");
  }
}

TEST(ApplyTrouble, RecordsWhatNobodyCanTellAndAsksAgainInTheNextRun) {
  ApplyFixture fixture;
  fixture.orphans(30);
  const Plan plan = fixture.plan();
  fixture.store.lose_answers = {1};
  fixture.store.cannot_reconcile = true;
  const ApplyResult first = fixture.applied(plan);
  EXPECT_EQ(first.status, RunStatus::failed) << "ten in a row are not known";
  EXPECT_EQ(first.failed_count, 10U);
  EXPECT_EQ(first.failed[0].code, "Unknown");
  // Asked in vain once more: it is neither looked at nor tried, or it would pass for gone.
  const ApplyResult in_vain = fixture.applied(plan);
  EXPECT_EQ(to_summary(in_vain), "planned 30 deleted 20 bytes 200 failed 10 left 0 partial");
  fixture.store.cannot_reconcile = false;
  const ApplyResult second = fixture.applied(plan);
  EXPECT_EQ(to_summary(second), "planned 30 deleted 30 bytes 300 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.removed_keys.size(), 30U);
}

TEST(ApplyTrouble, NeverTakesAStoresWordForItsOwnUnknown) {
  ApplyFixture fixture;
  fixture.orphans(3);
  const Plan plan = fixture.plan();
  fail_keys(fixture, {"o00001"}, failure("Unknown"));
  EXPECT_EQ(fixture.applied(plan).failed[0].code, "Failed");
  fixture.store.outcome_for = nullptr;
  EXPECT_EQ(fixture.applied(plan).deleted, 3U);
  EXPECT_TRUE(fixture.store.reconciled_keys.empty());
}

TEST(ApplyTrouble, KeepsWhatALookCannotTell) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.store.look_for = [](const Object& object) -> std::optional<Look> {
    if (!object.key.bytes().ends_with("o00003")) return std::nullopt;
    return Look{LookState::unknown, {}, "access denied"};
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 20 deleted 19 bytes 190 failed 1 left 0 partial");
  EXPECT_EQ(result.failed[0].message, "access denied");
  EXPECT_NE(fixture.store.contents.find("books/o00003"), nullptr);
}

TEST(ApplyTrouble, CountsWhatTheDeletionItselfFoundChangedGoneOrHeld) {
  ApplyFixture fixture;
  fixture.orphans(4);
  const Plan plan = fixture.plan();
  fixture.store.outcome_for = [](const Object& object) -> std::optional<RemoveOutcome> {
    RemoveOutcome outcome;
    const char last = object.key.bytes().back();
    outcome.result = last == '1'   ? RemoveResult::changed
                     : last == '2' ? RemoveResult::gone
                                   : RemoveResult::held;
    return last == '0' ? std::nullopt : std::optional(outcome);
  };
  const std::string expected = "planned 4 deleted 1 bytes 10 protected 1 changed 1 gone 1 failed 0 left 0 ok";
  EXPECT_EQ(to_summary(fixture.applied(plan)), expected);
  EXPECT_EQ(to_summary(fixture.applied(plan)), expected);
}

TEST(ApplyTrouble, FinishesTheBatchInFlightWhenItIsCancelled) {
  ApplyFixture fixture;
  fixture.orphans(200);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    if (fixture.store.batches.size() == 1) fixture.cancel.request();
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 200 deleted 11 bytes 110 failed 0 left 189 partial");
  EXPECT_FALSE(result.stopped_by.empty());
  EXPECT_TRUE(fixture.journal_of(plan.header().id).back().starts_with("{\"end\":\"partial\""));
}

TEST(ApplyTrouble, BeginsNoBatchAfterTheDeadline) {
  ApplyFixture fixture;
  fixture.orphans(2000);
  const Plan plan = fixture.plan();
  fixture.apply_rules.max_rate = 10;
  fixture.deadline = fixture.clock.now() + std::chrono::seconds(10);
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.status, RunStatus::partial);
  EXPECT_GT(result.deleted, 50U);
  EXPECT_LT(result.deleted, 150U);
  EXPECT_LE(fixture.clock.now(), *fixture.deadline + std::chrono::seconds(1));
  fixture.deadline.reset();
  fixture.apply_rules.max_rate = 1000;
  EXPECT_EQ(fixture.applied(plan).deleted, 2000U);
}

TEST(ApplyTrouble, KeepsTheRateOverTheWholeRun) {
  ApplyFixture fixture;
  fixture.orphans(3000);
  fixture.apply_rules.max_rate = 100;
  const Plan plan = fixture.plan();
  const Timestamp before = fixture.clock.now();
  fixture.applied(plan);
  const auto took = fixture.clock.now() - before;
  EXPECT_GE(took, std::chrono::seconds(28));
  EXPECT_LE(took, std::chrono::seconds(31));
  EXPECT_LE(*std::max_element(fixture.store.batches.begin(), fixture.store.batches.end()), 100U)
      << "a batch of more than a second's keys is a burst";
}

TEST(ApplyTrouble, GivesTheErrorOfItsFirstLookAndTellsThatOfALaterOne) {
  for (const std::uint64_t batches : {0U, 1U}) {
    ApplyFixture fixture;
    fixture.orphans(30);
    const Plan plan = fixture.plan();
    fixture.on_step = [&](const std::string&) {
      if (fixture.store.remove_calls == batches)
        fixture.store.look_fails = error_of(ErrorCode::permission_denied, "the credentials have expired");
    };
    const auto result = fixture.apply(plan);
    EXPECT_EQ(result.has_value(), batches == 1);
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::permission_denied);
    } else {
      EXPECT_EQ(to_summary(*result), "planned 30 deleted 1 bytes 10 failed 0 left 29 failed");
      EXPECT_NE(result->stopped_by.find("the credentials have expired"), std::string::npos);
    }
    fixture.store.look_fails.reset();
    fixture.on_step = nullptr;
    EXPECT_EQ(fixture.applied(plan).deleted, 30U);
  }
}

TEST(ApplyTrouble, StopsWhereALaterReadingFails) {
  ApplyFixture fixture;
  fixture.orphans(300);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    fixture.pass(std::chrono::minutes(6));
    fixture.database.fails = error_of(ErrorCode::unavailable, "the database is down");
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 300 deleted 1 bytes 10 failed 0 left 299 failed");
  EXPECT_NE(result.stopped_by.find("the database is down"), std::string::npos);
}

TEST(ApplyTrouble, StopsWhereTheBucketKeepsNoVersionsAnyMore) {
  ApplyFixture fixture;
  fixture.orphans(300);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    fixture.pass(std::chrono::minutes(6));
    fixture.store.store.versioning = Versioning::suspended;
  };
  EXPECT_EQ(to_summary(fixture.applied(plan)), "planned 300 deleted 1 bytes 10 failed 0 left 299 failed");
}

TEST(ApplyTrouble, DeletesNothingWithoutItsLock) {
  ApplyFixture fixture;
  fixture.orphans(300);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    if (fixture.store.remove_calls != 1) return;
    EXPECT_TRUE(break_locks(*fixture.state, "memory media", {"books/"}).has_value());
  };
  EXPECT_EQ(to_summary(fixture.applied(plan)), "planned 300 deleted 11 bytes 110 failed 0 left 289 failed");
}

TEST(ApplyTrouble, WaitsForNobodyWhoHoldsTheScope) {
  ApplyFixture fixture;
  fixture.orphans(3);
  const Plan plan = fixture.plan();
  const auto other = ScopeLock::acquire(*fixture.state, {"memory media", {"books/"}, "purge"}, fixture.clock);
  ASSERT_TRUE(other.has_value());
  const auto result = fixture.apply(plan);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().service_code, "Locked");
  EXPECT_EQ(fixture.store.remove_calls, 0U);
}

/// Deleted, and the store kept nothing of it.
RemoveOutcome removed_for_good() {
  RemoveOutcome outcome;
  outcome.result = RemoveResult::removed;
  outcome.code = "NoVersionLeft";
  outcome.message = "the store kept no version of it";
  return outcome;
}

TEST(ApplyTrouble, StopsAndSaysSoWhereDeletionsMayBeForGood) {
  ApplyFixture fixture;
  fixture.orphans(500);
  const Plan plan = fixture.plan();
  fail_keys(fixture, {"o00003", "o00007"}, removed_for_good());
  const ApplyResult first = fixture.applied(plan);
  EXPECT_EQ(to_summary(first), "planned 500 deleted 11 bytes 110 failed 0 left 489 failed");
  EXPECT_TRUE(first.stopped_by.starts_with("2 deletions may be for good: the store kept no version of it."))
      << first.stopped_by;
  EXPECT_FALSE(first.recoverable_until.has_value());
  EXPECT_EQ(first.recoverable_note, "2 deletions may be for good: the store kept no version of it");
  const auto lines = fixture.journal_of(plan.header().id);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return line.find(R"("result":"removed","code":"NoVersionLeft",)"
                                             R"("message":"the store kept no version of it")") !=
                                   std::string::npos;
                          }),
            2);
  EXPECT_NE(lines.back().find(R"({"end":"failed")"), std::string::npos);
  // The journal remembers: nobody deletes more by this plan, whatever the store says then.
  fixture.store.outcome_for = nullptr;
  const std::uint64_t calls = fixture.store.remove_calls;
  const ApplyResult second = fixture.applied(plan);
  EXPECT_EQ(to_summary(second), to_summary(first));
  EXPECT_EQ(second.stopped_by, first.stopped_by);
  EXPECT_EQ(second.recoverable_note, first.recoverable_note);
  EXPECT_EQ(fixture.store.remove_calls, calls);
}

TEST(ApplyTrouble, SaysThatTheLastDeletionsOfAPlanMayBeForGood) {
  ApplyFixture fixture;
  fixture.orphans(11);
  const Plan plan = fixture.plan();
  fail_keys(fixture, {"o00010"}, removed_for_good());
  for (const char* run : {"first", "again"}) {
    SCOPED_TRACE(run);
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(to_summary(result), "planned 11 deleted 11 bytes 110 failed 0 left 0 failed");
    EXPECT_NE(result.stopped_by.find("1 deletion may be for good"), std::string::npos) << result.stopped_by;
    EXPECT_FALSE(result.recoverable_until.has_value());
  }
}

TEST(ApplyTrouble, SaysThatDeletionsMayBeForGoodThoughTheJournalFailed) {
  ApplyFixture fixture;
  fixture.orphans(1);
  const Plan plan = fixture.plan();
  fixture.store.outcome_for = [](const Object&) { return std::optional(removed_for_good()); };
  fixture.on_step = [&](const std::string& step) {
    if (step == "outcome") fixture.state->fail_writes_from = fixture.state->writes();
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.status, RunStatus::failed);
  EXPECT_TRUE(result.stopped_by.starts_with("1 deletion may be for good: the store kept no version of it; "))
      << result.stopped_by;
}

}  // namespace
}  // namespace flotsam::test
