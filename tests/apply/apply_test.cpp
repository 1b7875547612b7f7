#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"

namespace flotsam::test {
namespace {

using Strings = std::vector<std::string>;

/// How many synced lines of the journal begin so.
std::size_t synced_lines(const ApplyFixture& fixture, const std::string& id, const std::string& opening) {
  const auto lines = fixture.state->after_crash()->lines_of("journals/" + id + ".ndjson");
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(opening); }));
}

TEST(Apply, DeletesWhatThePlanNamesAndNothingElse) {
  for (const DeleteMethod method :
       {DeleteMethod::version, DeleteMethod::quarantine, DeleteMethod::permanent}) {
    SCOPED_TRACE(to_string(method));
    ApplyFixture fixture;
    fixture.use(method);
    fixture.orphans(3, 7);
    const Plan plan = fixture.plan();
    fixture.orphan("books/later");
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(to_summary(result), "planned 3 deleted 3 bytes 21 failed 0 left 0 ok");
    EXPECT_EQ(fixture.standing_keys(), (Strings{"books/kept", "books/later"}));
    EXPECT_EQ(result.plan_id, plan.header().id);
    EXPECT_EQ(result.method, method);
    EXPECT_EQ(result.journal, "/state/journals/" + plan.header().id + ".ndjson");
    EXPECT_EQ(fixture.store.options_seen.front().run_id, plan.header().id);
    EXPECT_EQ(fixture.store.contents.quarantine.size(), method == DeleteMethod::quarantine ? 3U : 0U);
  }
}

TEST(Apply, DeletesInBatchesOf1And10And100AndThenUpTo1000) {
  ApplyFixture fixture;
  fixture.orphans(2200);
  const ApplyResult result = fixture.applied(fixture.plan());
  EXPECT_EQ(result.deleted, 2200U);
  EXPECT_EQ(fixture.store.batches, (std::vector<std::size_t>{1, 10, 100, 1000, 1000, 89}));
}

TEST(Apply, GoesInTheOrderOfTheSpecification) {
  ApplyFixture fixture;
  fixture.orphans(11);
  fixture.applied(fixture.plan());
  EXPECT_EQ(fixture.steps, (Strings{"lock", "references", "prepare", "journal", "intent", "remove", "outcome",
                                    "intent", "remove", "outcome", "end"}));
}

TEST(Apply, HasEveryIntentOnStableStorageBeforeItDeletesAndEveryOutcomeBeforeTheNextBatch) {
  ApplyFixture fixture;
  fixture.orphans(50);
  const Plan plan = fixture.plan();
  std::size_t sent = 0;
  fixture.store.before_remove = [&] {
    EXPECT_EQ(synced_lines(fixture, plan.header().id, "{\"outcome\":"), sent);
    sent = synced_lines(fixture, plan.header().id, "{\"intend\":");
  };
  fixture.applied(plan);
  EXPECT_EQ(sent, 50U);
  EXPECT_EQ(synced_lines(fixture, plan.header().id, "{\"outcome\":"), 50U);
  EXPECT_EQ(synced_lines(fixture, plan.header().id, "{\"end\":\"ok\""), 1U);
}

