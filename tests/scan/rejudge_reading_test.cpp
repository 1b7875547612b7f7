#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scan/rejudge_fixture.h"

// What must hold of a reading of references before anything is judged by it.

namespace flotsam::test {
namespace {

using Chrono = std::chrono::seconds;

}  // namespace

TEST(Rejudge, RefusesASourceThatGivesNothingThoughNothingIsCounted) {
  struct Case {
    const char* name;
    Ruling ruling;
    bool overridable;
    std::function<void(RejudgeFixture&)> change;
  };
  const Case cases[] = {
      {"all give keys", Ruling::pass, true, [](RejudgeFixture&) {}},
      {"one gives none", Ruling::refuse, true,
       [](RejudgeFixture& f) { f.database.tables.at("b").rows.clear(); }},
      {"one may give none", Ruling::pass, true,
       [](RejudgeFixture& f) {
         f.database.tables.at("b").rows.clear();
         f.rules.databases[0].sources[1].may_be_empty = true;
       }},
      {"none gives any", Ruling::refuse, false,
       [](RejudgeFixture& f) {
         f.database.tables.at("a").rows.clear();
         f.database.tables.at("b").rows.clear();
       }},
      {"keys outside the scope are none", Ruling::refuse, false,
       [](RejudgeFixture& f) { f.scope({"covers/"}); }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    RejudgeFixture f;
    f.source({.name = "a", .objects = {"books/{v}"}});
    f.source({.name = "b", .derived = {"books/t_{v}"}});
    f.row("a", "1");
    f.row("b", "1");
    each.change(f);
    const GuardRuling ruling = f.guard("references-empty");
    EXPECT_EQ(to_string(ruling.ruling), to_string(each.ruling)) << ruling.message;
    EXPECT_EQ(ruling.overridable, each.overridable);
    EXPECT_EQ(ruling.message.find("has been deleted"), std::string::npos) << ruling.message;
    EXPECT_EQ(ruling.message.find("Nothing more is deleted.") != std::string::npos,
              each.ruling == Ruling::refuse);
  }
}

TEST(Rejudge, RefusesWhatFellSinceThePlanFromTheVeryEdge) {
  struct Case {
    const char* name;
    Ruling ruling;
    int rows;
    std::optional<std::map<std::string, std::uint64_t>> before;
  };
  const Case cases[] = {
      {"as many", Ruling::pass, 100, {{{"images", 100}}}},
      {"a key fewer than the limit", Ruling::pass, 96, {{{"images", 100}}}},
      {"exactly the limit", Ruling::refuse, 95, {{{"images", 100}}}},
      {"more", Ruling::pass, 101, {{{"images", 100}}}},
      {"a source was added", Ruling::pass, 100, std::map<std::string, std::uint64_t>{}},
      {"a source is gone", Ruling::refuse, 100, {{{"images", 100}, {"covers", 1}}}},
      {"the plan's counts are not known", Ruling::pass, 1, std::nullopt},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    RejudgeFixture f;
    f.source({.objects = {"books/{v}"}});
    f.plan("books/x");
    f.plan("books/y");
    for (int i = 0; i < each.rows; ++i) f.row("images", std::to_string(i));
    if (each.before) f.request.plan_counts = Baseline{days_ago(1), "7f3a", *each.before};
    const GuardRuling ruling = f.guard("reference-drop");
    EXPECT_EQ(to_string(ruling.ruling), to_string(each.ruling)) << ruling.message;
    if (each.ruling == Ruling::refuse) {
      EXPECT_NE(ruling.message.find("--expect 2 --override reference-drop"), std::string::npos)
          << ruling.message;
      EXPECT_NE(ruling.message.find("the scan 7f3a"), std::string::npos) << ruling.message;
      EXPECT_TRUE(ruling.message.ends_with(". Nothing more is deleted.")) << ruling.message;
    }
  }
}

TEST(Rejudge, ItsCutoffIsTheEarlierOfThePlansAndTodays) {
  struct Case {
    const char* name;
    Timestamp plan, clock;
    std::optional<Timestamp> true_at;
    Timestamp cutoff;
  };
  const Case cases[] = {
      {"the plan's", days_ago(9), store_now(), std::nullopt, days_ago(9)},
      {"today's", days_ago(7), days_ago(1), std::nullopt, days_ago(8)},
      {"a source's", days_ago(9), store_now(), days_ago(3), days_ago(10)},
      {"the plan's, not the source's", days_ago(9), store_now(), days_ago(1), days_ago(9)},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    RejudgeFixture f;
    f.source({.objects = {"books/{v}"}}).true_at = each.true_at;
    f.request.plan_cutoff = each.plan;
    f.request.store.clock = f.request.store.local_clock = each.clock;
    auto rejudge = f.read();
    ASSERT_TRUE(rejudge);
    EXPECT_EQ(to_rfc3339_exact(rejudge->cutoff()), to_rfc3339_exact(each.cutoff));
  }
}

TEST(Rejudge, TellsWhenItBeganAndWhenTheLastReferenceWasRead) {
  class SlowDatabase final : public ReferenceDatabase {
   public:
    SlowDatabase(ReferenceDatabase& inner, ManualClock& clock) : inner_(inner), clock_(clock) {}
    Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                        const Cancel& cancel) override {
      clock_.set(store_now() + Chrono(60));
      return inner_.read(queries, sink, cancel);
    }
    Evidence identity() const override { return inner_.identity(); }
    std::string shown() const override { return inner_.shown(); }

   private:
    ReferenceDatabase& inner_;
    ManualClock& clock_;
  };
  RejudgeFixture f;
  SlowDatabase slow(f.database, f.clock);
  f.rules.databases[0].database = &slow;
  f.source({.objects = {"books/{v}"}});
  f.plan("books/3/img.png");
  f.row("images", "3/img.webp");
  f.request.find_absent = [&](std::span<const Key> keys) -> Result<std::vector<bool>> {
    f.clock.set(store_now() + Chrono(90));
    return std::vector<bool>(keys.size(), true);
  };
  auto rejudge = f.read();
  ASSERT_TRUE(rejudge);
  EXPECT_EQ(rejudge->started_at(), store_now());
  EXPECT_EQ(rejudge->finished_at(), store_now() + Chrono(60));
}

TEST(Rejudge, TellsWhatTheReadingCounted) {
  RejudgeFixture f;
  f.source({.objects = {"books/{v}"}, .derived = {"books/t_{v}"}});
  f.source({.name = "covers", .derived = {"books/c_{v}", "covers/{v}"}, .may_be_empty = true});
  for (const char* value : {"1", "2", "2", ""}) f.row("images", value);
  f.row("covers", "1");
  f.source({.name = "links", .objects = {"{v}"}, .extract = "img:(?P<v>\\S+)", .outside_ignored = true});
  for (const char* value : {"img:books/1 img:x/1 img:x/2", "nothing"}) f.row("links", value);
  f.lister.put("books/1");
  auto rejudge = f.read();
  ASSERT_TRUE(rejudge);
  std::string text;
  for (const SourceFindings& source : rejudge->sources())
    text += fmt::format(
        "{} rows {} empty {} unmatched {} keys {} outside {} explained {} to remember {} proof {} of "
        "{} in {}, resolved {} dangling {}; {} {}\n",
        source.name, source.rows, source.empty, source.unmatched, source.distinct_keys, source.outside,
        source.explained, source.keys_to_remember(), source.proof.rows, source.identity[0].second,
        source.database, source.resolved, source.dangling, source.may_be_empty, source.outside_ignored);
  EXPECT_EQ(text,
            "images rows 4 empty 1 unmatched 0 keys 2 outside 0 explained 2 to remember 2 proof 4 of app in "
            "fake://db/app, resolved 0 dangling 0; false false\n"
            "covers rows 1 empty 0 unmatched 0 keys 0 outside 0 explained 1 to remember 1 proof 1 of app in "
            "fake://db/app, resolved 0 dangling 0; true false\n"
            "links rows 2 empty 0 unmatched 1 keys 1 outside 2 explained 0 to remember 1 proof 2 of app in "
            "fake://db/app, resolved 0 dangling 0; false true\n");
}

TEST(Rejudge, StopsOnAnyDoubtAboutTheReferences) {
  struct Case {
    const char* name;
    const char* error;
    std::function<void(RejudgeFixture&)> change;
  };
  const Case cases[] = {
      {"all is well", "none", [](RejudgeFixture&) {}},
      {"the database is cut off", "unavailable", [](RejudgeFixture& f) { f.database.fail_at_row = 1; }},
      {"a proof is missing", "corrupt", [](RejudgeFixture& f) { f.database.forgets_proof = true; }},
      {"no source is left", "invalid_argument", [](RejudgeFixture& f) { f.rules.databases.clear(); }},
      {"the references need more memory", "refused", [](RejudgeFixture& f) { f.rules.memory_bytes = 1; }},
      {"the store's clock is a day ahead", "none",
       [](RejudgeFixture& f) { f.request.store.clock += std::chrono::hours(24); }},
      {"the store's clock is more than a day ahead", "corrupt",
       [](RejudgeFixture& f) { f.request.store.clock += std::chrono::hours(24) + Chrono(1); }},
      {"it cannot be told whether a key stands", "permission_denied",
       [](RejudgeFixture& f) {
         f.request.find_absent = [](std::span<const Key>) -> Result<std::vector<bool>> {
           return fail(ErrorCode::permission_denied, "no right to look");
         };
       }},
      {"the store answers for too few keys", "internal",
       [](RejudgeFixture& f) {
         f.request.find_absent = [](std::span<const Key>) -> Result<std::vector<bool>> {
           return std::vector<bool>();
         };
       }},
      {"the plan cannot be read", "corrupt",
       [](RejudgeFixture& f) {
         f.request.planned = [](const auto&) -> Result<void> { return fail(ErrorCode::corrupt, "changed"); };
       }},
      {"a person stops it", "interrupted", [](RejudgeFixture& f) { f.cancel.request(); }},
      {"dangling keys are listed by no rejudge", "none",
       [](RejudgeFixture& f) {
         f.world.spool_folder = "/nonexistent";
         f.world.on_dangling = [](std::string_view, std::string_view) -> Result<void> {
           return fail(ErrorCode::internal, "not wanted");
         };
       }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    RejudgeFixture f;
    f.source({.objects = {"books/{v}"}});
    f.plan("books/3/img.png");
    for (const char* value : {"3/img.webp", "4/img.webp", "5"}) f.row("images", value);
    each.change(f);
    EXPECT_EQ(f.error(), each.error);
  }
}

}  // namespace flotsam::test
