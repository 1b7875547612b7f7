#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>

#include "apply/fixture.h"
#include "base/file.h"
#include "plan/journal.h"

namespace flotsam::test {
namespace {

TEST(ApplyFiles, DeletesNothingThatIsNotInTheApprovedPlanWhateverBecomesOfItsFile) {
  // The file is exchanged for another whole plan at each moment at which it is read again.
  for (const char* moment : {"references", "prepare", "journal", "intent"}) {
    SCOPED_TRACE(moment);
    ApplyFixture twin;
    twin.orphans(3);
    const Plan plan = twin.plan();
    twin.orphan("books/z");
    twin.orphan("books/a");
    const Plan other = twin.plan();
    twin.on_step = [&](const std::string& step) {
      if (step == moment)
        std::filesystem::copy_file(other.path(), plan.path(),
                                   std::filesystem::copy_options::overwrite_existing);
    };
    const auto result = twin.apply(plan);
    // At the last of these moments the plan was read to its end: there is nothing left to notice.
    const bool is_over = std::string_view(moment) == "intent";
    EXPECT_EQ(result && result->status == RunStatus::ok, is_over);
    EXPECT_NE(twin.store.contents.find("books/a"), nullptr);
    EXPECT_NE(twin.store.contents.find("books/z"), nullptr);
  }
}

TEST(ApplyFiles, NoticesALineOfThePlanThatWasChangedBeforeItDeletesByIt) {
  ApplyFixture fixture;
  fixture.orphans(1500);
  const Plan plan = fixture.plan();
  // An object that no plan named, where the plan then names it: of the right order, length and identity. The
  // file alone would tell at its end, after the deletion.
  const Object planned = *fixture.store.contents.find("books/o00500");
  fixture.store.put("books/o0049:", planned.size_bytes, *planned.last_modified, planned.etag);
  fixture.on_step = [&](const std::string& step) {
    if (step != "journal") return;
    std::string text = *read_file(plan.path());
    const auto at = text.find("books/o00500");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 12, "books/o0049:");
    std::ofstream(plan.path(), std::ios::binary | std::ios::trunc) << text;
  };
  const auto result = fixture.apply(plan);
  EXPECT_NE(fixture.store.contents.find("books/o0049:"), nullptr);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().service_code, "Plan");
  EXPECT_EQ(fixture.store.remove_calls, 0U) << "nothing of the page that was changed";
}

TEST(ApplyFiles, ReportsEveryFailureOfTheStateAndLosesNothing) {
  for (std::uint64_t n = 0; n < 60; ++n) {
    SCOPED_TRACE(n);
    ApplyFixture fixture;
    fixture.orphans(15);
    const Plan plan = fixture.plan();
    fixture.state->fail_writes_from = fixture.state->writes() + n;
    const auto first = fixture.apply(plan);
    fixture.state->fail_writes_from.reset();
    const std::size_t deleted = fixture.store.removed_keys.size();
    if (first && first->status == RunStatus::ok) {
      EXPECT_EQ(deleted, 15U);
    }
    if (!first) {
      EXPECT_EQ(deleted, 0U) << "an error means that nothing was deleted";
    }
    fixture.pass(std::chrono::minutes(12));
    const ApplyResult second = fixture.applied(plan);
    EXPECT_EQ(to_summary(second), "planned 15 deleted 15 bytes 150 failed 0 left 0 ok");
    EXPECT_EQ(fixture.store.removed_keys.size(), 15U) << "nothing is deleted twice";
    EXPECT_EQ(fixture.undone(plan.header().id).restored, 15U);
  }
}

/// An apply of 30 that was stopped after its second batch.
struct StoppedApply {
  StoppedApply() {
    fixture.orphans(30);
    plan.emplace(fixture.plan());
    fixture.deadline = fixture.clock.now() + std::chrono::seconds(9);
    fixture.store.before_remove = [&] { fixture.pass(std::chrono::seconds(6)); };
    EXPECT_EQ(fixture.applied(*plan).deleted, 11U);
    fixture.deadline.reset();
    before = fixture.store.contents;
  }
  /// apply() must refuse the journal and touch nothing.
  void expect_refused(const std::string& part) {
    const auto result = fixture.apply(*plan);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().service_code, "Plan");
    EXPECT_NE(to_text(result.error()).find(part), std::string::npos) << to_text(result.error());
    EXPECT_EQ(fixture.store.contents.keys, before.keys);
  }
  JournalHeader header() const {
    JournalHeader header;
    header.id = plan->header().id;
    header.plan_digest = plan->digest();
    header.store_identity = plan->header().store_identity;
    header.prefixes = plan->header().prefixes;
    header.method = DeleteMethod::version;
    return header;
  }
  std::string name() const { return journal_name(plan->header().id); }

  ApplyFixture fixture;
  std::optional<Plan> plan;
  MemoryContents before;
};

