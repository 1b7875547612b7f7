#include "scan/scan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scan/world.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

// The verdict of the only object of a scan.
std::string verdict_of(const ScanResult& result) {
  for (const Verdict verdict : kAllVerdicts)
    if (result.of(verdict).objects == 1) return std::string(to_string(verdict));
  return "none";
}

void restore(ScanFixture& f, const Keys& keys) {
  for (const std::string& key : keys) f.rules.restored.add(key);
  f.rules.restored.sort();
}

struct VerdictCase {
  const char* name;
  std::string key;
  const char* verdict;
  std::function<void(ScanFixture&)> change = [](ScanFixture&) {};
};

}  // namespace

TEST(Scan, GivesEachVerdictForItsReason) {
  const VerdictCase cases[] = {
      {"needed", "books/1.webp", "referenced"},
      {"explained", "books/thumb_1.webp", "derived"},
      {"below an explained folder", "books/tiles/1.webp/0/7.png", "derived"},
      {"needed wins over marker", "books/", "referenced",
       [](ScanFixture& f) {
         f.row("images", ""),
             f.rules.databases[0].sources[0].resolver.objects.push_back(*KeyTemplate::parse("books/"));
       }},
      {"an empty object that ends in a slash", "books/9/", "marker",
       [](ScanFixture& f) { f.lister.put("books/9/", 0); }},
      {"one byte is no marker", "books/9/", "orphan", [](ScanFixture& f) { f.lister.put("books/9/", 1); }},
      {"protected", "books/test-9.webp", "protected"},
      {"protected wins over unrecognised", "books/test-9.webp", "protected",
       [](ScanFixture& f) { f.rules.candidates = ScanFixture::globs({"none/*"}); }},
      {"brought back", "books/9.webp", "protected", [](ScanFixture& f) { restore(f, {"books/9.webp"}); }},
      {"another was brought back", "books/9.webp", "orphan",
       [](ScanFixture& f) { restore(f, {"books/8.webp", "books/9.webp2"}); }},
      {"brought back wins over unrecognised and young", "books/9.txt", "protected",
       [](ScanFixture& f) {
         restore(f, {"books/8.txt", "books/9.txt", "books/7.txt"});
         f.rules.candidates = ScanFixture::globs({"books/*.webp"});
         f.lister.put("books/9.txt", 1, days_ago(0));
       }},
      {"brought back and needed again", "books/1.webp", "referenced",
       [](ScanFixture& f) { restore(f, {"books/1.webp"}); }},
      {"brought back and a marker", "books/9/", "marker",
       [](ScanFixture& f) {
         f.lister.put("books/9/", 0);
         restore(f, {"books/9/"});
       }},
      {"no candidate", "books/9.txt", "unrecognised",
       [](ScanFixture& f) { f.rules.candidates = ScanFixture::globs({"books/*.webp"}); }},
      {"no candidate wins over young", "books/9.txt", "unrecognised",
       [](ScanFixture& f) {
         f.rules.candidates = ScanFixture::globs({"books/*.webp"});
         f.lister.put("books/9.txt", 1, days_ago(0));
       }},
      {"a candidate", "books/9.webp", "orphan",
       [](ScanFixture& f) { f.rules.candidates = ScanFixture::globs({"x", "books/*.webp"}); }},
      {"written just now", "books/9.webp", "young",
       [](ScanFixture& f) { f.lister.put("books/9.webp", 1, store_now()); }},
      {"exactly as old as the cutoff", "books/9.webp", "orphan",
       [](ScanFixture& f) { f.lister.put("books/9.webp", 1, days_ago(7)); }},
      {"a nanosecond younger", "books/9.webp", "young",
       [](ScanFixture& f) { f.lister.put("books/9.webp", 1, days_ago(7) + std::chrono::nanoseconds(1)); }},
      {"without a date", "books/9.webp", "young",
       [](ScanFixture& f) { f.lister.put("books/9.webp", 1, std::nullopt); }},
      {"from the future", "books/9.webp", "young",
       [](ScanFixture& f) { f.lister.put("books/9.webp", 1, days_ago(-9)); }},
      {"young wins over suspect", "books/1.WEBP", "young",
       [](ScanFixture& f) { f.lister.put("books/1.WEBP", 1, store_now()); }},
      {"other case", "books/1.WEBP", "suspect"},
      {"percent-encoded", "books/1%2Ewebp", "suspect"},
      {"doubled slash", "books//1.webp", "suspect"},
      {"the raw value, three parts less", "books/x/y/media/2.webp", "suspect",
       [](ScanFixture& f) { f.row("images", "media/2.webp"); }},
      {"two parts less", "books/x/1.webp", "suspect"},
      {"three parts less", "books/x/y/1.webp", "suspect"},
      {"four parts less", "books/x/y/z/1.webp", "orphan"},
      {"less a long prefix", "books/x/y/z/1.webp", "suspect",
       [](ScanFixture& f) { f.scope({"books/x/y/z/"}); }},
      {"other spellings do not count", "books/1.WEBP", "orphan",
       [](ScanFixture& f) { f.rules.databases[0].sources[0].spelling_exact = true; }},
      {"the loose form of a dangling key", "books/3/img.png", "suspect",
       [](ScanFixture& f) { f.row("images", "3/IMG.webp"); }},
      {"the loose form of an exact source's key", "books/3/img.png", "orphan",
       [](ScanFixture& f) {
         f.row("images", "3/IMG.webp");
         f.rules.databases[0].sources[0].spelling_exact = true;
       }},
      {"a stranger", "books/9.webp", "orphan"},
      {"a stranger below a sibling of the folder", "books/tiles/1.webp2/0.png", "orphan"},
  };
  for (const VerdictCase& each : cases) {
    SCOPED_TRACE(each.name);
    ScanFixture f;
    f.source({.objects = {"books/{v}"}, .derived = {"books/thumb_{v}", "books/tiles/{v}/**"}});
    f.row("images", "1.webp");
    f.rules.protect = ScanFixture::globs({"books/test-*"});
    f.lister.put(each.key);
    each.change(f);
    EXPECT_EQ(verdict_of(f.scanned()), each.verdict);
  }
}

