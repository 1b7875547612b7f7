#include "scan/reference_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <set>

#include "scan/bottom_sample.h"

namespace flotsam::test {
namespace {

const std::vector<TemplateInfo> kTemplates = {
    {0, KeyKind::needed}, {0, KeyKind::derived}, {1, KeyKind::needed}, {1, KeyKind::derived_folder}};

ReferenceIndex frozen(ReferenceCollector& collector) {
  auto index = collector.freeze(kTemplates);
  if (!index) {
    ADD_FAILURE() << to_text(index.error());
    return {};
  }
  return *std::move(index);
}

}  // namespace

TEST(Fingerprints, FindEveryHashAndNothingElseAtAnySize) {
  std::mt19937_64 random(7);
  for (const std::size_t size : {0U, 1U, 5U, 6U, 11U, 12U, 13U, 100U, 1000U, 70000U, 600000U}) {
    SCOPED_TRACE(size);
    std::set<std::uint64_t> hashes =
        size > 2 ? std::set<std::uint64_t>{0, ~std::uint64_t{0}} : std::set<std::uint64_t>{};
    while (hashes.size() < size) hashes.insert(random());
    Fingerprints<2>::Builder builder(hashes.size());
    std::uint64_t number = 0;
    for (const std::uint64_t hash : hashes) builder.add(hash, number++ % 65536);
    const Fingerprints<2> table = std::move(builder).finish();
    ASSERT_EQ(table.size(), size);
    number = 0;
    bool all_found = true;
    for (const std::uint64_t hash : hashes) {
      const std::size_t index = table.find(hash);
      all_found = all_found && index == number && table.payload(index) == number % 65536;
      ++number;
    }
    EXPECT_TRUE(all_found);
    std::size_t strangers = 0;
    for (int i = 0; i < 1000; ++i) strangers += table.contains(random()) ? 1U : 0U;
    EXPECT_EQ(strangers, 0U);
    if (size > 100) {
      EXPECT_LE(static_cast<double>(table.memory_bytes()) / static_cast<double>(size), 7.8);
    }
  }
}

TEST(Fingerprints, AreCrowdedIntoOneBucketWithoutHarm) {
  Fingerprints<2>::Builder builder(1000);
  for (std::uint64_t i = 0; i < 1000; ++i) builder.add((1ULL << 62U) + (i << 30U), i);
  const Fingerprints<2> table = std::move(builder).finish();
  for (std::uint64_t i = 0; i < 1000; ++i)
    EXPECT_EQ(table.payload(table.find((1ULL << 62U) + (i << 30U))), i);
  EXPECT_FALSE(table.contains(1));
}

TEST(SortByHash, SortsLikeTheStandardLibrary) {
  std::mt19937_64 random(3);
  for (const std::size_t size : {0U, 1U, 191U, 192U, 193U, 5000U, 300000U}) {
    std::vector<std::uint64_t> values(size);
    for (auto& value : values) value = size == 5000U ? random() % 3 : random();
    auto expected = values;
    std::sort(expected.begin(), expected.end());
    sort_by_hash(std::span(values), [](std::uint64_t value) { return value; }, std::less<>());
    EXPECT_EQ(values, expected) << size;
  }
}

TEST(ReferenceEntry, KeepsFortySevenBitsOfLooseFormBesideTheOutsideBit) {
  for (const std::uint64_t loose : {0ULL, 1ULL, (1ULL << 47U) - 1, 0x123456789abcULL})
    for (const bool outside : {false, true}) {
      const ReferenceEntry entry = ReferenceEntry::of(9, 65535, loose, outside);
      EXPECT_EQ(entry.loose(), loose);
      EXPECT_EQ(entry.outside(), outside);
      EXPECT_EQ(entry.template_id, 65535);
    }
}

TEST(ReferenceIndex, MergesTheTemplatesOfAKeyIntoOneSet) {
  const std::uint64_t both_need = 1ULL << 60U, explained = 2ULL << 60U, dangles = 3ULL << 60U,
                      outside = 4ULL << 60U;
  ReferenceCollector collector(1U << 20U);
  for (int twice = 0; twice < 2; ++twice) {
    collector.add(ReferenceEntry::of(both_need, 2, 0, false));
    collector.add(ReferenceEntry::of(both_need, 0, 77, false));
    collector.add(ReferenceEntry::of(explained, 1, 0, false));
    collector.add(ReferenceEntry::of(dangles, 0, 78, false));
    collector.add(ReferenceEntry::of(outside, 0, 79, true));
    collector.add_spelling(5ULL << 60U);
  }
  ReferenceIndex index = frozen(collector);
  EXPECT_EQ(index.size(), 4U);
  ASSERT_EQ(index.sets().size(), 4U);
  const TemplateSet& both = index.sets()[index.set_of(index.find(both_need))];
  EXPECT_EQ(both.templates, (std::vector<std::uint16_t>{0, 2}));
  EXPECT_EQ(both.keys, 1U);
  EXPECT_TRUE(both.needed);
  EXPECT_FALSE(both.derived);
  EXPECT_EQ(index.loose_of(index.find(both_need)), 77U) << "one template with a loose form is enough";
  EXPECT_FALSE(index.sets()[index.set_of(index.find(explained))].needed);
  EXPECT_TRUE(index.sets()[index.set_of(index.find(explained))].derived);
  EXPECT_TRUE(index.sets()[index.set_of(index.find(outside))].outside);
  EXPECT_FALSE(index.has_folders());
  EXPECT_TRUE(index.has_spelling(5ULL << 60U));
  EXPECT_FALSE(index.has_spelling(6ULL << 60U));
  EXPECT_EQ(index.find(7ULL << 60U), ReferenceIndex::kAbsent);

  index.mark_seen(index.find(both_need));
  index.mark_seen(index.find(both_need));
  EXPECT_TRUE(index.seen(index.find(both_need)));
  EXPECT_FALSE(index.seen(index.find(explained)));
  EXPECT_EQ(index.seen_by_set()[index.set_of(index.find(both_need))], 1U);
  const FingerprintSet dangling = index.dangling_loose_forms();
  EXPECT_EQ(dangling.size(), 1U) << "neither seen, nor derived, nor outside";
  EXPECT_TRUE(dangling.contains(78ULL << 17U));
}

TEST(ReferenceIndex, KnowsWhetherAnyFolderRuleYieldedAFolder) {
  ReferenceCollector collector(1U << 20U);
  collector.add(ReferenceEntry::of(1, 3, 0, false));
  EXPECT_TRUE(frozen(collector).has_folders());
}

TEST(ReferenceIndex, DuplicateRowsCostNothingLasting) {
  ReferenceCollector collector(ReferenceCollector::budget_for(30000, 30000));
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> hashes(20000);
  for (auto& hash : hashes) hash = random();
  for (int times = 0; times < 50; ++times)
    for (const std::uint64_t hash : hashes) {
      collector.add(ReferenceEntry::of(hash, 0, 1, false));
      collector.add_spelling(hash);
    }
  const ReferenceIndex index = frozen(collector);
  EXPECT_EQ(index.size(), 20000U);
  EXPECT_EQ(index.spellings(), 20000U);
}

TEST(ReferenceIndex, SaysHowMuchMemoryWouldDoAndThatMuchDoes) {
  const std::uint64_t needed = ReferenceCollector::budget_for(200000, 100000);
  for (const std::uint64_t budget : {needed / 100, needed / 3, needed / 10 * 9}) {
    ReferenceCollector collector(budget);
    std::mt19937_64 random(5);
    for (int i = 0; i < 200000; ++i) {
      collector.add(ReferenceEntry::of(random(), 0, 1, false));
      if (i % 2 == 0) collector.add_spelling(random());
    }
    const auto refused = collector.freeze(kTemplates);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::refused);
    EXPECT_NE(refused.error().hint.find("set memory = \""), std::string::npos);
  }
  ReferenceCollector collector(needed);
  std::mt19937_64 random(5);
  for (int i = 0; i < 200000; ++i) {
    collector.add(ReferenceEntry::of(random(), 0, 1, false));
    if (i % 2 == 0) collector.add_spelling(random());
  }
  EXPECT_EQ(frozen(collector).size(), 200000U);
}

