#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"

namespace flotsam::test {
namespace {

constexpr const char* kGuard =
    R"({{"guards":[{{"id":"{}","ruling":"{}","overridable":{},"message":"Seen."}}]}})";

std::string report_of(const char* id, const char* ruling = "refuse", bool overridable = true) {
  return fmt::format(fmt::runtime(kGuard), id, ruling, overridable);
}

/// A plan of two orphans and what is asked of it.
struct Authorising : testing::Test {
  Authorising() {
    fixture.orphan("books/a");
    fixture.orphan("books/b");
  }
  std::expected<AuthorisedPlan, Refusal> ask(const std::string& report = R"({"guards":[]})") {
    plan.emplace(fixture.plan(report));
    now = fixture.now_of(*plan);
    if (change) change();
    return AuthorisedPlan::authorise(*plan, approval, now);
  }
  void expect_refused(Refusal::Kind kind, const std::string& part,
                      const std::string& report = R"({"guards":[]})") {
    const auto made = ask(report);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().kind, kind);
    const std::string text = to_text(made.error().error);
    EXPECT_NE(text.find(part), std::string::npos) << text;
    EXPECT_FALSE(made.error().error.hint.empty()) << "it must say what to do";
  }

  ApplyFixture fixture;
  std::optional<Plan> plan;
  Approval approval{.expect = 2, .overrides = {}};
  AuthorisedPlan::Now now;
  std::function<void()> change;
};

TEST_F(Authorising, TakesAPlanThatNothingSpeaksAgainst) {
  const auto made = ask(report_of("orphan-percent", "warn"));
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->plan().objects(), 2U);
  EXPECT_TRUE(made->guards().empty());
}

TEST_F(Authorising, RefusesForEveryGuardThatRefusesAndIsNotOverridden) {
  for (const char* id :
       {"references-empty", "resolution", "unexpected-prefix", "orphan-percent", "shape-percent", "suspects",
        "max-bytes", "reference-drop", "young-cliff", "recoverable"}) {
    SCOPED_TRACE(id);
    approval.overrides.clear();
    expect_refused(Refusal::Kind::guard, fmt::format("--override {}", id), report_of(id));
    approval.overrides = {id};
    const auto made = ask(report_of(id));
    ASSERT_TRUE(made.has_value());
    ASSERT_EQ(made->guards().size(), 1U);
    EXPECT_EQ(made->guards().front().id, id);
    EXPECT_TRUE(made->guards().front().overridden);
    EXPECT_EQ(made->guards().front().message, "Seen.");
  }
}

TEST_F(Authorising, NamesAllRefusalsAtOnce) {
  const std::string report =
      R"({"guards":[{"id":"suspects","ruling":"refuse","overridable":true,"message":"Seen S."},)"
      R"({"id":"max-bytes","ruling":"refuse","overridable":true,"message":"Seen M."}]})";
  approval.overrides = {"suspects"};
  expect_refused(Refusal::Kind::guard, "Seen M.", report);
  approval.overrides = {};
  expect_refused(Refusal::Kind::guard, "Seen S.", report);
  approval.overrides = {"suspects", "max-bytes"};
  EXPECT_TRUE(ask(report).has_value());
}

TEST_F(Authorising, NeverTakesWhatNoOverrideExistsFor) {
  approval.overrides = {"references-empty"};
  expect_refused(Refusal::Kind::guard, "cannot be overridden",
                 report_of("references-empty", "refuse", false));
}

TEST_F(Authorising, CountsARulingThatItDoesNotKnowAsARefusal) {
  expect_refused(Refusal::Kind::guard, "max-bytes", report_of("max-bytes", "maybe"));
}

TEST_F(Authorising, LetsMaxDeletionsPassByTheExactNumberAlone) {
  EXPECT_TRUE(ask(report_of("max-deletions")).has_value());
  approval.expect = 3;
  expect_refused(Refusal::Kind::guard, "--expect says 3, and the plan holds 2", report_of("max-deletions"));
}

TEST_F(Authorising, WantsTheNumberOfObjects) {
  approval.expect.reset();
  expect_refused(Refusal::Kind::usage, "--expect 2");
  for (const std::uint64_t wrong : {0U, 1U, 3U}) {
    approval.expect = wrong;
    expect_refused(Refusal::Kind::guard, "the plan holds 2");
  }
}

