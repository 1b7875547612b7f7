#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"
#include "plan/journal.h"
#include "plan/lock.h"

namespace flotsam::test {
namespace {

/// What a crash at one moment leaves behind.
struct Left {
  std::string moment;
  std::unique_ptr<MemoryState> state;
  MemoryContents contents;
};

/// Takes what would be left at every step of a run: before each named step, after each single deletion or
/// restoring inside the store, and before each sync of a log (with nothing, one line, or all of what was
/// not synced yet).
class Watch {
 public:
  explicit Watch(ApplyFixture& fixture) : fixture_(fixture) {
    fixture.on_step = [&](const std::string& step) { take("before " + step); };
    fixture.store.on_deleted = [&](const std::string& key) { take("after " + key); };
    watch_syncs();
  }
  ~Watch() {
    fixture_.on_step = nullptr;
    fixture_.store.on_deleted = nullptr;
    fixture_.state->on_sync = nullptr;
  }
  std::vector<Left> all;

 private:
  void watch_syncs() {
    fixture_.state->on_sync = [&](const std::string&) {
      for (const std::size_t kept : {std::size_t{0}, std::size_t{1}, std::size_t{1000}})
        take(fmt::format("before a sync, {} lines kept", kept), kept);
    };
  }
  void take(std::string moment, std::size_t kept = 0) {
    all.push_back({fmt::format("{} {}", all.size(), moment), fixture_.state->after_crash(kept),
                   fixture_.store.contents});
  }
  ApplyFixture& fixture_;
};

/// Begins anew from what was left. The lock of the dead run has expired by then.
void take_up(ApplyFixture& fixture, const Left& left) {
  fixture.state = left.state->after_crash();
  fixture.store.contents = left.contents;
  fixture.pass(std::chrono::minutes(12));
  fixture.store.removed_keys.clear();
  fixture.resumes = true;  // the sweep takes longer than a plan is good for
}

/// A world with orphans, and with one object for each reason to be skipped.
struct World : ApplyFixture {
  explicit World(DeleteMethod method) {
    use(method);
    rules.limits.recheck = Percent::of_whole(50);
    orphans(24);
    orphan("books/changed");
    orphan("books/gone");
    orphan("books/needed");
    orphan("books/outside-the-plan", 5);
    database.rows.emplace_back("books/outside-the-plan");
    plan_.emplace(plan());
    database.rows.emplace_back("books/needed");
    orphan("books/changed", 77);
    store.erase("books/gone");
    before_ = store.contents.standing();
  }
  const Plan& the_plan() const { return *plan_; }

  void expect_end(const ApplyResult& result) {
    EXPECT_EQ(to_summary(result),
              "planned 27 deleted 24 bytes 240 referenced 1 changed 1 gone 1 failed 0 left 0 ok");
    EXPECT_EQ(standing_keys(), (std::vector<std::string>{"books/changed", "books/kept", "books/needed",
                                                         "books/outside-the-plan"}));
    expect_one_deletion_each();
  }
  /// Nothing is deleted twice: one marker over each, or one copy aside.
  void expect_one_deletion_each() {
    std::size_t markers = 0;
    for (const auto& [key, versions] : store.contents.keys)
      markers += static_cast<std::size_t>(std::count_if(
          versions.begin(), versions.end(), [](const MemoryVersion& version) { return version.is_marker; }));
    if (apply_rules.method == DeleteMethod::version) {
      EXPECT_EQ(markers, 25U) << "24, and the one that is gone";
    }
    if (apply_rules.method == DeleteMethod::quarantine) {
      EXPECT_EQ(store.contents.quarantine.size(), 24U);
    }
  }
  void expect_undone() {
    const RestoreResultSummary undo = undone(the_plan().header().id);
    EXPECT_EQ(to_summary(undo), "restored 24 purged 0 bytes 240 superseded 0 lost 0 failed 0 left 0 ok");
    EXPECT_EQ(store.contents.standing(), before_);
  }
  const std::map<std::string, Object>& before() const { return before_; }