TEST(Scan, TheLooseFormOfAKeyThatExistsMakesNoSuspect) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.row("images", "3/img.webp");
  f.lister.put("books/3/img.webp");
  f.lister.put("books/3/img.png");
  const ScanResult result = f.scanned();
  EXPECT_EQ(keys_of(result, Verdict::orphan), Keys{"books/3/img.png"});
}

TEST(Scan, TakesTheClockThenReadsReferencesThenLists) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  std::vector<std::string> order;
  f.lister.order = f.database.order = &order;
  f.scanned();
  EXPECT_EQ(order, (std::vector<std::string>{"facts", "read", "list"}));
}

TEST(Scan, TheCutoffIsTheStoresClockLessMinAgeHoweverLongTheReadingTakes) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.lister.store.clock = days_ago(2);
  f.clock.set(days_ago(-10));
  EXPECT_EQ(f.scanned().cutoff, days_ago(9));
}

TEST(Scan, TheCutoffGoesBackToTheOldestMomentThatASourceShows) {
  ScanFixture f;
  f.source({.name = "a", .objects = {"books/{v}"}}).true_at = days_ago(1);
  f.source({.name = "b", .objects = {"books/{v}"}}).true_at = days_ago(3);
  EXPECT_EQ(f.scanned().cutoff, days_ago(10));
}

TEST(Scan, AMomentThatASourceShowsIsReadInTheStoresTime) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}}).true_at = days_ago(1);
  f.lister.store.local_clock = store_now() + std::chrono::hours(1);
  f.clock.set(store_now() + std::chrono::hours(1));
  EXPECT_EQ(f.scanned().cutoff, days_ago(8) - std::chrono::hours(1));
  f.lister.store.local_clock = store_now() - std::chrono::hours(1);
  EXPECT_EQ(f.scanned().cutoff, days_ago(8));
}

TEST(Scan, ASourceOfTheFutureStopsTheRun) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}}).true_at = store_now() + std::chrono::seconds(1);
  const auto result = f.run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::refused);
  EXPECT_NE(result.error().message.find("later than this machine's clock"), std::string::npos);
}

