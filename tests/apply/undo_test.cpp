#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"
#include "plan/journal.h"
#include "plan/lock.h"

namespace flotsam::test {
namespace {

/// An apply of 30 orphans that is over.
struct Undo : testing::TestWithParam<DeleteMethod> {
  Undo() {
    fixture.use(GetParam());
    fixture.orphans(30, 7);
    before = fixture.store.contents.standing();
    plan.emplace(fixture.plan());
    fixture.applied(*plan);
    after = fixture.store.contents;
    fixture.steps.clear();
  }
  const std::string& id() const { return plan->header().id; }

  ApplyFixture fixture;
  std::optional<Plan> plan;
  std::map<std::string, Object> before;
  MemoryContents after;
};

TEST_P(Undo, BringsBackExactlyWhatTheJournalSays) {
  const RestoreResultSummary result = fixture.undone(id());
  EXPECT_EQ(to_summary(result), "restored 30 purged 0 bytes 210 superseded 0 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.contents.standing(), before);
  EXPECT_EQ(result.journal, "/state/journals/" + id() + ".undo.ndjson");
  EXPECT_EQ(fixture.steps,
            (std::vector<std::string>{"lock", "journal", "intent", "restore", "outcome", "end"}));
}

TEST_P(Undo, LeavesWhatSomebodyElseDeletedAlone) {
  fixture.store.erase("books/kept");
  fixture.undone(id());
  EXPECT_EQ(fixture.store.contents.find("books/kept"), nullptr);
}

TEST_P(Undo, LeavesAloneWhatIsNewer) {
  fixture.orphan("books/o00003", 99);
  const RestoreResultSummary result = fixture.undone(id());
  EXPECT_EQ(to_summary(result), "restored 29 purged 0 bytes 203 superseded 1 lost 0 failed 0 left 0 ok");
  ASSERT_EQ(result.superseded.size(), 1U);
  EXPECT_EQ(result.superseded[0].bytes(), "books/o00003");
  EXPECT_EQ(fixture.store.contents.find("books/o00003")->size_bytes, 99U);
}

TEST_P(Undo, CanBeRepeated) {
  const std::string first = to_summary(fixture.undone(id()));
  const auto restored = fixture.store.restored_keys.size();
  // What an application deletes after the undo stays deleted: it was brought back once.
  fixture.store.erase("books/o00001");
  EXPECT_EQ(to_summary(fixture.undone(id())), first);
  EXPECT_EQ(fixture.store.restored_keys.size(), restored);
  EXPECT_EQ(fixture.store.contents.find("books/o00001"), nullptr);
}

TEST_P(Undo, TriesAgainWhatFailed) {
  fixture.store.restored_for = [](const Remains& remains) -> std::optional<RestoreOutcome> {
    if (!remains.object.key.bytes().ends_with("o00003")) return std::nullopt;
    return RestoreOutcome{RestoreResult::failed, "AccessDenied", "the store said no"};
  };
  const RestoreResultSummary first = fixture.undone(id());
  EXPECT_EQ(to_summary(first), "restored 29 purged 0 bytes 203 superseded 0 lost 0 failed 1 left 0 partial");
  ASSERT_EQ(first.failed.size(), 1U);
  EXPECT_EQ(first.failed[0].code, "AccessDenied");
  EXPECT_EQ(first.failed[0].message, "the store said no");
  fixture.store.restored_for = nullptr;
  EXPECT_EQ(to_summary(fixture.undone(id())),
            "restored 30 purged 0 bytes 210 superseded 0 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.contents.standing(), before);
}

TEST_P(Undo, SaysWhatIsLost) {
  fixture.store.contents.keys.erase("books/o00003");
  fixture.store.contents.quarantine.erase({id(), "books/o00003"});
  const RestoreResultSummary result = fixture.undone(id());
  EXPECT_EQ(to_summary(result), "restored 29 purged 0 bytes 203 superseded 0 lost 1 failed 1 left 0 partial");
  ASSERT_EQ(result.failed.size(), 1U);
  EXPECT_EQ(result.failed[0].code, "Lost");
}

TEST_P(Undo, WritesNothingAtAllInADryRun) {
  const auto state = fixture.state->after_crash(1000);
  const std::uint64_t writes = fixture.state->writes();
  const auto result = fixture.undo(id(), true);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(to_summary(*result), "restored 30 purged 0 bytes 210 superseded 0 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.state->writes(), writes);
  EXPECT_EQ(fixture.store.contents.keys, after.keys);
  EXPECT_EQ(fixture.store.contents.quarantine, after.quarantine);
  EXPECT_TRUE(result->journal.empty());
  EXPECT_EQ(fixture.steps, std::vector<std::string>{"restore"}) << "and takes no lock";
}

TEST_P(Undo, HasTheIntentOnStableStorageBeforeItRestores) {
  fixture.on_step = [&](const std::string& step) {
    if (step != "restore") return;
    const auto lines = fixture.state->after_crash()->lines_of("journals/" + id() + ".undo.ndjson");
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string& line) { return line.starts_with("{\"intend\":"); }),
              30);
  };
  fixture.undone(id());
}

TEST_P(Undo, StopsWhenItIsCancelledAndGoesOnLater) {
  fixture.cancel.request();
  const RestoreResultSummary stopped = fixture.undone(id());
  EXPECT_EQ(to_summary(stopped), "restored 0 purged 0 bytes 0 superseded 0 lost 0 failed 0 left 30 partial");
  EXPECT_FALSE(stopped.stopped_by.empty());
}

TEST_P(Undo, RestoresInBatchesOfUpTo1000) {
  ApplyFixture large;
  large.use(GetParam());
  large.orphans(2300, 1);
  const Plan many = large.plan();
  large.applied(many);
  large.steps.clear();
  EXPECT_EQ(large.undone(many.header().id).restored, 2300U);
  EXPECT_EQ(std::count(large.steps.begin(), large.steps.end(), "restore"), 3);
}

TEST_P(Undo, StopsAtAStoreThatBringsNothingBack) {
  ApplyFixture large;
  large.use(GetParam());
  large.orphans(4500, 1);
  const Plan many = large.plan();
  large.applied(many);
  large.store.restored_for = [](const Remains&) {
    return std::optional(RestoreOutcome{RestoreResult::failed, "ServiceUnavailable", "down"});
  };
  const RestoreResultSummary result = large.undone(many.header().id);
  EXPECT_EQ(result.failed_count, 3000U);
  EXPECT_EQ(result.failed.size(), 1000U);
  EXPECT_EQ(result.left, 1500U);
  EXPECT_EQ(result.status, RunStatus::partial);
}

TEST_P(Undo, RefusesAnotherStore) {
  fixture.store.store.identity = "memory other";
  const auto result = fixture.undo(id());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::corrupt);
  EXPECT_EQ(result.error().service_code, "Plan");
  EXPECT_EQ(fixture.store.contents.keys, after.keys);
}

TEST_P(Undo, BelievesNoJournalThatWasChanged) {
  auto lines = fixture.journal_of(id());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto changed = lines;
    changed[i][changed[i].size() / 2] ^= 1;
    fixture.state->set_lines("journals/" + id() + ".ndjson", changed);
    const auto result = fixture.undo(id());
    ASSERT_FALSE(result.has_value()) << i;
    EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    EXPECT_EQ(fixture.store.contents.keys, after.keys) << i;
  }
}