 private:
  std::optional<Plan> plan_;
  std::map<std::string, Object> before_;
};

class Crash : public testing::TestWithParam<DeleteMethod> {};
/// Of the methods that can be undone.
class CrashAndUndo : public Crash {};

TEST_P(Crash, AtEveryStepOfAnApplyEndsTheSameOnceItIsGoneOnWith) {
  World world(GetParam());
  std::vector<Left> left;
  {
    Watch watch(world);
    world.expect_end(world.applied(world.the_plan()));
    left = std::move(watch.all);
  }
  EXPECT_GT(left.size(), 50U);
  for (const Left& each : left) {
    SCOPED_TRACE(each.moment);
    take_up(world, each);
    world.expect_end(world.applied(world.the_plan()));
    if (GetParam() != DeleteMethod::permanent) world.expect_undone();
    if (HasFailure()) return;
  }
  RecordProperty("crashes", static_cast<int>(left.size()));
}

TEST_P(Crash, OfTheRunThatGoesOnEndsTheSameToo) {
  World world(GetParam());
  std::vector<Left> left;
  {
    Watch watch(world);
    world.applied(world.the_plan());
    left = std::move(watch.all);
  }
  // Some of the first crashes, and after each of them all of the second.
  const std::size_t stride = GetParam() == DeleteMethod::version ? 13 : 29;
  for (std::size_t i = 0; i < left.size(); i += stride) {
    SCOPED_TRACE(left[i].moment);
    take_up(world, left[i]);
    std::vector<Left> second;
    {
      Watch watch(world);
      world.expect_end(world.applied(world.the_plan()));
      second = std::move(watch.all);
    }
    for (const Left& each : second) {
      SCOPED_TRACE(each.moment);
      take_up(world, each);
      world.expect_end(world.applied(world.the_plan()));
      if (HasFailure()) return;
    }
  }
}

TEST_P(CrashAndUndo, OfAnApplyCanBeUndoneWithoutGoingOn) {
  World world(GetParam());
  std::vector<Left> left;
  {
    Watch watch(world);
    world.applied(world.the_plan());
    left = std::move(watch.all);
  }
  const std::string id = world.the_plan().header().id;
  for (const Left& each : left) {
    SCOPED_TRACE(each.moment);
    take_up(world, each);
    JournalVisitor any;
    if (!*read_journal(*world.state, journal_name(id), any)) continue;
    // A person breaks the lock of the run that is dead.
    ASSERT_TRUE(break_locks(*world.state, "memory media", {"books/"}).has_value());
    const RestoreResultSummary undo = world.undone(id);
    EXPECT_EQ(undo.status, RunStatus::ok);
    EXPECT_EQ(undo.failed_count, 0U);
    EXPECT_EQ(world.store.contents.standing(), world.before());
    if (HasFailure()) return;
  }
}

TEST_P(CrashAndUndo, AtEveryStepOfAnUndoEndsTheSame) {
  World world(GetParam());
  world.applied(world.the_plan());
  std::vector<Left> left;
  {
    Watch watch(world);
    world.expect_undone();
    left = std::move(watch.all);
  }
  EXPECT_GT(left.size(), 30U);
  for (const Left& each : left) {
    SCOPED_TRACE(each.moment);
    take_up(world, each);
    world.expect_undone();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, CrashAndUndo,
                         testing::Values(DeleteMethod::version, DeleteMethod::quarantine),
                         [](const auto& each) { return std::string(to_string(each.param)); });
INSTANTIATE_TEST_SUITE_P(Methods, Crash,
                         testing::Values(DeleteMethod::version, DeleteMethod::quarantine,
                                         DeleteMethod::permanent),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST(CrashDouble, LosesNoAnswerThatALaterRunCouldNotTellEither) {
  World world(DeleteMethod::version);
  world.store.lose_answers = {1, 2};
  world.store.cannot_reconcile = true;
  std::vector<Left> left;
  {
    Watch watch(world);
    world.applied(world.the_plan());
    left = std::move(watch.all);
  }
  world.store.lose_answers.clear();
  world.store.cannot_reconcile = false;
  for (const Left& each : left) {
    SCOPED_TRACE(each.moment);
    take_up(world, each);
    world.expect_end(world.applied(world.the_plan()));
    world.expect_undone();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace flotsam::test