TEST(Scan, AMinimumAgeBeyondAllDatesKeepsEverything) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.lister.put("books/old", 1, Timestamp() - std::chrono::hours(24 * 365));
  f.rules.min_age = Seconds(std::int64_t{400} * 365 * 86400);
  EXPECT_EQ(f.scanned().of(Verdict::young).objects, 1U);
}

TEST(Scan, WithoutAnySourceThereIsNoScan) {
  ScanFixture f;
  const auto result = f.run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
}

TEST(Scan, PermanentDeletionOnAVersionedBucketIsAConfigurationError) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.rules.deletion.method = "permanent";
  const auto result = f.run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  f.lister.store.versioning = Versioning::none;
  EXPECT_EQ(f.scanned().method, DeleteMethod::permanent);
}

TEST(Scan, KeysThatWereBroughtBackAreNoRulesThatCouldBeUnused) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.row("images", "1.webp");
  f.lister.put("books/1.webp");
  restore(f, {"books/gone.webp"});
  const ScanResult result = f.scanned();
  EXPECT_EQ(guard_of(result, "rules-unused").ruling, Ruling::pass);
  EXPECT_TRUE(result.rules.empty());
}

TEST(Scan, CountsRowsThatYieldNothing) {
  ScanFixture f;
  f.source({.objects = {"books/{value}"}, .extract = "img:(\\S+)"});
  for (const char* value : {"img:a img:b", "nothing here", ""}) f.row("images", value);
  f.row("images", std::nullopt);
  f.lister.put("books/a");
  const ScanResult result = f.scanned();
  const SourceFindings& source = result.sources[0];
  EXPECT_EQ(source.rows, 4U);
  EXPECT_EQ(source.empty, 2U);
  EXPECT_EQ(source.unmatched, 1U);
  EXPECT_EQ(source.distinct_keys, 2U);
  EXPECT_EQ(source.resolved, 1U);
  EXPECT_EQ(source.sample_dangling, Keys{"books/b"});
  EXPECT_EQ(guard_of(result, "rules-unused").ruling, Ruling::warn);
}

TEST(Scan, OutsideKeysCountInTheDatabaseUnlessTheyAreIgnored) {
  ScanFixture f;
  f.source({.objects = {"{v}"}});
  for (const char* value : {"books/1", "other/1", "other/2"}) f.row("images", value);
  f.lister.put("books/1");
  ScanResult result = f.scanned();
  EXPECT_EQ(result.objects_in_database, 3U);
  EXPECT_EQ(result.sources[0].outside, 2U);
  EXPECT_EQ(guard_of(result, "resolution").ruling, Ruling::refuse);
  f.rules.databases[0].sources[0].outside_ignored = true;
  result = f.scanned();
  EXPECT_EQ(result.objects_in_database, 1U);
  EXPECT_EQ(guard_of(result, "resolution").ruling, Ruling::pass);
}

TEST(Scan, CountsEachTemplateAndSharedKeysOnce) {
  ScanFixture f;
  f.source({.name = "a", .objects = {"books/{v}", "books/{w}"}, .derived = {"books/{v}", "books/t/**"}},
           {"v", "w"});
  f.source({.name = "b", .objects = {"books/{v}"}});
  f.database.tables["a"].rows = {{"1", "2"}, {"2", "3"}, {"2", "3"}};
  f.row("b", "3");
  for (const char* key : {"books/1", "books/3", "books/t/x", "books/t/y"}) f.lister.put(key);
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.objects_in_database, 3U);
  const SourceFindings& a = result.sources[0];
  EXPECT_EQ(a.distinct_keys, 3U);
  EXPECT_EQ(a.resolved, 2U);
  EXPECT_EQ(a.explained, 3U);
  EXPECT_EQ(a.templates[0].distinct_keys, 2U);
  EXPECT_EQ(a.templates[0].resolved, 1U);
  EXPECT_EQ(a.templates[1].distinct_keys, 2U);
  EXPECT_EQ(a.templates[1].resolved, 1U);
  EXPECT_TRUE(a.templates[2].is_derived);
  EXPECT_EQ(a.templates[2].matched_objects, 0U) << "what is needed is not derived";
  EXPECT_EQ(a.templates[3].matched_objects, 2U);
  EXPECT_EQ(a.templates[3].resolved, 1U) << "one folder";
  EXPECT_EQ(result.sources[1].distinct_keys, 1U);
  EXPECT_EQ(result.sources[1].resolved, 1U);
}

