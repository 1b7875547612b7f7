#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

#include "scan/world.h"

namespace flotsam::test {
namespace {

using Ids = std::set<std::string>;

Ids refusals_of(const ScanResult& result) {
  Ids ids;
  for (const GuardRuling& guard : result.guards)
    if (guard.ruling == Ruling::refuse) ids.insert(guard.id);
  return ids;
}

std::string image(int number) {
  return fmt::format("{}/image_{:02}.webp", 100 + number / 24, number % 24);
}

// The bucket of the incident: 5,089 images with rows, 1,486 listings, 300 other images, 17 more.
void fill_incident(ScanFixture& f, const std::string& objects) {
  f.source({.name = "book images", .objects = {objects}}, {"s3_key"});
  for (int i = 0; i < 5089; ++i) {
    f.lister.put("books/" + image(i), 1000);
    f.row("book images", image(i));
  }
  for (int i = 0; i < 1486; ++i) f.lister.put(fmt::format("listings/{}.json", i), 10);
  for (int i = 0; i < 300; ++i) f.lister.put(fmt::format("images/{}.png", i), 10);
  for (int i = 0; i < 7; ++i) f.lister.put(fmt::format("lambda/package_{}.zip", i), 10);
  for (int i = 0; i < 6; ++i) f.lister.put(fmt::format("prompts/v{}.txt", i), 10);
  for (int i = 0; i < 4; ++i) f.lister.put(fmt::format("imports/{}.csv", i), 10);
}

// n images with rows; the fixture's only source is "images".
void fill_healthy(ScanFixture& f, int count, const std::string& objects = "books/{v}") {
  f.source({.objects = {objects}});
  for (int i = 0; i < count; ++i) {
    f.lister.put("books/" + image(i));
    f.row("images", image(i));
  }
}

}  // namespace

TEST(Incident, TheConfigurationOfThatDayIsRefusedByEveryGuardThatCanSeeIt) {
  ScanFixture f;
  f.rules.scope = Scope::whole_bucket();
  fill_incident(f, "{s3_key}");
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.scanned.objects, 6892U);
  EXPECT_EQ(result.of(Verdict::suspect).objects, 5089U);
  EXPECT_EQ(result.of(Verdict::orphan).objects, 1803U);
  EXPECT_EQ(result.plan.objects, 1803U);
  EXPECT_EQ(result.sources[0].resolved, 0U);
  EXPECT_EQ(refusals_of(result), (Ids{"resolution", "suspects", "orphan-percent", "unexpected-prefix",
                                      "shape-percent", "max-deletions"}));
  EXPECT_EQ(guard_of(result, "resolution").value, 0.0);
  EXPECT_FALSE(guard_of(result, "resolution").overridable);
  EXPECT_NEAR(*guard_of(result, "suspects").value, 73.8, 0.05);
  EXPECT_EQ(guard_of(result, "orphan-percent").value, 100.0);
  EXPECT_EQ(guard_of(result, "unexpected-prefix").value, 6.0);
  EXPECT_EQ(guard_of(result, "max-deletions").value, 1803.0);
  const std::pair<const char*, std::uint64_t> parts[] = {{"books/", 5089}, {"listings/", 1486},
                                                         {"images/", 300}, {"lambda/", 7},
                                                         {"prompts/", 6},  {"imports/", 4}};
  for (const auto& [name, orphans] : parts)
    EXPECT_EQ(row_of(result.prefixes_found, name)->orphans.objects, orphans);
  for (const std::string& key : keys_of(result, Verdict::orphan))
    EXPECT_FALSE(key.starts_with("books/")) << key;
  ASSERT_FALSE(result.sample_suspects.empty());
  for (const SampleObject& sample : result.sample_suspects)
    EXPECT_EQ("books/" + sample.near_reference, sample.object.key.bytes());
}

TEST(Incident, RestrictedToBooksNothingIsPlanned) {
  ScanFixture f;
  fill_incident(f, "{s3_key}");
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.scanned.objects, 5089U);
  EXPECT_EQ(result.of(Verdict::suspect).objects, 5089U);
  EXPECT_EQ(result.plan.objects, 0U);
  EXPECT_EQ(result.sources[0].outside, 5089U);
  EXPECT_EQ(refusals_of(result), (Ids{"references-empty", "resolution", "suspects", "orphan-percent",
                                      "unexpected-prefix", "shape-percent"}));
}

TEST(Incident, TheRightTemplateGivesExactlyTheFifteenOrphans) {
  ScanFixture f;
  fill_healthy(f, 5074);
  for (int i = 0; i < 15; ++i) f.lister.put(fmt::format("books/orphan{}/photo.jpg", i));
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.scanned.objects, 5089U);
  EXPECT_EQ(result.objects_in_database, 5074U);
  EXPECT_EQ(result.plan.objects, 15U);
  EXPECT_EQ(refusals_of(result), Ids{});
}

