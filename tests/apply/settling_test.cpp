#include "apply/settling.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"

namespace flotsam::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Settling, KnowsUploadsInPartsByTheirEtag) {
  for (const char* etag : {"d41d8cd98f00b204e9800998ecf8427e-1", "a-12", "x-y-3"}) {
    EXPECT_TRUE(is_multipart(Object{Key(std::string("k")), 1, {}, etag, {}})) << etag;
  }
  for (const char* etag : {"", "d41d8cd98f00b204e9800998ecf8427e", "-1", "a-", "a-1b", "12.3f.5f-a"}) {
    EXPECT_FALSE(is_multipart(Object{Key(std::string("k")), 1, {}, etag, {}})) << etag;
  }
}

TEST(Settling, WaitsAnHourAfterThePlan) {
  ApplyFixture fixture;
  fixture.orphan("books/a");
  fixture.orphan("books/parts", 10, "abc-2");
  const Plan plan = fixture.plan();
  const Timestamp settled = plan.header().created_at + hours(1);
  fixture.pass(minutes(59) + seconds(59));
  const ApplyResult first = fixture.applied(plan);
  EXPECT_EQ(to_summary(first), "planned 2 deleted 1 bytes 10 settling 1 failed 0 left 0 ok");
  EXPECT_EQ(first.retry_after, settled);
  fixture.pass(seconds(1));
  const ApplyResult second = fixture.applied(plan);
  EXPECT_EQ(to_summary(second), "planned 2 deleted 2 bytes 20 failed 0 left 0 ok");
  EXPECT_EQ(second.retry_after, std::nullopt);
  EXPECT_EQ(fixture.standing_keys(), std::vector<std::string>{"books/kept"});
}

TEST(Settling, RoundsTheMomentUp) {
  ApplyFixture fixture;
  fixture.pass(std::chrono::milliseconds(1));
  fixture.orphan("books/parts", 10, "abc-2");
  const Plan plan = fixture.plan();
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.retry_after, test_now() + hours(1) + seconds(1));
}

TEST(Settling, CountsFromTheFirstPlanThatNamesTheObjectUnchanged) {
  struct Row {
    const char* name;
    std::function<void(ApplyFixture&)> between;  ///< the first plan and the one that is applied
    bool settled;
  };
  for (const Row& row :
       {Row{"unchanged", [](ApplyFixture&) {}, true},
        Row{"other etag", [](ApplyFixture& f) { f.orphan("books/parts", 10, "abd-2"); }, false},
        Row{"other size", [](ApplyFixture& f) { f.orphan("books/parts", 11, "abc-2"); }, false},
        Row{"other time",
            [](ApplyFixture& f) { f.store.put("books/parts", 10, test_now() - hours(24 * 39), "abc-2"); },
            false},
        Row{"the plan is of another store", [](ApplyFixture& f) { f.store.store.identity = "memory other"; },
            false}}) {
    SCOPED_TRACE(row.name);
    ApplyFixture fixture;
    fixture.orphan("books/parts", 10, "abc-2");
    fixture.plan();
    fixture.pass(minutes(30));
    row.between(fixture);
    const Plan plan = fixture.plan();
    fixture.pass(minutes(31));
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(result.deleted, row.settled ? 1U : 0U);
    EXPECT_EQ(result.retry_after.has_value(), !row.settled);
    if (!row.settled) {
      EXPECT_EQ(result.retry_after, plan.header().created_at + hours(1));
    }
  }
}

TEST(Settling, SaysWhenAllHaveSettled) {
  ApplyFixture fixture;
  fixture.orphan("books/a", 10, "abc-2");
  fixture.plan();
  fixture.pass(minutes(20));
  fixture.orphan("books/b", 10, "abc-2");
  const Plan plan = fixture.plan();
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(skipped(result, SkipReason::settling), 2U);
  EXPECT_EQ(result.retry_after, plan.header().created_at + hours(1));
}

TEST(Settling, PassesOverPlansThatCannotBeRead) {
  ApplyFixture fixture;
  fixture.orphan("books/parts", 10, "abc-2");
  const Plan broken = fixture.plan();
  fixture.pass(minutes(30));
  const Plan plan = fixture.plan();
  std::filesystem::resize_file(broken.path(), 40);
  fixture.pass(minutes(31));
  EXPECT_EQ(skipped(fixture.applied(plan), SkipReason::settling), 1U) << "doubt keeps the object";
}

TEST(Settling, CountsToTheLatestReading) {
  ApplyFixture fixture;
  fixture.orphans(300);
  fixture.orphan("books/z", 10, "abc-2");
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] { fixture.pass(minutes(20)); };
  // Four batches: the reading before the last is an hour after the plan.
  EXPECT_EQ(to_summary(fixture.applied(plan)), "planned 301 deleted 301 bytes 3010 failed 0 left 0 ok");
}

}  // namespace
}  // namespace flotsam::test