TEST(Scan, ACompositeTemplateMakesNoRawValueASpelling) {
  ScanFixture f;
  f.source({.objects = {"books/{v}-{w}"}}, {"v", "w"});
  f.database.tables["images"].rows = {{"a/b", "2"}};
  f.lister.put("books/a/b");
  EXPECT_EQ(f.scanned().of(Verdict::orphan).objects, 1U);
}

TEST(Scan, TheRawValuesOfASourceCountThoughAnExactSourceGaveThemBefore) {
  ScanFixture f;
  f.source({.name = "a", .objects = {"books/exact-{v}"}, .spelling_exact = true});
  f.source({.name = "b", .objects = {"books/any-{v}"}});
  f.row("a", "1.webp");
  f.row("b", "1.webp");
  f.lister.put("books/1.WEBP");
  EXPECT_EQ(f.scanned().of(Verdict::suspect).objects, 1U);
}

TEST(Scan, CountsHowOftenEachRuleMatched) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.row("images", "1.webp");
  for (const char* key : {"books/1.webp", "books/2.webp", "books/tmp_3"}) f.lister.put(key);
  f.rules.protect = ScanFixture::globs({"books/none", "books/2*"});
  f.rules.candidates = ScanFixture::globs({"books/**"});
  f.rules.disposable = ScanFixture::globs({"books/tmp_*"});
  const ScanResult result = f.scanned();
  ASSERT_EQ(result.rules.size(), 4U);
  const std::vector<std::pair<std::string, std::uint64_t>> expected = {{"protect books/none", 0},
                                                                       {"protect books/2*", 1},
                                                                       {"candidates books/**", 3},
                                                                       {"disposable books/tmp_*", 1}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(result.rules[i].kind + " " + result.rules[i].text, expected[i].first);
    EXPECT_EQ(result.rules[i].matched, expected[i].second) << expected[i].first;
  }
  const TallyRow* row = row_of(result.shapes, "books/tmp_#");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->orphans.objects, 1U);
  EXPECT_EQ(row->ruled_orphans, 0U);
  EXPECT_EQ(row->ruled_judged, 0U);
}

TEST(Scan, TablesAndHistogramsAddUp) {
  ScanFixture f;
  f.scope({"books/", "media/"});
  f.source({.objects = {"books/{v}"}});
  f.row("images", "515/image_00.webp");
  f.lister.put("books/515/image_00.webp", 2048, days_ago(400));
  f.lister.put("books/515/image_01.webp", 0, days_ago(10));
  f.lister.put("books/cover.jpg", 1023, days_ago(40));
  f.lister.put("media/a/b/c.txt", std::uint64_t{5} << 30U, days_ago(100));
  f.lister.put("media/young.txt", 7, std::nullopt);
  f.lister.put("media/today.txt", 1, store_now() + std::chrono::hours(1));
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.scanned, (Count{6, 2048 + 1023 + (std::uint64_t{5} << 30U) + 8}));
  EXPECT_EQ(result.plan, (Count{3, 1023 + (std::uint64_t{5} << 30U)}));
  ASSERT_NE(row_of(result.groups, "books/515/"), nullptr);
  EXPECT_EQ(row_of(result.groups, "books/515/")->all.objects, 2U);
  EXPECT_EQ(row_of(result.groups, "books/515/")->known, 1U);
  ASSERT_NE(row_of(result.groups, "books/"), nullptr);
  EXPECT_EQ(row_of(result.groups, "media/a/")->orphans.objects, 1U);
  EXPECT_EQ(row_of(result.prefixes_found, "media/")->all.objects, 3U);
  ASSERT_EQ(result.scope_prefixes.size(), 2U);
  EXPECT_EQ(result.scope_prefixes[1].name, "media/");
  EXPECT_EQ(result.scope_prefixes[1].orphans.objects, 1U);
  EXPECT_EQ(result.shapes.front().name, "media/a/b/c.txt") << "the most orphan bytes first";
  EXPECT_EQ(row_of(result.shapes, "books/#/image_#.webp")->judged, 2U);
  std::string ages, sizes;
  for (const HistogramBin& bin : result.age_histogram)
    ages += fmt::format("{}-{}:{}/{} ", bin.from ? std::to_string(*bin.from / 86400) : "?",
                        bin.to ? std::to_string(*bin.to / 86400) : "?", bin.all.objects, bin.orphans);
  EXPECT_EQ(ages, "0-1:1/0 1-7:0/0 7-30:1/1 30-90:1/1 90-365:1/1 365-?:1/0 ?-?:1/0 ");
  for (const HistogramBin& bin : result.size_histogram)
    sizes += fmt::format("{}-{}:{}/{} ", *bin.from, bin.to ? std::to_string(*bin.to) : "", bin.all.objects,
                         bin.orphans);
  EXPECT_EQ(sizes,
            "0-1:1/1 1-1024:3/1 1024-16384:1/0 16384-262144:0/0 262144-4194304:0/0 4194304-67108864:0/0 "
            "67108864-1073741824:0/0 1073741824-:1/1 ");
}