TEST(Incident, ThumbnailsWithoutRowsAreSeenAsAKind) {
  ScanFixture f;
  fill_healthy(f, 2424);
  for (int i = 0; i < 2424; ++i) f.lister.put("books/thumb_" + image(i));
  for (int i = 0; i < 48; ++i) f.lister.put(fmt::format("books/lost/{}.webp", i));
  ScanResult result = f.scanned();
  EXPECT_EQ(result.plan.objects, 2472U);
  EXPECT_EQ(refusals_of(result), (Ids{"orphan-percent", "shape-percent", "max-deletions"}));
  EXPECT_NE(guard_of(result, "shape-percent")
                .message.find("All 2,424 objects like books/thumb_#/image_#.webp are unreferenced"),
            std::string::npos)
      << guard_of(result, "shape-percent").message;
  f.rules.databases[0].sources[0].resolver.derived = {*KeyTemplate::parse("books/thumb_{v}"),
                                                      *KeyTemplate::parse("books/thumb_{v|stem}.jpg")};
  result = f.scanned();
  EXPECT_EQ(result.of(Verdict::derived).objects, 2424U);
  EXPECT_EQ(result.plan.objects, 48U);
}

TEST(Incident, ExactlyOneHalfIsNotSilent) {
  ScanFixture f;
  fill_healthy(f, 100);
  for (int i = 0; i < 100; ++i) f.lister.put("books/thumb_" + image(i));
  const ScanResult result = f.scanned();
  EXPECT_EQ(guard_of(result, "orphan-percent").value, 50.0);
  EXPECT_EQ(guard_of(result, "orphan-percent").ruling, Ruling::refuse);
}

TEST(Incident, WhatCandidatesDoNotCoverIsNeverPlanned) {
  ScanFixture f;
  fill_healthy(f, 100);
  f.rules.candidates = ScanFixture::globs({"books/*/image_*.webp"});
  f.lister.put("books/fixtures/cover.webp");
  f.lister.put("books/1/image_77.webp");
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.of(Verdict::unrecognised).objects, 1U);
  EXPECT_EQ(keys_of(result, Verdict::orphan), std::vector<std::string>{"books/1/image_77.webp"});
}

TEST(Incident, TheFolderMarkerIsKept) {
  ScanFixture f;
  fill_healthy(f, 100);
  f.lister.put("books/", 0);
  EXPECT_EQ(f.scanned().of(Verdict::marker).objects, 1U);
}

TEST(Incident, RowsWithAndWithoutThePrefixAreRefusedAndATemplateReconcilesThem) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  for (int i = 0; i < 200; ++i) {
    f.lister.put("books/" + image(i));
    f.row("images", (i % 2 == 0 ? "books/" : "") + image(i));
  }
  ScanResult result = f.scanned();
  EXPECT_EQ(result.of(Verdict::suspect).objects, 100U);
  EXPECT_EQ(result.plan.objects, 0U);
  EXPECT_TRUE(refusals_of(result).contains("suspects"));
  EXPECT_TRUE(refusals_of(result).contains("resolution"));
  f.rules.databases[0].sources[0].resolver.objects = {*KeyTemplate::parse("books/{v|strip_prefix:books/}")};
  result = f.scanned();
  EXPECT_EQ(result.of(Verdict::referenced).objects, 200U);
  EXPECT_EQ(refusals_of(result), Ids{});
}

TEST(Incident, AnEmptyTableIsRefusedWithoutOverride) {
  ScanFixture f;
  fill_healthy(f, 100);
  f.database.tables["images"].rows.clear();
  const ScanResult result = f.scanned();
  EXPECT_EQ(guard_of(result, "references-empty").ruling, Ruling::refuse);
  EXPECT_FALSE(guard_of(result, "references-empty").overridable);
}

TEST(Incident, AHalfLoadedTableIsSeenByHistoryThoughAllOfItResolves) {
  ScanFixture f;
  fill_healthy(f, 1000);
  f.database.tables["images"].rows.resize(950);
  f.world.baseline = Baseline{days_ago(1), "7f3a", {{"images", 1000}}};
  const ScanResult result = f.scanned();
  EXPECT_EQ(guard_of(result, "resolution").ruling, Ruling::pass);
  EXPECT_EQ(refusals_of(result), Ids{"reference-drop"});
}

TEST(Incident, AnImportInProgressIsYoung) {
  ScanFixture f;
  fill_healthy(f, 100);
  for (int i = 0; i < 24; ++i) f.lister.put(fmt::format("books/999/image_{:02}.webp", i), 1, store_now());
  const ScanResult result = f.scanned();
  EXPECT_EQ(result.of(Verdict::young).objects, 24U);
  EXPECT_EQ(result.plan.objects, 0U);
}

TEST(Incident, ATrueBacklogCanBeOverriddenByName) {
  ScanFixture f;
  fill_healthy(f, 100);
  for (int i = 0; i < 30; ++i) f.lister.put("books/" + image(1000 + i));
  const ScanResult result = f.scanned();
  EXPECT_EQ(refusals_of(result), Ids{"orphan-percent"});
  EXPECT_TRUE(guard_of(result, "orphan-percent").overridable);
}

