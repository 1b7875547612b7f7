#include "scan/rejudge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "scan/random_world.h"
#include "scan/world.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;
using Chrono = std::chrono::seconds;

/// Counts the lines of a log.
class CountingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view /*line*/) override {
    if (level == LogLevel::warning) ++warnings;
  }
  int warnings = 0;
};

/// A scan's world, a plan of some of its objects, and how the store answers.
class RejudgeFixture : public ScanFixture {
 public:
  RejudgeFixture() {
    world.log = &log;
    request.rules = &rules;
    request.store = lister.store;
    request.plan_cutoff = days_ago(7);
    request.planned = [this](const std::function<Result<void>(const ObjectView&)>& use) -> Result<void> {
      for (const Object& object : planned) FLOTSAM_TRY(use(object.view()));
      return {};
    };
    request.find_absent = [this](std::span<const Key> keys) -> Result<std::vector<bool>> {
      std::vector<bool> absent;
      for (const Key& key : keys) {
        asked.push_back(key.bytes());
        absent.push_back(!lister.objects.contains(key.bytes()));
      }
      most_asked = std::max(most_asked, keys.size());
      return absent;
    };
  }

  /// An object that stands and is planned.
  void plan(const std::string& key, std::uint64_t size = 10, std::optional<Timestamp> time = days_ago(40)) {
    lister.put(key, size, time);
    planned.push_back(lister.objects.at(key));
  }
  Result<Rejudge> read() { return Rejudge::read(request, world); }
  /// The verdict of each planned object; reading must succeed.
  std::vector<Verdict> verdicts() {
    auto rejudge = read();
    if (!rejudge) {
      ADD_FAILURE() << to_text(rejudge.error());
      return {};
    }
    std::vector<ObjectView> views;
    for (const Object& object : planned) views.push_back(object.view());
    return rejudge->judge(views);
  }
  /// The ruling with this id.
  GuardRuling guard(std::string_view id) {
    auto rejudge = read();
    if (!rejudge) {
      ADD_FAILURE() << to_text(rejudge.error());
      return {};
    }
    EXPECT_EQ(rejudge->guards().size(), 2U);
    for (const GuardRuling& each : rejudge->guards())
      if (each.id == id) return each;
    ADD_FAILURE() << "no guard " << id;
    return {};
  }
  /// The error code of a reading that must fail.
  std::string error() {
    auto rejudge = read();
    return rejudge ? "none" : to_string(rejudge.error().code);
  }

  Rejudge::Request request;
  std::vector<Object> planned;
  Keys asked;
  std::size_t most_asked = 0;
  CountingLog log;
};

struct VerdictCase {
  const char* name;
  std::string key;
  const char* verdict;
  std::function<void(RejudgeFixture&)> change = [](RejudgeFixture&) {};
};

}  // namespace