TEST(Scan, TheCliffIsCountedOnJudgedObjectsPastTheCutoff) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  for (int i = 0; i < 20; ++i) {
    f.lister.put(fmt::format("books/recent{}", i), 1, days_ago(i == 0 ? 30 : 8));
    f.lister.put(fmt::format("books/older{}", i), 1, days_ago(31));
    f.row("images", fmt::format("older{}", i));
    f.lister.put(fmt::format("books/fresh{}", i), 1, days_ago(1));
    f.row("images", fmt::format("fresh{}", i));
  }
  EXPECT_EQ(guard_of(f.scanned(), "young-cliff").ruling, Ruling::refuse);
  for (int i = 0; i < 20; ++i) f.lister.put(fmt::format("books/lost{}", i), 1, days_ago(31));
  EXPECT_EQ(guard_of(f.scanned(), "young-cliff").ruling, Ruling::pass) << "half of the older ones, too";
  for (int i = 0; i < 20; ++i) f.lister.objects.erase(fmt::format("books/lost{}", i));
  f.lister.put("books/recent0", 1, days_ago(30) - std::chrono::seconds(1));
  EXPECT_EQ(guard_of(f.scanned(), "young-cliff").ruling, Ruling::pass) << "nineteen recent ones are too few";
}

TEST(Scan, SamplesSpreadOverShapesAndGroups) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  for (int i = 0; i < 500; ++i) f.lister.put(fmt::format("books/{}/image_{}.webp", i % 8, i), 100);
  f.lister.put("books/pkg/app.zip", 1);
  f.lister.put("books/prompt.txt", 2);
  const ScanResult result = f.scanned();
  ASSERT_EQ(result.sample_unreferenced.size(), 10U);
  std::set<std::string> shapes, groups, keys;
  for (const SampleObject& sample : result.sample_unreferenced) {
    shapes.insert(sample.shape);
    keys.insert(sample.object.key.bytes());
    groups.insert(sample.object.key.bytes().substr(0, sample.object.key.bytes().rfind('/')));
  }
  EXPECT_EQ(shapes.size(), 3U);
  EXPECT_EQ(keys.size(), 10U);
  EXPECT_EQ(groups.size(), 10U);
}

TEST(Scan, ASuspectIsShownBesideTheKeyThatNearlyNamesIt) {
  ScanFixture f;
  f.source({.objects = {"{v}"}});
  for (int i = 0; i < 30; ++i) {
    f.row("images", fmt::format("{}/image_00.webp", i));
    f.lister.put(fmt::format("books/{}/image_00.webp", i));
  }
  const ScanResult result = f.scanned();
  ASSERT_EQ(result.sample_suspects.size(), 5U);
  for (const SampleObject& sample : result.sample_suspects)
    EXPECT_EQ("books/" + sample.near_reference, sample.object.key.bytes());
  EXPECT_NE(guard_of(result, "resolution").message.find("; the store has books/"), std::string::npos);
}