TEST(ReferenceIndex, TooManyCombinationsOfTemplatesAreRefused) {
  std::vector<TemplateInfo> templates(40);
  ReferenceCollector collector(1U << 30U);
  for (std::uint64_t number = 0; number < 65536; ++number)
    for (std::uint16_t bit = 0; bit < 17; ++bit)
      if (((number + 1) >> bit & 1U) != 0) collector.add(ReferenceEntry::of(number << 40U, bit, 0, false));
  const auto refused = collector.freeze(templates);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
}

TEST(ReferenceHashes, TheLooseFormDoesNotDependOnTheSeedAndTheOthersDo) {
  const ReferenceHashes a(1), b(2);
  EXPECT_EQ(a.loose("515/image"), b.loose("515/image"));
  EXPECT_NE(a.key("x"), b.key("x"));
  EXPECT_NE(a.folder("x"), b.folder("x"));
  EXPECT_NE(a.spelling("x"), b.spelling("x"));
  EXPECT_NE(a.key("x"), a.folder("x")) << "a folder rule is no key";
  EXPECT_NE(a.key("x"), a.spelling("x"));
}

TEST(BottomSample, IsTheSameWhateverTheOrderAndTheDoubles) {
  std::mt19937_64 random(11);
  std::vector<std::pair<std::uint64_t, std::string>> texts;
  for (int i = 0; i < 5000; ++i)
    texts.emplace_back(random(), std::string(random() % 40, 'x') + std::to_string(i));
  for (const auto& [count, bytes] :
       {std::pair<std::size_t, std::size_t>{10, 1 << 20}, {4000, 20000}, {9999, 1 << 30}}) {
    std::vector<BottomSample::Item> expected;
    for (int round = 0; round < 5; ++round) {
      std::shuffle(texts.begin(), texts.end(), random);
      BottomSample sample(count, bytes);
      for (int twice = 0; twice < 2; ++twice)
        for (const auto& [rank, text] : texts) sample.offer(rank, text);
      if (round == 0) expected = sample.items();
      EXPECT_EQ(sample.items(), expected);
    }
    EXPECT_EQ(expected.size(), count == 10 ? 10U : count == 9999 ? 5000U : expected.size());
    EXPECT_TRUE(std::is_sorted(expected.begin(), expected.end()));
    std::size_t used = 0;
    for (const auto& item : expected) used += item.text.size();
    EXPECT_LE(used, bytes);
    EXPECT_GE(expected.size(), 10U);
  }
}

TEST(BottomSample, WhatDidNotFitDoesNotKeepOutWhatComesBeforeIt) {
  BottomSample sample(100, 1000);
  sample.offer(1, "first");
  sample.offer(5, std::string(5000, 'x'));
  sample.offer(3, "second");
  sample.offer(7, "after what did not fit");
  ASSERT_EQ(sample.items().size(), 2U);
  EXPECT_EQ(sample.items()[1].text, "second");
}

}  // namespace flotsam::test
