#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"

namespace flotsam::test {
namespace {

TEST(ApplyReadings, RefusesWhereTheReferencesOfNowSpeakAgainstIt) {
  struct Row {
    const char* name;
    std::function<void(ApplyFixture&)> change;
    const char* guard;
    bool overridable;
  };
  for (const Row& row :
       {Row{"no references", [](ApplyFixture& f) { f.database.rows.clear(); }, "references-empty", false},
        Row{"fewer references", [](ApplyFixture& f) { f.database.rows.resize(90); }, "reference-drop", true},
        Row{"two of the plan are needed",
            [](ApplyFixture& f) {
              f.database.rows.insert(f.database.rows.end(), {"books/o00001", "books/o00002"});
            },
            "recheck", true},
        Row{"a lifecycle rule takes older versions soon",
            [](ApplyFixture& f) { f.store.store.lifecycle->push_back({"short", "books/x/", false, {}, 3}); },
            "recoverable", true}}) {
    SCOPED_TRACE(row.name);
    ApplyFixture fixture;
    for (int i = 0; i < 99; ++i) fixture.needed(fmt::format("books/kept{}", i));
    fixture.orphans(20);
    const Plan plan = fixture.plan();
    row.change(fixture);
    const auto before = fixture.store.contents.keys;
    const ApplyResult refused = fixture.applied(plan);
    EXPECT_EQ(refused.status, RunStatus::refused);
    ASSERT_FALSE(refused.guards.empty());
    EXPECT_EQ(refused.guards.front().id, row.guard);
    EXPECT_FALSE(refused.guards.front().overridden);
    EXPECT_FALSE(refused.guards.front().message.empty());
    EXPECT_EQ(fixture.store.contents.keys, before);
    EXPECT_TRUE(fixture.journal_of(plan.header().id).empty())
        << "no journal begins before a plan may be applied";
    fixture.overrides.emplace_back(row.guard);
    const ApplyResult overridden = fixture.applied(plan);
    EXPECT_EQ(overridden.status, row.overridable ? RunStatus::ok : RunStatus::refused);
    if (row.overridable) {
      EXPECT_TRUE(overridden.guards.front().overridden);
    }
  }
}

TEST(ApplyReadings, LetsOneOfThePlanBeNeededAgain) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.database.rows.emplace_back("books/o00001");
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(to_summary(result), "planned 20 deleted 19 bytes 190 referenced 1 failed 0 left 0 ok");
}

TEST(ApplyReadings, ComparesRecheckExactlyWithItsLimit) {
  for (const std::size_t needed : {1U, 2U, 3U}) {
    ApplyFixture fixture;
    fixture.orphans(250);
    fixture.rules.limits.recheck = Percent::of_whole(1);
    const Plan plan = fixture.plan();
    for (std::size_t i = 0; i < needed; ++i) fixture.database.rows.push_back(fmt::format("books/o{:05}", i));
    EXPECT_EQ(fixture.applied(plan).status, needed == 3 ? RunStatus::refused : RunStatus::ok) << needed;
  }
}

TEST(ApplyReadings, RefusesAnotherDatabaseOrStoreWithoutDeleting) {
  for (const bool of_store : {false, true}) {
    ApplyFixture fixture;
    fixture.orphans(2);
    const Plan plan = fixture.plan();
    fixture.database.on_read = [&] {
      if (!of_store) fixture.database.name = "staging";
    };
    const AuthorisedPlan approved = fixture.authorised(plan);
    fixture.store.before_remove = [] { FAIL() << "nothing may be deleted"; };
    if (of_store) {
      fixture.on_step = [&](const std::string& step) {
        if (step == "references") fixture.store.store.identity = "memory other";
      };
    }
    const auto result = fixture.apply(plan);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    EXPECT_EQ(result.error().service_code, "Plan");
  }
}

TEST(ApplyReadings, GivesTheErrorOfAFirstReadingAndDeletesNothing) {
  ApplyFixture fixture;
  fixture.orphans(2);
  const Plan plan = fixture.plan();
  fixture.database.fails = error_of(ErrorCode::unavailable, "the database is down");
  const auto result = fixture.apply(plan);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(fixture.store.remove_calls, 0U);
  EXPECT_TRUE(fixture.journal_of(plan.header().id).empty());
}

TEST(ApplyReadings, ReadsTheReferencesAgainWhenTheyAreOld) {
  struct Row {
    const char* name;
    std::size_t orphans;
    std::chrono::seconds reading, batch;
    std::uint64_t reads;
  };
  // Five batches: 1, 10, 100, 1,000 and 1, or one by one where they take long.
  for (const Row& row :
       {Row{"all within five minutes", 1112, std::chrono::seconds(1), std::chrono::seconds(6), 1},
        Row{"a batch takes longer", 5, std::chrono::seconds(1), std::chrono::seconds(301), 5},
        Row{"a reading takes long", 5, std::chrono::seconds(200), std::chrono::seconds(301), 3}}) {
    SCOPED_TRACE(row.name);
    ApplyFixture fixture;
    fixture.orphans(row.orphans);
    const Plan plan = fixture.plan();
    fixture.database.on_read = [&] { fixture.pass(row.reading); };
    fixture.store.before_remove = [&] { fixture.pass(row.batch); };
    const std::uint64_t before = fixture.database.reads;
    EXPECT_EQ(fixture.applied(plan).deleted, row.orphans);
    EXPECT_EQ(fixture.database.reads - before, row.reads);
  }
}

TEST(ApplyReadings, JudgesTheRestByALaterReading) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    fixture.pass(std::chrono::minutes(6));
    if (fixture.store.batches.size() == 1) fixture.database.rows.emplace_back("books/o00012");
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(skipped(result, SkipReason::referenced), 1U);
  EXPECT_NE(fixture.store.contents.find("books/o00012"), nullptr);
}