TEST(Scan, HandsQuantilesOfTheNeededKeysToTheLister) {
  ScanFixture f;
  f.source({.objects = {"{v}"}});
  for (int i = 0; i < 100; ++i) f.row("images", fmt::format("books/{:03}", i / 2));
  f.row("images", "outside/1");
  f.scanned();
  ASSERT_EQ(f.lister.seen_cut_points.size(), 50U);
  EXPECT_TRUE(std::is_sorted(f.lister.seen_cut_points.begin(), f.lister.seen_cut_points.end()));
  EXPECT_EQ(f.lister.seen_cut_points.front(), "books/000");
}

TEST(Scan, GivesObjectsOfWantedVerdictsAndDanglingKeysInOrder) {
  ScanFixture f;
  f.source({.name = "a", .objects = {"books/{v}"}});
  f.source({.name = "b", .objects = {"books/{v}"}});
  for (const char* value : {"3", "1", "2", "2"}) f.row("a", value);
  f.row("b", "2");
  f.lister.put("books/1");
  f.lister.put("books/x");
  f.lister.put("books/y", 1, store_now());
  std::string objects, dangling;
  f.world.wanted = {Verdict::referenced, Verdict::young};
  f.world.on_object = [&](Verdict verdict, const ObjectView& object, std::string_view shape) {
    objects += fmt::format("{} {} {};", to_string(verdict), object.key.bytes(), shape);
    return Result<void>();
  };
  f.world.on_dangling = [&](std::string_view key, std::string_view source) {
    dangling += fmt::format("{} {};", key, source);
    return Result<void>();
  };
  f.scanned();
  EXPECT_EQ(objects, "referenced books/1 books/#;young books/y books/y;");
  EXPECT_EQ(dangling, "books/2 a;books/2 b;books/3 a;");
}

TEST(Scan, WhatAReceiverRefusesEndsTheScan) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.row("images", "1");
  f.lister.put("books/x");
  f.world.wanted = {Verdict::orphan};
  f.world.on_object = [](Verdict, const ObjectView&, std::string_view) -> Result<void> {
    return fail(ErrorCode::unavailable, "disk full");
  };
  EXPECT_FALSE(f.run());
  f.world.on_object = nullptr;
  f.world.on_dangling = [](std::string_view, std::string_view) -> Result<void> {
    return fail(ErrorCode::unavailable, "disk full");
  };
  EXPECT_FALSE(f.run());
}

namespace {

// Answers as told and notes what it is asked.
class FakeLedger final : public SightingLedger {
 public:
  Result<std::uint64_t> sighted(const ObjectView& object) override {
    asked.emplace_back(object.key.bytes());
    if (fails) return fail(ErrorCode::corrupt, "broken record");
    return counts.contains(asked.back()) ? counts[asked.back()] : 1;
  }
  std::map<std::string, std::uint64_t> counts;
  std::vector<std::string> asked;
  bool fails = false;
};

TEST(Scan, WhatSightingsHoldBackIsStillUnreferencedForTheGuards) {
  // The table is half loaded: without this a first scan of no rows would pass, and be the baseline of the
  // next.
  ScanFixture f;
  for (int i = 0; i < 40; ++i) f.lister.put(fmt::format("books/{}.jpg", i));
  f.source({.objects = {"books/{v}"}});
  FakeLedger ledger;
  f.world.sightings = &ledger;
  f.rules.limits.sightings = 2;
  const auto result = f.run();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->of(Verdict::young).objects, 40U);
  for (const char* id : {"references-empty", "orphan-percent", "unexpected-prefix", "shape-percent"})
    EXPECT_EQ(guard_of(*result, id).ruling, Ruling::refuse) << id;
}