TEST(ApplyFiles, BelievesNoJournalOfWhichALineWasChangedLostOrMoved) {
  StoppedApply stopped;
  const auto lines = stopped.fixture.journal_of(stopped.plan->header().id);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    SCOPED_TRACE(i);
    auto changed = lines;
    changed[i][changed[i].size() / 2] ^= 1;
    stopped.fixture.state->set_lines(stopped.name(), changed);
    stopped.expect_refused("cannot be believed");
    auto lost = lines;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(i));
    stopped.fixture.state->set_lines(stopped.name(), lost);
    stopped.expect_refused("cannot be believed");
    auto moved = lines;
    std::swap(moved[i], moved[i + 1]);
    stopped.fixture.state->set_lines(stopped.name(), moved);
    stopped.expect_refused("cannot be believed");
  }
  stopped.fixture.state->set_lines(stopped.name(), lines);
  EXPECT_EQ(stopped.fixture.applied(*stopped.plan).deleted, 30U);
}

TEST(ApplyFiles, TakesNoJournalThatIsNotThatOfThePlan) {
  struct Row {
    const char* name;
    std::function<void(JournalHeader&)> change;
    const char* part;
  };
  for (const Row& row :
       {Row{"another digest", [](JournalHeader& h) { h.plan_digest = "abcd"; }, "another plan"},
        Row{"another kind", [](JournalHeader& h) { h.kind = JournalKind::purge; }, "another plan"},
        Row{"another store", [](JournalHeader& h) { h.store_identity = "x"; }, "another store"}}) {
    SCOPED_TRACE(row.name);
    StoppedApply stopped;
    JournalHeader header = stopped.header();
    row.change(header);
    stopped.fixture.state->set_lines(stopped.name(), {});
    ASSERT_TRUE(JournalWriter::open(*stopped.fixture.state, header).has_value());
    stopped.expect_refused(row.part);
  }
}

TEST(ApplyFiles, TakesNoJournalThatSaysWhatCannotBe) {
  struct Row {
    const char* name;
    std::function<Result<void>(JournalWriter&)> write;
    const char* part;
  };
  const JournalOutcome removed{
      .number = 3, .result = "removed", .marker_id = {}, .version_id = {}, .code = {}, .message = {}};
  const JournalIntent beyond{.number = 30, .object = {}, .detail = {}};
  const JournalOutcome purged{
      .number = 3, .result = "purged", .marker_id = {}, .version_id = {}, .code = {}, .message = {}};
  const JournalIntent intent{.number = 3, .object = {}, .detail = {}};
  const JournalSkip skip{.number = 30, .why = "gone"};
  for (const Row& row :
       {Row{"an outcome without an intent", [&](JournalWriter& w) { return w.settle({&removed, 1}); },
            "without an intent"},
        Row{"an object that the plan does not hold",
            [&](JournalWriter& w) { return w.intend({&beyond, 1}, test_now()); }, "the plan holds 30"},
        Row{"a skip of one", [&](JournalWriter& w) { return w.skip({&skip, 1}); }, "the plan holds 30"},
        Row{"an outcome of another kind",
            [&](JournalWriter& w) -> Result<void> {
              FLOTSAM_TRY(w.intend({&intent, 1}, test_now()));
              return w.settle({&purged, 1});
            },
            "purged"}}) {
    SCOPED_TRACE(row.name);
    StoppedApply stopped;
    stopped.fixture.state->set_lines(stopped.name(), {});
    {
      auto writer = JournalWriter::open(*stopped.fixture.state, stopped.header());
      ASSERT_TRUE(writer.has_value());
      ASSERT_TRUE(row.write(*writer).has_value());
      ASSERT_TRUE(writer->end({"partial", test_now()}).has_value());
    }
    stopped.expect_refused(row.part);
  }
}

}  // namespace
}  // namespace flotsam::test
