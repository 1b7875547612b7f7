#include <gtest/gtest.h>

#include "plan/history.h"
#include "plan/plan_fixture.h"

namespace flotsam::test {
namespace {

using Days = std::chrono::duration<int, std::ratio<86400>>;

class Sightings : public testing::Test {
 protected:
  /// One scan at a day; what sighted() says of each key, in order.
  Result<std::vector<std::uint64_t>> scan(int day, const std::vector<PlannedObject>& objects,
                                          bool commit = true) {
    FLOTSAM_ASSIGN(auto file,
                   SightingsFile::open(folder_.path(), "abcd", start_ + Days(day), Seconds(7 * 86400)));
    std::vector<std::uint64_t> counts;
    for (const PlannedObject& each : objects) {
      FLOTSAM_ASSIGN(const std::uint64_t count, file->sighted(each.object.view()));
      counts.push_back(count);
    }
    if (commit) FLOTSAM_TRY(file->commit());
    return counts;
  }
  std::vector<std::uint64_t> counts(int day, const std::vector<std::string>& keys, bool commit = true) {
    std::vector<PlannedObject> objects;
    for (const std::string& key : keys) objects.push_back(planned(key));
    const auto result = scan(day, objects, commit);
    EXPECT_TRUE(result.has_value()) << (result ? "" : to_text(result.error()));
    return result.value_or(std::vector<std::uint64_t>{});
  }
  std::filesystem::path file() const { return folder_ / "sightings/abcd.ndjson"; }

  TemporaryFolder folder_;
  const Timestamp start_ = at("2026-11-01T00:00:00Z");
};

using Counts = std::vector<std::uint64_t>;

TEST_F(Sightings, CountScansThatAreMinAgeApart) {
  EXPECT_EQ(counts(0, {"a", "b"}), (Counts{1, 1}));
  EXPECT_EQ(counts(6, {"a", "b"}), (Counts{1, 1}));
  EXPECT_EQ(counts(7, {"a", "b"}), (Counts{2, 2}));
  EXPECT_EQ(counts(13, {"a", "b"}), (Counts{2, 2}));
  EXPECT_EQ(counts(14, {"a", "b"}), (Counts{3, 3}));
}

TEST_F(Sightings, BeginAnewForWhatAScanDidNotFind) {
  EXPECT_EQ(counts(0, {"a", "b", "c"}), (Counts{1, 1, 1}));
  EXPECT_EQ(counts(7, {"a", "c"}), (Counts{2, 2}));
  EXPECT_EQ(counts(14, {"a", "b", "c"}), (Counts{3, 1, 3}));
}

TEST_F(Sightings, DoNotGoOnWhereAnEarlierClockWasAhead) {
  EXPECT_EQ(counts(20, {"a"}), Counts{1});
  EXPECT_EQ(counts(0, {"a"}), Counts{1});
}

TEST_F(Sightings, OfAScanThatWroteNoPlanDoNotCount) {
  EXPECT_EQ(counts(0, {"a"}), Counts{1});
  EXPECT_EQ(counts(7, {"a"}, false), Counts{2});
  EXPECT_EQ(counts(8, {"a"}), Counts{2});
}

struct Change {
  std::string name;
  void (*change)(Object&);
};
class ChangedSighting : public Sightings, public testing::WithParamInterface<Change> {};

TEST_P(ChangedSighting, BeginsAnew) {
  PlannedObject object = planned("a");
  ASSERT_TRUE(scan(0, {object}).has_value());
  GetParam().change(object.object);
  const auto result = scan(7, {object});
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_EQ(result->front(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Cases, ChangedSighting,
                         testing::Values(Change{"size", [](Object& object) { ++object.size_bytes; }},
                                         Change{"etag", [](Object& object) { object.etag = "other"; }},
                                         Change{"time",
                                                [](Object& object) {
                                                  *object.last_modified += std::chrono::nanoseconds(1);
                                                }},
                                         Change{"version", [](Object& object) { object.version_id = "v2"; }}),
                         [](const auto& each) { return each.param.name; });

TEST_F(Sightings, AreKeptApartByConfiguration) {
  EXPECT_EQ(counts(0, {"a"}), Counts{1});
  const auto other = SightingsFile::open(folder_.path(), "other", start_ + Days(7), Seconds(7 * 86400));
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ((*other)->sighted(planned("a").object.view()).value_or(0), 1U);
}

TEST_F(Sightings, RememberKeysOfAnyBytes) {
  EXPECT_EQ(counts(0, {"a\nb", "caf\xe9"}), (Counts{1, 1}));
  EXPECT_EQ(counts(7, {"a\nb", "caf\xe9"}), (Counts{2, 2}));
}

TEST_F(Sightings, ComeInRisingKeyOrderOnly) {
  EXPECT_FALSE(scan(0, {planned("b"), planned("a")}).has_value());
  EXPECT_FALSE(scan(0, {planned("a"), planned("a")}).has_value());
}

TEST_F(Sightings, OfADamagedRecordAreNotBelieved) {
  ASSERT_EQ(counts(0, {"a", "b"}), (Counts{1, 1}));
  std::string content = content_of(file());
  content.replace(content.find("\"count\":1"), 9, "\"count\":9");
  folder_.write("sightings/abcd.ndjson", content);
  const auto result = scan(7, {planned("a")});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace flotsam::test