TEST(Rejudge, GivesEachVerdictOfNow) {
  const VerdictCase cases[] = {
      {"still an orphan", "books/9.webp", "orphan"},
      {"needed now", "books/9.webp", "referenced", [](RejudgeFixture& f) { f.row("images", "9.webp"); }},
      {"explained now", "books/thumb_9.webp", "derived",
       [](RejudgeFixture& f) { f.row("images", "9.webp"); }},
      {"below a folder that is explained now", "books/tiles/9.webp/0/7.png", "derived",
       [](RejudgeFixture& f) { f.row("images", "9.webp"); }},
      {"protected now", "books/9.webp", "protected",
       [](RejudgeFixture& f) { f.rules.protect = ScanFixture::globs({"books/9*"}); }},
      {"brought back", "books/9.webp", "protected",
       [](RejudgeFixture& f) {
         for (const char* key : {"books/1.webp", "books/9.webp", "books/0.webp"}) f.rules.restored.add(key);
         f.rules.restored.sort();
       }},
      {"another was brought back", "books/9.webp", "orphan",
       [](RejudgeFixture& f) { f.rules.restored.add("books/1.webp"), f.rules.restored.sort(); }},
      {"no candidate any more", "books/9.webp", "unrecognised",
       [](RejudgeFixture& f) { f.rules.candidates = ScanFixture::globs({"books/*.png"}); }},
      {"outside the scope of now", "books/9.webp", "unrecognised",
       [](RejudgeFixture& f) { f.scope({"covers/"}); }},
      {"outside, though needed", "books/9.webp", "unrecognised",
       [](RejudgeFixture& f) { f.row("images", "9.webp"), f.scope({"covers/"}); }},
      {"as old as the plan's cutoff", "books/9.webp", "orphan",
       [](RejudgeFixture& f) { f.request.plan_cutoff = days_ago(40); }},
      {"younger than the plan's cutoff", "books/9.webp", "young",
       [](RejudgeFixture& f) { f.request.plan_cutoff = days_ago(40) - std::chrono::nanoseconds(1); }},
      {"too young by the min_age of now", "books/9.webp", "young",
       [](RejudgeFixture& f) { f.rules.min_age = Seconds(40 * 86400 + 1); }},
      {"old enough by the min_age of now", "books/9.webp", "orphan",
       [](RejudgeFixture& f) { f.rules.min_age = Seconds(40 * 86400); }},
      {"a source shows a moment too long ago", "books/9.webp", "young",
       [](RejudgeFixture& f) { f.database.tables.at("images").true_at = days_ago(34); }},
      {"a source shows a moment late enough", "books/9.webp", "orphan",
       [](RejudgeFixture& f) { f.database.tables.at("images").true_at = days_ago(33); }},
      {"overwritten since: its planned time counts", "books/9.webp", "orphan",
       [](RejudgeFixture& f) { f.lister.put("books/9.webp", 11, store_now()); }},
      {"another spelling is referenced now", "books/9.webp", "suspect",
       [](RejudgeFixture& f) { f.row("images", "9.WEBP"); }},
      {"of a source with exact spelling", "books/9.webp", "orphan",
       [](RejudgeFixture& f) {
         f.row("images", "9.WEBP");
         f.rules.databases[0].sources[0].spelling_exact = true;
       }},
      {"the loose form of a dangling key", "books/3/img.png", "suspect",
       [](RejudgeFixture& f) { f.row("images", "3/IMG.webp"); }},
      {"the loose form of a key that stands", "books/3/img.png", "orphan",
       [](RejudgeFixture& f) { f.row("images", "3/img.webp"), f.lister.put("books/3/img.webp"); }},
      {"one that stands and one that dangles", "books/3/img.png", "suspect",
       [](RejudgeFixture& f) {
         f.row("images", "3/img.webp"), f.lister.put("books/3/img.webp");
         f.row("images", "a/3/img.gif");
       }},
      {"the loose form of a dangling key with exact spelling", "books/3/img.png", "orphan",
       [](RejudgeFixture& f) {
         f.row("images", "3/IMG.webp");
         f.rules.databases[0].sources[0].spelling_exact = true;
       }},
      {"the loose form of a dangling key outside the scope", "books/3/img.png", "orphan",
       [](RejudgeFixture& f) {
         f.source({.name = "covers", .objects = {"covers/{v}"}});
         f.row("covers", "3/IMG.webp");
       }},
      {"the loose form of what is merely explained", "books/3/img.png", "orphan",
       [](RejudgeFixture& f) {
         f.source({.name = "thumbs", .derived = {"books/x/{v}"}});
         f.row("thumbs", "3/img.webp");
       }},
      {"young wins over the loose form", "books/3/img.png", "young",
       [](RejudgeFixture& f) {
         f.row("images", "3/IMG.webp");
         f.request.plan_cutoff = days_ago(41);
       }},
      {"a source was added, and needs it", "books/9.webp", "referenced",
       [](RejudgeFixture& f) {
         f.source({.name = "covers", .objects = {"books/{v}"}});
         f.row("covers", "9.webp");
       }},
  };
  for (const VerdictCase& each : cases) {
    SCOPED_TRACE(each.name);
    RejudgeFixture f;
    f.source({.objects = {"books/{v}"}, .derived = {"books/thumb_{v}", "books/tiles/{v}/**"}});
    f.row("images", "1.webp");
    f.plan(each.key);
    each.change(f);
    const std::vector<Verdict> verdicts = f.verdicts();
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(to_string(verdicts[0]), each.verdict);
  }
}

TEST(Rejudge, GivesAVerdictAnObjectInTheOrderGiven) {
  RejudgeFixture f;
  f.source({.objects = {"books/{v}"}});
  for (const char* value : {"2", "4"}) f.row("images", value);
  for (const char* key : {"books/1", "books/2", "covers/1", "covers/2", "books/3", "books/4"}) f.plan(key);
  EXPECT_EQ(f.verdicts(),
            (std::vector<Verdict>{Verdict::orphan, Verdict::referenced, Verdict::unrecognised,
                                  Verdict::unrecognised, Verdict::orphan, Verdict::referenced}));
  auto rejudge = f.read();
  ASSERT_TRUE(rejudge);
  EXPECT_TRUE(rejudge->judge({}).empty());
  const ObjectView last = f.planned.back().view();
  EXPECT_EQ(rejudge->judge({&last, 1}), std::vector<Verdict>{Verdict::referenced});
}