TEST_F(Authorising, KnowsTheGuardsThatCanBeOverridden) {
  approval.overrides = {"orphan-percnt"};
  expect_refused(Refusal::Kind::usage, "did you mean 'orphan-percent'");
  expect_refused(Refusal::Kind::usage, "recheck");
  approval.overrides = {"plan-age", "recheck", "max-deletions"};
  EXPECT_TRUE(ask().has_value());
}

TEST_F(Authorising, RulesOnTheAgeOfThePlan) {
  struct Row {
    const char* name;
    std::chrono::seconds passed;
    Seconds plan_age;
    bool passes;
  };
  const std::chrono::hours day(24);
  for (const Row& row :
       {Row{"as old as allowed", day, day, true},
        Row{"a second older", day + std::chrono::seconds(1), day, false},
        Row{"older than today's limit", std::chrono::hours(2), std::chrono::hours(1), false},
        Row{"past the date that it names", std::chrono::hours(30), std::chrono::hours(48), false},
        Row{"made a little later by another clock", -std::chrono::minutes(5), day, true},
        Row{"made in the future", -std::chrono::minutes(6), day, false}}) {
    SCOPED_TRACE(row.name);
    approval.overrides.clear();
    change = [&] {
      now.now = plan->header().created_at + row.passed;
      now.plan_age = row.plan_age;
    };
    if (row.passes) {
      EXPECT_TRUE(ask().has_value());
      continue;
    }
    expect_refused(Refusal::Kind::guard, "--override plan-age");
    approval.overrides = {"plan-age"};
    EXPECT_TRUE(ask().has_value());
  }
}

TEST_F(Authorising, DoesNotRuleOnTheAgeOfAPlanThatIsGoneOnWith) {
  change = [&] {
    now.now += std::chrono::hours(1000);
    now.resumes = true;
  };
  EXPECT_TRUE(ask().has_value());
}

TEST_F(Authorising, WantsRecoverableOverriddenForPermanentWhateverThePlanSays) {
  fixture.use(DeleteMethod::permanent);
  expect_refused(Refusal::Kind::guard, "--override recoverable");
  approval.overrides = {"recoverable"};
  const auto made = ask();
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->guards().front().id, "recoverable");
}

TEST_F(Authorising, RefusesAPlanOfAnotherWorldWhateverIsOverridden) {
  struct Row {
    const char* name;
    std::function<void()> change;
    const char* part;
  };
  for (const Row& row :
       {Row{"spent", [&] { now.spent = true; }, "spent"},
        Row{"another URL", [&] { now.store_url = "s3://other"; }, "s3://other"},
        Row{"another identity", [&] { now.store.identity = "memory other"; }, "memory other"},
        Row{"no prefixes", [&] { now.prefixes.clear(); }, "prefixes"},
        Row{"more prefixes", [&] { now.prefixes.push_back("x/"); }, "'x/'"},
        Row{"other rules", [&] { now.sources[0].rules_digest = "other"; }, "was changed"},
        Row{"a source that is gone", [&] { now.sources.clear(); }, "gone"},
        Row{"a source of another name", [&] { now.sources[0].name = "other"; }, "gone"}}) {
    SCOPED_TRACE(row.name);
    change = row.change;
    approval.overrides = {"plan-age", "recheck", "max-deletions", "resolution"};
    expect_refused(Refusal::Kind::plan, row.part);
  }
}

TEST_F(Authorising, TakesASourceThatWasAddedAndPrefixesInAnotherOrder) {
  change = [&] { now.sources.push_back({"more", "digest", {}, 0}); };
  EXPECT_TRUE(ask().has_value());
}

TEST_F(Authorising, RefusesAPlanWhoseGuardsCannotBeRead) {
  for (const char* report : {"{}", R"({"guards":{}})", R"({"guards":[{}]})",
                             R"({"guards":[{"id":"resolution","ruling":"refuse","message":"m"}]})"}) {
    SCOPED_TRACE(report);
    expect_refused(Refusal::Kind::plan, "cannot be read", report);
  }
}

}  // namespace
}  // namespace flotsam::test
