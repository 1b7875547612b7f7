#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include "model/shape.h"
#include "scan/dangling_keys.h"
#include "scan/level_table.h"
#include "scan/spool.h"
#include "scan/tally.h"
#include "scan/world.h"

namespace flotsam::test {
namespace {

// Each level drops the last letter.
void shorter(std::string_view name, int level, std::string& out) {
  const std::size_t keep = 6 - std::min<std::size_t>(6, static_cast<std::size_t>(level));
  out.assign(name.substr(0, keep));
}

std::string content_of(const LevelTable& table) {
  auto rows = table.rows();
  std::sort(rows.begin(), rows.end(), [](const TallyRow& a, const TallyRow& b) { return a.name < b.name; });
  std::string out = fmt::format("level {}:", table.level());
  for (const TallyRow& row : rows) out += fmt::format(" {}={}", row.name, row.all.objects);
  return out;
}

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(fmt::format("{:06}", i * 7919 % 1000000));
  return all;
}

}  // namespace

TEST(LevelTable, StandsAtTheFinestLevelThatFits) {
  LevelTable table(shorter, 6, 10);
  for (int i = 0; i < 10; ++i) ++table.row(fmt::format("aaaa{}0", i)).all.objects;
  EXPECT_EQ(table.level(), 0) << "ten of ten fit";
  ++table.row("aaaa00").all.objects;
  EXPECT_EQ(table.level(), 0) << "a known name needs no room";
  ++table.row("aaaa01").all.objects;
  EXPECT_EQ(table.level(), 1);
  EXPECT_EQ(table.rows().size(), 10U);
  EXPECT_EQ(row_of(table.rows(), "aaaa0")->all.objects, 3U);
  ++table.row("aaaab0").all.objects;
  EXPECT_EQ(table.level(), 2);
  EXPECT_EQ(row_of(table.rows(), "aaaa")->all.objects, 13U);
  EXPECT_EQ(table.name_of("aaaa99"), "aaaa");
}

TEST(LevelTable, IsTheSameWhateverTheOrderAndTheSplit) {
  std::mt19937 random(1);
  for (const std::size_t count : {5U, 50U, 400U, 5000U}) {
    std::vector<std::string> all = names(count);
    std::string expected;
    for (int round = 0; round < 6; ++round) {
      std::shuffle(all.begin(), all.end(), random);
      std::vector<LevelTable> parts(static_cast<std::size_t>(round) + 1, LevelTable(shorter, 6, 40));
      for (std::size_t i = 0; i < all.size(); ++i) ++parts[random() % parts.size()].row(all[i]).all.objects;
      LevelTable sum(shorter, 6, 40);
      for (const LevelTable& part : parts) sum.merge(part);
      if (round == 0) expected = content_of(sum);
      EXPECT_EQ(content_of(sum), expected);
      EXPECT_LE(sum.rows().size(), 40U);
    }
  }
}

TEST(LevelTable, ShapesOfAScanBeyondTheCapBecomeCoarserAndTheObjectsToo) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  std::string word = "aaaa";
  for (std::size_t i = 0; i <= LevelTable::kCap; ++i) {
    f.lister.put("books/" + word + ".webp");
    for (std::size_t at = 0; at < word.size() && ++word[at] > 'p'; ++at) word[at] = 'a';
  }
  f.lister.threads = 2;
  f.lister.page_size = 100;
  f.lister.cuts = {"books/c", "books/h"};
  const ScanResult result = f.scanned();
  ASSERT_EQ(result.shapes.size(), 1U);
  EXPECT_EQ(result.shapes[0].name, "books/*.webp");
  EXPECT_EQ(result.shapes[0].orphans.objects, LevelTable::kCap + 1);
  std::string shape_seen;
  ASSERT_TRUE(result.unreferenced->for_each(Verdict::orphan, [&](const ObjectView&, std::string_view shape) {
    shape_seen.assign(shape);
    return Result<void>();
  }));
  EXPECT_EQ(shape_seen, "books/*.webp");
  EXPECT_EQ(result.sample_unreferenced[0].shape, "books/*.webp");
}