// Two plans name the object; while apply of the older waits at its prompt, the other is undone.
TEST(ApplyReadings, KeepsWhatAnUndoBroughtBackSinceThePlanWasApproved) {
  ApplyFixture fixture;
  fixture.orphans(3);
  const Plan waiting = fixture.plan();
  const Plan other = fixture.plan();
  EXPECT_EQ(fixture.applied(other).deleted, 3U);
  bool is_undone = false;
  fixture.on_step = [&](const std::string& step) {
    if (step != "lock" || is_undone) return;
    is_undone = true;
    EXPECT_EQ(fixture.undone(other.header().id).restored, 3U);
  };
  EXPECT_EQ(to_summary(fixture.applied(waiting)),
            "planned 3 deleted 0 bytes 0 protected 3 failed 0 left 0 ok");
  EXPECT_EQ(fixture.standing_keys().size(), 4U);
}

// Of a scope beside this one: no lock keeps it out while the run is under way.
TEST(ApplyReadings, ReadsWhatWasBroughtBackAtEveryReading) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    fixture.pass(std::chrono::minutes(6));
    if (fixture.store.batches.size() == 1) fixture.bring_back("books/o00012");
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(skipped(result, SkipReason::protected_), 1U);
  EXPECT_NE(fixture.store.contents.find("books/o00012"), nullptr);
}

TEST(ApplyReadings, StopsWhereItCannotBeToldWhatWasBroughtBack) {
  ApplyFixture fixture;
  fixture.orphans(3);
  const Plan plan = fixture.plan();
  fixture.state->set_lines("journals/" + std::string(32, 'f') + ".ndjson", {"no journal"});
  const auto result = fixture.apply(plan);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::corrupt);
  EXPECT_EQ(fixture.store.remove_calls, 0U);
}

TEST(ApplyReadings, StopsWhereALaterReadingIsRefused) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] {
    fixture.pass(std::chrono::minutes(6));
    fixture.database.rows.clear();
  };
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.status, RunStatus::refused);
  EXPECT_EQ(result.deleted, 1U);
  EXPECT_EQ(result.left, 19U);
  EXPECT_EQ(result.guards.front().id, "references-empty");
}

}  // namespace
}  // namespace flotsam::test