TEST(Scan, OneDatabaseByTwoUrlsIsRefused) {
  ScanFixture f;
  f.source({.name = "a", .objects = {"books/{v}"}});
  FakeDatabase again;
  again.tables["b"].columns = {"v"};
  f.rules.databases[0].sources[0].query.query = "SELECT v FROM a";
  SourceRules rules = f.rules.databases[0].sources[0];
  rules.query.name = "b";
  f.rules.databases.push_back({&again, {rules}});
  const auto result = f.run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::refused);
  EXPECT_NE(result.error().message.find("'a' and 'b'"), std::string::npos) << result.error().message;
}

TEST(Scan, AStoreWhoseClockIsADayAheadIsNotBelieved) {
  for (const auto& [ahead, believed] : {std::pair(Seconds(86400), true), std::pair(Seconds(86401), false),
                                        std::pair(Seconds(-30 * 86400), true)}) {
    ScanFixture f;
    f.source({.objects = {"books/{v}"}});
    f.lister.store.local_clock = f.lister.store.clock - ahead;
    const auto result = f.run();
    EXPECT_EQ(result.has_value(), believed) << ahead.count();
    if (!believed) {
      EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    }
  }
}

TEST(Scan, ASourceOfLongAgoIsNamed) {
  ScanFixture f;
  f.source({.name = "old", .objects = {"books/{v}"}}).true_at = days_ago(60);
  f.source({.name = "new", .objects = {"books/{v}"}});
  const auto result = f.run();
  ASSERT_TRUE(result);
  ASSERT_EQ(result->sources[0].proof.warnings.size(), 1U);
  EXPECT_NE(result->sources[0].proof.warnings[0].find("60 days ago"), std::string::npos);
  EXPECT_TRUE(result->sources[1].proof.warnings.empty());
}

TEST(Scan, KeysThatDifferInUnicodeFormAreShownEscaped) {
  ScanFixture f;
  for (int i = 0; i < 3; ++i) f.lister.put(fmt::format("books/re\u0301sume\u0301{}.jpg", i));
  f.source({.objects = {"books/{v}"}});
  for (int i = 0; i < 3; ++i) f.row("images", fmt::format("r\u00e9sum\u00e9{}.jpg", i));
  const auto result = f.run();
  ASSERT_TRUE(result);
  const std::string message = guard_of(*result, "suspects").message;
  EXPECT_NE(message.find("r\\u{e9}sum"), std::string::npos) << message;
  EXPECT_NE(message.find("|nfd"), std::string::npos) << message;
}

}  // namespace

TEST(Scan, WhatTooFewScansSawIsYoungAndLeavesEveryTable) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  f.row("images", "1.webp");
  FakeLedger ledger;
  f.world.sightings = &ledger;
  f.rules.limits.sightings = 2;
  f.lister.cuts = {"books/b"};
  f.lister.put("books/1.WEBP", 1);
  f.lister.put("books/a", 10);
  f.lister.put("books/b", 20);
  f.lister.put("books/c", 40);
  ledger.counts["books/b"] = 2;
  const ScanResult result = f.scanned();
  EXPECT_EQ(ledger.asked, (Keys{"books/1.WEBP", "books/a", "books/b", "books/c"}));
  EXPECT_EQ(keys_of(result, Verdict::orphan), Keys{"books/b"});
  EXPECT_EQ(keys_of(result, Verdict::suspect), Keys{"books/1.WEBP"});
  EXPECT_EQ(result.of(Verdict::young), (Count{2, 50}));
  EXPECT_EQ(result.plan, (Count{1, 20}));
  const TallyRow* row = row_of(result.prefixes_found, "books/");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->all, (Count{4, 71}));
  EXPECT_EQ(row->orphans, (Count{2, 21}));
  EXPECT_EQ(row->judged, 2U);
  EXPECT_EQ(row->ruled_orphans, 4U) << "guards rule on what is held back, too";
  EXPECT_EQ(guard_of(result, "sightings").value, 2.0);
  EXPECT_EQ(result.sample_unreferenced.size(), 2U);
}

TEST(Scan, ABrokenRecordOfSightingsEndsTheScan) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  FakeLedger ledger;
  ledger.fails = true;
  f.world.sightings = &ledger;
  f.rules.limits.sightings = 2;
  f.lister.put("books/a");
  EXPECT_FALSE(f.run());
}

}  // namespace flotsam::test