TEST(LevelTable, GroupsBeyondTheCapBecomeTheirFirstPart) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  for (std::size_t i = 0; i <= LevelTable::kCap; ++i) f.lister.put(fmt::format("books/{}/a", i));
  const ScanResult result = f.scanned();
  ASSERT_EQ(result.groups.size(), 1U);
  EXPECT_EQ(result.groups[0].name, "books/");
}

TEST(LevelTable, FirstPartsBeyondTheCapBecomeShapesAndThenOther) {
  ScanFixture f;
  f.rules.scope = Scope::whole_bucket();
  f.source({.objects = {"{v}"}});
  for (std::size_t i = 0; i <= LevelTable::kCap; ++i) f.lister.put(fmt::format("{}/a", i));
  f.lister.put("root.txt");
  ScanResult result = f.scanned();
  ASSERT_EQ(result.prefixes_found.size(), 2U);
  EXPECT_EQ(result.prefixes_found[0].name, "#/");
  EXPECT_EQ(result.prefixes_found[1].name, "(root)");
  EXPECT_EQ(result.groups.size(), 2U);
  std::string word = "aaaa";
  for (std::size_t i = 0; i <= LevelTable::kCap; ++i) {
    f.lister.put(word + "/a");
    for (std::size_t at = 0; at < word.size() && ++word[at] > 'p'; ++at) word[at] = 'a';
  }
  result = f.scanned();
  ASSERT_EQ(result.prefixes_found.size(), 1U);
  EXPECT_EQ(result.prefixes_found[0].name, "(other)");
  ASSERT_EQ(result.groups.size(), 1U);
  EXPECT_EQ(result.groups[0].name, "(other)");
}

TEST(Group, IsTheFirstTwoPathParts) {
  const std::pair<const char*, const char*> cases[] = {{"books/515/a/b", "books/515/"},
                                                       {"books/515/", "books/515/"},
                                                       {"books/a.jpg", "books/"},
                                                       {"a.jpg", "(root)"},
                                                       {"/a", "/"},
                                                       {"//a", "//"}};
  for (const auto& [key, group] : cases) EXPECT_EQ(group_of(KeyView(key)), group);
}

namespace {

struct Kept {
  std::string key, etag, version;
  std::uint64_t size = 0;
  std::optional<Timestamp> time;
  Verdict verdict = Verdict::orphan;
  friend bool operator==(const Kept&, const Kept&) = default;
};

std::vector<Kept> content_of(const Spool& spool) {
  std::vector<Kept> all;
  const auto read = spool.for_each([&](const Spool::Record& record) {
    const ObjectView& object = record.object;
    all.push_back({std::string(object.key.bytes()), std::string(object.etag), std::string(object.version_id),
                   object.size_bytes, object.last_modified, record.verdict});
    return Result<void>();
  });
  if (!read) ADD_FAILURE() << to_text(read.error());
  return all;
}

}  // namespace