struct FamilyCase {
  const char* name;
  std::function<void(ScanFixture&)> fill;
  Ids refusals;
  std::uint64_t planned;
};

TEST(Incident, TheFamilyIsCaughtByWhoShouldCatchIt) {
  const FamilyCase cases[] = {
      {"one key in fifty differs by its Unicode form",
       [](ScanFixture& f) {
         f.source({.objects = {"books/{v}"}});
         for (int i = 0; i < 100; ++i) {
           const bool differs = i % 50 == 0;
           f.lister.put(fmt::format("books/caf{}/{}.webp", differs ? "e\xCC\x81" : "\xC3\xA9", i));
           f.row("images", fmt::format("caf\xC3\xA9/{}.webp", i));
         }
       },
       {"suspects"},
       0},
      {"another extension in the rows",
       [](ScanFixture& f) {
         f.source({.objects = {"books/{v}"}});
         for (int i = 0; i < 100; ++i) {
           f.lister.put("books/" + image(i));
           f.row("images", fmt::format("{}/image_{:02}.{}", 100 + i / 24, i % 24, i < 5 ? "png" : "webp"));
         }
       },
       {"suspects"},
       0},
      {"an extractor that finds nothing",
       [](ScanFixture& f) {
         fill_healthy(f, 100);
         f.rules.databases[0].sources[0].resolver.extract = "cdn/(\\S+)";
         f.rules.databases[0].sources[0].resolver.objects = {*KeyTemplate::parse("books/{value}")};
       },
       {"references-empty", "unexpected-prefix", "orphan-percent", "shape-percent"},
       100},
      {"a kind of which nobody thought",
       [](ScanFixture& f) {
         fill_healthy(f, 1000);
         for (int i = 0; i < 20; ++i) f.lister.put(fmt::format("books/{}/stats.parquet", i));
       },
       {"shape-percent"},
       20},
      {"another application's folder",
       [](ScanFixture& f) {
         fill_healthy(f, 1000);
         f.rules.scope = Scope::whole_bucket();
         f.lister.put("backups/db.gz");
       },
       {"unexpected-prefix"},
       1},
      {"the same folder, disposable",
       [](ScanFixture& f) {
         fill_healthy(f, 1000);
         f.rules.scope = Scope::whole_bucket();
         for (int i = 0; i < 25; ++i) f.lister.put(fmt::format("uploads/tmp_{}", i));
         f.rules.disposable = ScanFixture::globs({"uploads/tmp_*"});
       },
       {},
       25},
      {"objects without a date",
       [](ScanFixture& f) {
         fill_healthy(f, 100);
         for (int i = 0; i < 90; ++i) f.lister.put(fmt::format("books/x{}", i), 1, std::nullopt);
       },
       {},
       0},
      {"a database restored from a backup",
       [](ScanFixture& f) {
         fill_healthy(f, 1000);
         for (int i = 0; i < 30; ++i) f.lister.put("books/" + image(5000 + i), 1, days_ago(10));
       },
       {"young-cliff"},
       30},
      {"the database of another store",
       [](ScanFixture& f) {
         fill_healthy(f, 100);
         f.database.tables["images"].rows.clear();
         for (int i = 0; i < 100; ++i) f.row("images", fmt::format("{}/picture_{}.webp", 7000 + i, i));
       },
       {"resolution", "unexpected-prefix", "orphan-percent", "shape-percent"},
       100},
      {"a listing that is empty for a moment",
       [](ScanFixture& f) {
         fill_healthy(f, 100);
         f.lister.objects.clear();
       },
       {"resolution"},
       0},
      {"resolution does not depend on size",
       [](ScanFixture& f) {
         f.source({.objects = {"books/{v}"}});
         for (const char* value : {"a/1.webp", "b/2.webp", "c/3.webp"}) f.row("images", value);
         for (const char* key : {"books/a/1.webp", "books/b/2.webp", "books/d/9.txt"}) f.lister.put(key);
       },
       {"resolution"},
       1},
  };
  for (const FamilyCase& each : cases) {
    SCOPED_TRACE(each.name);
    ScanFixture f;
    each.fill(f);
    const ScanResult result = f.scanned();
    EXPECT_EQ(refusals_of(result), each.refusals);
    EXPECT_EQ(result.plan.objects, each.planned);
  }
}

TEST(Incident, APrefixRemovedEverywhereShowsInTheSampleOfDanglingKeys) {
  ScanFixture f;
  fill_healthy(f, 50, "books/{v|replace:1:}");
  const ScanResult result = f.scanned();
  EXPECT_TRUE(refusals_of(result).contains("resolution"));
  EXPECT_EQ(result.sources[0].sample_dangling.size(), 10U);
  EXPECT_NE(guard_of(result, "resolution").message.find(result.sources[0].sample_dangling.front()),
            std::string::npos);
}

}  // namespace flotsam::test