TEST_P(Undo, KnowsNoJournalButThoseOfApply) {
  EXPECT_EQ(fixture.undo("00000000000000000000000000000000").error().code, ErrorCode::not_found);
  fixture.undone(id());
  const auto of_undo = fixture.undo(id() + ".undo");
  ASSERT_FALSE(of_undo.has_value());
  EXPECT_EQ(of_undo.error().code, ErrorCode::refused);
}

INSTANTIATE_TEST_SUITE_P(Methods, Undo, testing::Values(DeleteMethod::version, DeleteMethod::quarantine),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST(UndoOf, FindsMarkersThatTheStoreDidNotName) {
  ApplyFixture fixture;
  fixture.orphans(5, 7);
  const auto before = fixture.store.contents.standing();
  const Plan plan = fixture.plan();
  fixture.store.forgets_markers = true;
  fixture.applied(plan);
  // One was written and deleted again since: what lies there is not what was deleted.
  fixture.orphan("books/o00001", 99);
  fixture.store.erase("books/o00001");
  const RestoreResultSummary result = fixture.undone(plan.header().id);
  EXPECT_EQ(to_summary(result), "restored 4 purged 0 bytes 28 superseded 1 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.contents.find("books/o00001"), nullptr);
}

TEST(UndoOf, RefusesToLookForAJournalsObjectsInAnotherQuarantine) {
  ApplyFixture fixture;
  fixture.use(DeleteMethod::quarantine);
  fixture.orphans(2);
  const Plan plan = fixture.plan();
  fixture.applied(plan);
  fixture.quarantine_of_now = "s3://media/.flotsam-other/";
  const auto result = fixture.undo(plan.header().id);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().service_code, "Plan");
  fixture.quarantine_of_now = fixture.apply_rules.quarantine;
  EXPECT_EQ(fixture.undone(plan.header().id).restored, 2U);
}

// A directory whose file system got another device number at a restart.
TEST(UndoOf, GoesOnInTheSameDirectoryWithAnotherIdentityAndNowhereElse) {
  for (const bool is_directory : {true, false}) {
    ApplyFixture fixture;
    fixture.use(DeleteMethod::quarantine);
    fixture.rules.store_url = is_directory ? "file:///srv/media" : "s3://media";
    fixture.orphans(2);
    const Plan plan = fixture.plan();
    EXPECT_EQ(fixture.applied(plan).deleted, 2U);
    fixture.store.store.identity = "memory after a restart";
    const auto undone = fixture.undo(plan.header().id);
    ASSERT_EQ(undone.has_value(), is_directory);
    if (is_directory) {
      EXPECT_EQ(undone->restored, 2U);
      EXPECT_EQ(fixture.undone(plan.header().id).restored, 2U) << "and may be repeated";
      const auto held =
          ScopeLock::acquire(*fixture.state, {"memory after a restart", {"books/"}, "purge"}, fixture.clock);
      ASSERT_TRUE(held.has_value());
      const auto locked = fixture.undo(plan.header().id);
      ASSERT_FALSE(locked.has_value()) << "it locks what the store is now";
      EXPECT_EQ(locked.error().service_code, "Locked");
      fixture.rules.store_url = "file:///srv/other";
      const auto elsewhere = fixture.undo(plan.header().id);
      ASSERT_FALSE(elsewhere.has_value());
      EXPECT_EQ(elsewhere.error().service_code, "Plan");
    } else {
      EXPECT_EQ(undone.error().service_code, "Plan");
      EXPECT_EQ(fixture.store.contents.quarantine.size(), 2U);
    }
  }
}

TEST(UndoOf, RefusesWhatWasDeletedForGood) {
  ApplyFixture fixture;
  fixture.use(DeleteMethod::permanent);
  fixture.orphans(2);
  const Plan plan = fixture.plan();
  fixture.applied(plan);
  const auto result = fixture.undo(plan.header().id);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::refused);
  EXPECT_EQ(result.error().service_code, "Permanent");
  EXPECT_NE(result.error().message.find("cannot be undone"), std::string::npos);
  EXPECT_FALSE(fixture.state->has("journals/" + plan.header().id + ".undo.ndjson"));
}

TEST(UndoOf, SpendsThePlanFromItsFirstLineOn) {
  ApplyFixture fixture;
  fixture.orphans(5);
  const Plan plan = fixture.plan();
  fixture.applied(plan);
  fixture.store.restored_for = [](const Remains&) {
    return std::optional(RestoreOutcome{RestoreResult::failed, "AccessDenied", "no"});
  };
  fixture.undone(plan.header().id);
  EXPECT_FALSE(fixture.apply(plan).has_value());
}

}  // namespace
}  // namespace flotsam::test