TEST(Spool, GivesBackWhatItTookInTheOrderOfItsPartsHoweverLittleMemoryItHas) {
  for (const std::uint64_t memory : {std::uint64_t{0}, std::uint64_t{100000}, std::uint64_t{1} << 30U}) {
    SCOPED_TRACE(memory);
    TemporaryFolder folder;
    Spool spool(folder.path(), memory);
    Spool::Part& second = spool.open_part();
    Spool::Part& first = spool.open_part();
    std::vector<Kept> expected(6000);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      Kept& kept = expected[i];
      kept.key = fmt::format("{:05}", i) + std::string(i % 90, '\xFF');
      if (i % 3 != 0) kept.time = Timestamp(std::chrono::nanoseconds(static_cast<std::int64_t>(i) - 7));
      kept.etag = std::string(i % 5, 'e');
      kept.version = std::string(i % 2, 'v');
      kept.size = std::uint64_t{i} << 40U;
      kept.verdict = i % 4 == 0 ? Verdict::suspect : Verdict::orphan;
    }
    const auto fill = [&](Spool::Part& part, std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) {
        const Kept& kept = expected[i];
        if (!part.add({{KeyView(kept.key), kept.size, kept.time, kept.etag, kept.version},
                       kept.verdict,
                       i % 7 == 0}))
          return false;
      }
      return true;
    };
    bool other_ok = false;
    std::thread other([&] { other_ok = fill(second, 3000, 6000); });
    EXPECT_TRUE(fill(first, 0, 3000));
    other.join();
    EXPECT_TRUE(other_ok);
    spool.seal({&first, &second});
    EXPECT_EQ(content_of(spool), expected);
    EXPECT_EQ(content_of(spool), expected) << "it can be read again";

    std::size_t disposable = 0, number = 0;
    ASSERT_TRUE(spool.revise([&](Spool::Record& record) {
      disposable += record.disposable ? 1 : 0;
      if (number++ % 1000 == 999) record.verdict = Verdict::young;
      return Result<void>();
    }));
    EXPECT_EQ(disposable, (expected.size() + 6) / 7);
    for (std::size_t i = 999; i < expected.size(); i += 1000) expected[i].verdict = Verdict::young;
    EXPECT_EQ(content_of(spool), expected) << "a revised verdict stays";
  }
}

TEST(Spool, AFolderThatCannotBeWrittenIsAnErrorAndNotAnEmptySpool) {
  Spool spool("/no/such/folder", 0);
  Spool::Part& part = spool.open_part();
  const std::string key(20000, 'k');
  EXPECT_FALSE(part.add({{KeyView(key), 1, {}, {}, {}}, Verdict::orphan, false}));
}

TEST(Spool, NoFileIsMadeForAFewObjects) {
  Spool spool("/no/such/folder", 1U << 20U);
  Spool::Part& part = spool.open_part();
  EXPECT_TRUE(part.add({{KeyView("k"), 1, {}, {}, {}}, Verdict::orphan, false}));
  spool.seal({&part});
  EXPECT_EQ(content_of(spool).size(), 1U);
}

TEST(NeededKeySpool, GivesBackEveryKeyAlsoAcrossItsBuffers) {
  TemporaryFolder folder;
  auto spool = NeededKeySpool::create(folder.path());
  ASSERT_TRUE(spool);
  std::vector<std::pair<std::uint32_t, std::string>> expected, got;
  for (std::uint32_t i = 0; i < 40000; ++i)
    expected.emplace_back(i % 3, std::string(i % 200, 'k') + std::to_string(i));
  expected.emplace_back(1, std::string(3U << 20U, 'L'));
  expected.emplace_back(1, "");
  for (const auto& [source, key] : expected) spool->add(source, key);
  ASSERT_TRUE(spool->for_each([&](std::uint32_t source, std::string_view key) {
    got.emplace_back(source, key);
    return Result<void>();
  }));
  EXPECT_EQ(got, expected);
}

TEST(SortedKeys, GivesEachPairOnceInByteOrder) {
  SortedKeys keys(1U << 20U);
  for (int twice = 0; twice < 2; ++twice)
    for (const char* key : {"b", "\xFF", "a", "a/"})
      for (const std::uint32_t source : {1U, 0U}) ASSERT_TRUE(keys.add(source, key));
  std::string got;
  ASSERT_TRUE(keys.for_each([&](std::uint32_t source, std::string_view key) {
    got += fmt::format("{}{} ", key == "\xFF" ? "ff" : key, source);
    return Result<void>();
  }));
  EXPECT_EQ(got, "a0 a1 a/0 a/1 b0 b1 ff0 ff1 ");
}

TEST(SortedKeys, DoublesNeedNoMemoryAndTooManyKeysAreAnError) {
  SortedKeys keys(100000);
  for (int i = 0; i < 100000; ++i) ASSERT_TRUE(keys.add(0, std::to_string(i % 500)));
  Result<void> added;
  for (int i = 0; i < 100000 && added; ++i) added = keys.add(0, std::to_string(i));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::refused);
}

}  // namespace flotsam::test