TEST(Apply, SkipsWhatIsNoOrphanAnyMore) {
  struct Row {
    const char* name;
    std::function<void(ApplyFixture&)> change;
    SkipReason reason;
  };
  const auto globs = [](const char* text) {
    std::vector<Glob> all;
    all.push_back(*Glob::parse(text));
    return all;
  };
  const std::vector<Row> rows = {
      {"a row needs it", [](ApplyFixture& f) { f.database.rows.emplace_back("books/b"); },
       SkipReason::referenced},
      {"a row explains it",
       [](ApplyFixture& f) {
         f.rules.databases[0].sources[0].resolver.derived.push_back(*KeyTemplate::parse("books/b"));
       },
       SkipReason::derived},
      {"protect matches it", [&](ApplyFixture& f) { f.rules.protect = globs("books/b"); },
       SkipReason::protected_},
      {"undo brought it back", [](ApplyFixture& f) { f.bring_back("books/b"); }, SkipReason::protected_},
      {"candidates do not match it", [&](ApplyFixture& f) { f.rules.candidates = globs("books/a"); },
       SkipReason::unrecognised},
      {"another spelling is referenced", [](ApplyFixture& f) { f.database.rows.emplace_back("books/B"); },
       SkipReason::suspect},
      {"it was overwritten", [](ApplyFixture& f) { f.orphan("books/b", 11); }, SkipReason::changed},
      {"it was written again with the same bytes",
       [](ApplyFixture& f) { f.store.put("books/b", 10, f.clock.now(), "same"); }, SkipReason::changed},
      {"it is gone", [](ApplyFixture& f) { f.store.erase("books/b"); }, SkipReason::gone},
      {"the store holds it",
       [](ApplyFixture& f) {
         f.store.look_for = [](const Object& object) -> std::optional<Look> {
           if (object.key.bytes() != "books/b") return std::nullopt;
           return Look{LookState::held, object, "a legal hold"};
         };
       },
       SkipReason::protected_},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ApplyFixture fixture;
    fixture.orphan("books/a");
    fixture.orphan("books/b", 10, "same");
    fixture.orphan("books/c");
    const Plan plan = fixture.plan();
    ASSERT_EQ(plan.objects(), 3U);
    row.change(fixture);
    const std::uint64_t skips = row.reason == SkipReason::unrecognised ? 2 : 1;
    const auto before = fixture.store.contents.keys["books/b"];
    const ApplyResult result = fixture.applied(plan);
    EXPECT_EQ(skipped(result, row.reason), skips) << to_summary(result);
    EXPECT_EQ(result.status, RunStatus::ok);
    EXPECT_EQ(result.deleted, 3 - skips);
    EXPECT_EQ(fixture.store.contents.keys["books/b"], before) << "it must not be touched";
    // Skipped for good: what changed back is no business of this plan any more.
    fixture.store.look_for = nullptr;
    fixture.resumes = true;
    EXPECT_EQ(to_summary(fixture.applied(plan)), to_summary(result));
    EXPECT_EQ(fixture.store.contents.keys["books/b"], before);
  }
}

TEST(Apply, JudgesByTheEarlierOfTwoCutoffs) {
  ApplyFixture fixture;
  fixture.orphans(3);
  const Plan plan = fixture.plan();
  fixture.rules.min_age = Seconds(86400 * 50);
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(skipped(result, SkipReason::young), 3U);
  EXPECT_EQ(fixture.store.remove_calls, 0U);
}

TEST(Apply, GivesTheErrorOfPreparingAndDeletesNothing) {
  ApplyFixture fixture;
  fixture.orphans(2);
  const Plan plan = fixture.plan();
  fixture.store.prepare_fails = error_of(ErrorCode::refused, "the quarantine is not there");
  EXPECT_FALSE(fixture.apply(plan).has_value());
  EXPECT_EQ(fixture.store.remove_calls, 0U);
}

TEST(Apply, DoesNothingForAPlanThatIsFinished) {
  ApplyFixture fixture;
  fixture.orphans(5);
  const Plan plan = fixture.plan();
  const ApplyResult first = fixture.applied(plan);
  const auto journal = fixture.journal_of(plan.header().id);
  const std::uint64_t reads = fixture.database.reads;
  fixture.orphans(5);
  fixture.resumes = true;
  const ApplyResult second = fixture.applied(plan);
  EXPECT_EQ(to_summary(second), to_summary(first));
  EXPECT_EQ(second.recoverable_until, first.recoverable_until);
  EXPECT_EQ(fixture.journal_of(plan.header().id), journal);
  EXPECT_EQ(fixture.database.reads, reads);
  EXPECT_EQ(fixture.standing_keys().size(), 6U);
}

TEST(Apply, EndsAnEmptyPlanAtOnce) {
  ApplyFixture fixture;
  const Plan plan = fixture.plan();
  EXPECT_EQ(to_summary(fixture.applied(plan)), "planned 0 deleted 0 bytes 0 failed 0 left 0 ok");
}

