// How a listing is split, and what that costs.

#include <future>
#include <set>

#include "store/s3/range_queue.h"
#include "store/s3_fixture.h"

namespace flotsam::test {
namespace {

using S3Split = S3Fixture;
using Keys = std::vector<std::string>;

TEST_F(S3Split, SplitsAtKnownKeys) {
  const Listed listed = list(*open(), 4, {"p/1/07.webp", "p/2/12.webp"});
  ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
  EXPECT_EQ(listed.ranges, 3U);
  EXPECT_EQ(listed.keys, keys_);
}

TEST_F(S3Split, SplitsAtFoldersWhereNothingIsKnown) {
  const Listed listed = list(*open(), 4);
  ASSERT_TRUE(listed.proof);
  EXPECT_EQ(listed.ranges, 4U) << "p/0/ from the first page, then p/1/, p/2/, p/3/";
  EXPECT_EQ(listed.keys, keys_);
}

TEST_F(S3Split, OneConnectionListsPageByPage) {
  const Listed listed = list(*open(), 1, keys_);
  ASSERT_TRUE(listed.proof);
  EXPECT_EQ(listed.ranges, 1U);
  EXPECT_EQ(listed.proof->requests, 4U);
  EXPECT_EQ(s3_.listings(), 4U);
  EXPECT_EQ(listed.proof->objects, 20U);
}

TEST_F(S3Split, APrefixOfOnePageCostsOneRequest) {
  const auto lister = open(s3_.options(), {.page_keys = 1000});
  const Listed listed = list(**lister, 64, keys_);
  ASSERT_TRUE(listed.proof);
  EXPECT_EQ(listed.proof->requests, 1U);
  EXPECT_EQ(listed.keys, keys_);
}

TEST_F(S3Split, DoesNotSplitWhatTheFirstPageShowsToBeShort) {
  const auto lister = open(s3_.options(), {.page_keys = 5, .range_pages_min = 3});
  const Listed listed =
      list(**lister, 64, keys_);  // a quarter of the cuts lies in the first page: four pages in all
  ASSERT_TRUE(listed.proof);
  EXPECT_LE(listed.ranges, 2U);
  EXPECT_EQ(listed.keys, keys_);
}

TEST_F(S3Split, FailsNothingWhereFoldersCannotBeAskedFor) {
  s3_.misbehave(Fault::status_500, 2);  // the grouped page
  const Listed listed = list(*open(), 4);
  ASSERT_TRUE(listed.proof);
  EXPECT_EQ(listed.ranges, 1U);
  EXPECT_EQ(listed.proof->retries, 0U) << "a hint is not worth a retry";
  EXPECT_EQ(listed.keys, keys_);
}

TEST_F(S3Split, ListsManyKeysInFullPages) {
  Keys all;
  for (int i = 0; i < 12'345; ++i) all.push_back(fmt::format("p/x/{:06}", i));
  s3_.put_all(all);
  all.insert(all.begin(), keys_.begin(), keys_.end());
  Keys cuts;
  for (std::size_t i = 100; i < all.size(); i += 100) cuts.push_back(all[i]);
  const auto lister = open(s3_.options(), {});
  for (const unsigned connections : {1U, 3U, 64U}) {
    const Listed listed = list(**lister, connections, cuts);
    ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
    EXPECT_EQ(listed.keys, all);
    EXPECT_LE(listed.proof->requests, 13U + 8U) << connections;
  }
}

TEST_F(S3Split, ProbesWithKeysThatAStoreTakesAsStartAfter) {
  s3_.put_all({"p/0/00a\x01", "p/0/00b\x01"});  // in the middle of the first page
  const Listed listed = list(*open(), 4);
  ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
  EXPECT_EQ(listed.keys.size(), 22U);
  EXPECT_GT(listed.ranges, 1U);
}

TEST_F(S3Split, ACancelledListingProvesNothingEvenAtItsEnd) {
  Cancel cancel;
  CollectingSink sink;
  sink.on_page = [&](std::size_t) {
    cancel.request();
    return Result<void>{};
  };
  const auto lister = open(s3_.options(), {});
  const auto proof = (*lister)->list(*Scope::of_prefixes({"p/"}),
                                     {.connections = 1, .cut_points = {}, .cancel = &cancel}, sink);
  ASSERT_FALSE(proof) << "the only page had come, but the person said stop";
  EXPECT_EQ(proof.error().code, ErrorCode::interrupted);
}

TEST(Cuts, AreLegalSortedAndInsideThePrefix) {
  EXPECT_EQ(choose_cuts({"p/b", "p/a", "q/", "q/long", "o/long", "p/", "p/a", "o"}, "p/", "", 10),
            (Keys{"p/a", "p/b"}));
  EXPECT_EQ(choose_cuts({"p/a", "p/b", "p/c"}, "p/", "p/b", 10), (Keys{"p/c"}));
  EXPECT_EQ(choose_cuts({"p/ab%41", "p/a+", "p/%", "p/c\x01", "p/d\xFF"}, "p/", "", 10),
            (Keys{"p/a", "p/ab", "p/c", "p/d"}));
  EXPECT_EQ(choose_cuts({"p%/a"}, "p%/", "", 10), Keys{})
      << "a prefix that cannot be part of a bound is not cut";
  EXPECT_EQ(choose_cuts({}, "p/", "", 10), Keys{});
  EXPECT_EQ(choose_cuts({"a", "b"}, "", "", 0), Keys{});
}

TEST(Cuts, AreEvenlyChosen) {
  Keys many;
  for (int i = 0; i < 100; ++i) many.push_back(fmt::format("{:02}", i));
  EXPECT_EQ(choose_cuts(many, "", "", 2), (Keys{"25", "75"}));
  EXPECT_EQ(choose_cuts(many, "", "", 1), (Keys{"50"}));
  EXPECT_EQ(choose_cuts(many, "", "", 100).size(), 100U);
}

struct BoundCase {
  const char* name;
  std::string key, bound;
};
TEST(Cuts, HoldOnlyWhatEveryStoreTakes) {
  const BoundCase rows[] = {
      {"plain", "a/b c~", "a/b c~"},
      {"C0", "a\nb", "a"},
      {"DEL", "a\x7f", "a"},
      {"C1", "a\xC2\x85z", "a"},
      {"noncharacter", "a\xEF\xBF\xBE", "a"},
      {"nonplane", "a\xEF\xB7\x90", "a"},
      {"U+1FFFE", "a\xF0\x9F\xBF\xBE", "a"},
      {"invalid", "a\xC3", "a"},
      {"surrogate", "a\xED\xA0\x80", "a"},
      {"percent", "a%b", "a"},
      {"plus", "a+b", "a"},
      {"umlaut", "\xC3\xA4\xF0\x9F\x98\x80z", "\xC3\xA4\xF0\x9F\x98\x80z"},
      {"long", std::string(2000, 'k'), std::string(1024, 'k')},
      {"U+FFFD", "\xEF\xBF\xBD", "\xEF\xBF\xBD"},
  };
  for (const BoundCase& row : rows) EXPECT_EQ(legal_bound_of(row.key), row.bound) << row.name;
}

TEST(EndOfPrefix, LiesBehindEveryKeyAndBeforeTheNextPrefix) {
  EXPECT_EQ(end_of_prefix("books/"), "books0");
  EXPECT_LT("books/\xFF\xFF", end_of_prefix("books/"));
  EXPECT_LT(end_of_prefix("images-old/"), "images/");
}

KeyRange range(const std::string& prefix) {
  return KeyRange{.prefix = prefix, .after = "", .upto = std::nullopt, .lower_bound = ""};
}

TEST(RangeQueue, WaitsForPartsOfWhatIsUnderWay) {
  RangeQueue queue;
  queue.add({range("a/")});
  ASSERT_EQ(queue.take()->prefix, "a/");
  EXPECT_EQ(queue.open(), 1U);
  auto second = std::async(std::launch::async, [&] { return queue.take(); });
  queue.add({range("b/")});
  const auto taken = second.get();
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->prefix, "b/");
  auto third = std::async(std::launch::async, [&] { return queue.take(); });
  queue.complete();
  EXPECT_FALSE(queue.is_drained());
  queue.complete();
  EXPECT_FALSE(third.get()) << "nothing more can come";
  EXPECT_TRUE(queue.is_drained());
}

TEST(RangeQueue, GivesNothingOutOnceStopped) {
  RangeQueue queue;
  queue.add({range("a/"), range("b/")});
  ASSERT_TRUE(queue.take());
  auto waiting = std::async(std::launch::async, [&] {
    std::set<std::string> taken;
    while (const auto next = queue.take()) taken.insert(next->prefix);
    return taken;
  });
  queue.stop();
  const auto taken = waiting.get();
  EXPECT_TRUE(taken.empty() || taken == std::set<std::string>{"b/"});
  EXPECT_TRUE(queue.is_drained());
}

}  // namespace
}  // namespace flotsam::test