RC_GTEST_PROP(RejudgeProperty, SaysOfEveryObjectWhatAScanOfNowWouldSay, ()) {
  RejudgeFixture f;
  fill_at_random(f);
  ScanResult result;
  const auto expected = verdicts_of(f, result);
  f.request.plan_cutoff = store_now();
  f.world.hash_seed = *rc::gen::arbitrary<std::uint64_t>();
  for (const auto& [key, verdict] : expected) f.planned.push_back(f.lister.objects.at(key));
  const std::vector<Verdict> verdicts = f.verdicts();
  RC_ASSERT(verdicts.size() == expected.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    RC_ASSERT(verdicts[i] == expected.at(f.planned[i].key.bytes()));
}

RC_GTEST_PROP(RejudgeProperty, OfAPlanWhatStaysIsWhatAScanOfNowWouldPlanToo, ()) {
  RejudgeFixture f;
  fill_at_random(f);
  auto scanned = f.run();
  RC_ASSERT(scanned.has_value());
  for (const std::string& key : keys_of(*scanned, Verdict::orphan))
    f.planned.push_back(f.lister.objects.at(key));
  f.request.plan_cutoff = scanned->cutoff;
  // Rows come and go.
  for (auto& [name, table] : f.database.tables) {
    if (!table.rows.empty() && *rc::gen::arbitrary<bool>()) table.rows.pop_back();
    for (const Object& object : f.planned)
      if (*rc::gen::inRange(0, 4) == 0)
        table.rows.push_back({object.key.bytes().substr(*rc::gen::element<std::size_t>(0, 0, 6) %
                                                        (object.key.bytes().size() + 1)),
                              "w"});
  }
  auto now = f.run();
  RC_ASSERT(now.has_value());
  const Keys orphans = keys_of(*now, Verdict::orphan);
  Keys stays, expected;
  const std::vector<Verdict> verdicts = f.verdicts();
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const std::string& key = f.planned[i].key.bytes();
    if (verdicts[i] == Verdict::orphan) stays.push_back(key);
    if (std::find(orphans.begin(), orphans.end(), key) != orphans.end()) expected.push_back(key);
  }
  RC_ASSERT(stays == expected);
}

TEST(Rejudge, AsksOnlyAboutNeededKeysThatShareALooseFormWithThePlan) {
  RejudgeFixture f;
  f.source({.objects = {"books/{v}"}, .derived = {"books/t/{v}"}});
  f.source({.name = "exact", .objects = {"books/{v}"}, .spelling_exact = true});
  f.plan("books/3/img.png");
  for (const char* value : {"b/3/img.webp", "3/IMG.webp", "3/img", "3/IMG.webp", "4/img.png", "img.png"})
    f.row("images", value);
  f.row("exact", "x/3/img.png");
  EXPECT_EQ(f.verdicts(), std::vector<Verdict>{Verdict::suspect});
  EXPECT_EQ(f.asked, (Keys{"books/3/IMG.webp", "books/3/img", "books/b/3/img.webp"}));
}

TEST(Rejudge, AsksAThousandKeysAtATimeInTheirOrder) {
  RejudgeFixture f;
  f.source({.objects = {"books/{v}"}});
  f.plan("books/3/img.png");
  for (int i = 0; i < 2500; ++i) {
    const std::string value = fmt::format("{:04}/3/img.webp", (i * 7) % 2500);
    f.row("images", value);
    f.lister.put("books/" + value);
  }
  EXPECT_EQ(f.verdicts(), std::vector<Verdict>{Verdict::orphan});
  EXPECT_EQ(f.asked.size(), 2500U);
  EXPECT_TRUE(std::is_sorted(f.asked.begin(), f.asked.end()));
  EXPECT_EQ(f.most_asked, 1000U);
}

TEST(Rejudge, KeepsAllThatManyNeededKeysResembleAndSaysSo) {
  RejudgeFixture f;
  f.source({.objects = {"books/{v}"}});
  f.plan("books/3/img.png");
  f.plan("books/4/img.png");
  f.row("images", "x");
  for (int i = 0; i < 200'000; ++i) f.row("images", fmt::format("{}/3/img.webp", i));
  EXPECT_EQ(f.log.warnings, 0);
  f.row("images", "one more/3/img.webp");
  EXPECT_EQ(f.verdicts(), (std::vector<Verdict>{Verdict::suspect, Verdict::orphan}));
  EXPECT_TRUE(f.asked.empty());
  EXPECT_EQ(f.log.warnings, 1);
}

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

TEST(Rejudge, WithoutAPlanReadsAndJudgesAllTheSame) {
  RejudgeFixture f;
  f.source({.objects = {"books/{v}"}});
  f.row("images", "1");
  f.row("images", "3/img.webp");
  f.request.planned = nullptr;
  f.request.find_absent = nullptr;
  auto rejudge = f.read();
  ASSERT_TRUE(rejudge);
  f.plan("books/1");
  f.plan("books/3/img.png");
  const std::vector<ObjectView> views = {f.planned[0].view(), f.planned[1].view()};
  EXPECT_EQ(rejudge->judge(views), (std::vector<Verdict>{Verdict::referenced, Verdict::orphan}));
}

}  // namespace flotsam::test
