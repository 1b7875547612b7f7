#include "scan/rejudge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "scan/random_world.h"
#include "scan/rejudge_fixture.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

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