TEST(Apply, SaysUntilWhenItCanBeUndone) {
  struct Row {
    const char* name;
    std::function<void(ApplyFixture&)> change;
    int days;  ///< -1: no date
    const char* note;
  };
  for (const Row& row :
       {Row{"undo_days", [](ApplyFixture&) {}, 30, ""},
        Row{"a rule that keeps longer",
            [](ApplyFixture& f) { f.store.store.lifecycle->push_back({"long", "", false, {}, 31}); }, 30, ""},
        Row{"a rule for other prefixes",
            [](ApplyFixture& f) { f.store.store.lifecycle->push_back({"other", "tmp/", false, {}, 1}); }, 30,
            ""},
        Row{"a rule that takes them sooner",
            [](ApplyFixture& f) {
              f.store.store.lifecycle->push_back({"short", "", false, {}, 3});
              f.overrides = {"recoverable"};
            },
            3, "'short'"},
        Row{"rules that cannot be read", [](ApplyFixture& f) { f.store.store.lifecycle.reset(); }, -1,
            "could not be read"},
        Row{"a rule that takes what is quarantined",
            [](ApplyFixture& f) {
              f.use(DeleteMethod::quarantine);
              f.store.store.lifecycle->push_back({"sweep", ".flotsam-quarantine/", false, 5, {}});
              f.overrides = {"recoverable"};
            },
            5, "'sweep'"},
        Row{"a quarantine elsewhere",
            [](ApplyFixture& f) {
              f.use(DeleteMethod::quarantine);
              f.rules.deletion.quarantine_prefix.clear();
            },
            -1, "the quarantine's bucket"},
        Row{"permanent", [](ApplyFixture& f) { f.use(DeleteMethod::permanent); }, -1, "gone for good"}}) {
    SCOPED_TRACE(row.name);
    ApplyFixture fixture;
    row.change(fixture);
    fixture.orphans(2);
    const ApplyResult result = fixture.applied(fixture.plan());
    EXPECT_EQ(result.deleted, 2U);
    if (row.days < 0) {
      EXPECT_EQ(result.recoverable_until, std::nullopt);
    } else {
      EXPECT_EQ(result.recoverable_until, test_now() + std::chrono::hours(24 * row.days));
    }
    EXPECT_NE(result.recoverable_note.find(row.note), std::string::npos) << result.recoverable_note;
  }
}

TEST(Apply, NeverDeletesWithoutAMethod) {
  ApplyFixture fixture;
  fixture.orphans(2);
  const Plan plan = fixture.plan();
  fixture.apply_rules.method = DeleteMethod::none;
  fixture.overrides = {"recoverable"};
  const ApplyResult result = fixture.applied(plan);
  EXPECT_EQ(result.status, RunStatus::refused);
  EXPECT_EQ(fixture.store.remove_calls, 0U);
}

TEST(Apply, RefusesToGoOnWithAnotherMethod) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.store.before_remove = [&] { fixture.cancel.request(); };
  EXPECT_EQ(fixture.applied(plan).status, RunStatus::partial);
  fixture.apply_rules.method = DeleteMethod::quarantine;
  const auto result = fixture.apply(plan);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().service_code, "Plan");
}

TEST(Apply, GoesOnWhateverIsConfiguredForTheOtherMethod) {
  ApplyFixture fixture;
  fixture.orphans(20);
  const Plan plan = fixture.plan();
  fixture.deadline = fixture.clock.now() + std::chrono::seconds(5);
  fixture.store.before_remove = [&] { fixture.pass(std::chrono::seconds(10)); };
  EXPECT_EQ(fixture.applied(plan).status, RunStatus::partial);
  fixture.deadline.reset();
  fixture.apply_rules.quarantine = "s3://media/.flotsam-later/";
  EXPECT_EQ(fixture.applied(plan).deleted, 20U);
}

TEST(Apply, RefusesAPlanThatWasUndone) {
  ApplyFixture fixture;
  fixture.orphans(2);
  const Plan plan = fixture.plan();
  fixture.applied(plan);
  fixture.undone(plan.header().id);
  const auto result = fixture.apply(plan);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().service_code, "Plan");
  EXPECT_EQ(fixture.standing_keys().size(), 3U);
}

}  // namespace
}  // namespace flotsam::test
