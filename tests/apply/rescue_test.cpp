#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apply/fixture.h"
#include "plan/lock.h"

namespace flotsam::test {
namespace {

/// Dangling references: some behind markers, one in quarantine, one nowhere, one that stands by now.
struct Rescue : testing::Test {
  Rescue() {
    for (const char* key : {"books/a", "books/b", "books/c", "books/stands"}) fixture.orphan(key, 7);
    for (const char* key : {"books/a", "books/b"}) fixture.store.erase(key);
    fixture.store.contents.quarantine[{"run", "books/c"}] = *fixture.store.contents.find("books/c");
    fixture.store.contents.keys.erase("books/c");
    request.store_url = "s3://media";
    request.store_identity = "memory media";
    request.prefixes = {"books/"};
    request.dangling = {{"books/a", "images"},
                        {"books/b", "thumbs"},
                        {"books/c", "images"},
                        {"books/nowhere", "images"},
                        {"books/stands", "images"}};
    before = fixture.store.contents;
  }
  Result<RescueResult> ask() {
    RestoreWorld world = fixture.restore_world();
    found.clear();
    return rescue(request, world, [&](const Rescuable& each) -> Result<void> {
      found.push_back(fmt::format("{} of {}: {}", each.remains.object.key.bytes(), each.source,
                                  to_string(each.remains.place)));
      return {};
    });
  }

  ApplyFixture fixture;
  RescueRequest request;
  MemoryContents before;
  std::vector<std::string> found;
};

TEST_F(Rescue, ListsWhatCanBeBroughtBackAndWritesNothing) {
  const auto result = ask();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->dangling, 5U);
  EXPECT_EQ(result->found, 3U);
  EXPECT_EQ(result->bytes, 21U);
  EXPECT_EQ(result->sample.size(), 3U);
  EXPECT_FALSE(result->restored.has_value());
  EXPECT_EQ(found, (std::vector<std::string>{"books/a of images: marker", "books/b of thumbs: marker",
                                             "books/c of images: quarantine"}));
  EXPECT_TRUE(fixture.state->is_empty());
  EXPECT_EQ(fixture.store.contents.keys, before.keys);
}

TEST_F(Rescue, BringsThemBackWithTheRightNumber) {
  request.expect = 3;
  const auto result = ask();
  ASSERT_TRUE(result.has_value());
  ASSERT_TRUE(result->restored.has_value());
  EXPECT_EQ(to_summary(*result->restored),
            "restored 3 purged 0 bytes 21 superseded 0 lost 0 failed 0 left 0 ok");
  for (const char* key : {"books/a", "books/b", "books/c"})
    EXPECT_NE(fixture.store.contents.find(key), nullptr) << key;
  const std::string name = *fixture.state->name_of(result->restored->journal);
  const auto lines = fixture.state->lines_of(name);
  EXPECT_NE(lines[0].find("\"kind\":\"rescue\""), std::string::npos);
  EXPECT_NE(lines[2].find("\"detail\":\"marker v"), std::string::npos);
  EXPECT_NE(lines[4].find("\"detail\":\"quarantine run\""), std::string::npos);
}

TEST_F(Rescue, RefusesAWrongNumber) {
  for (const std::uint64_t wrong : {0U, 2U, 4U}) {
    request.expect = wrong;
    const auto result = ask();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::refused);
    EXPECT_EQ(result.error().service_code, "Expect");
    EXPECT_EQ(fixture.store.contents.keys, before.keys);
    EXPECT_TRUE(fixture.state->list("journals")->empty());
  }
}

TEST_F(Rescue, ReachesNothingOutsideThePrefixes) {
  fixture.orphan("other/x");
  fixture.store.erase("other/x");
  fixture.orphan("books/.flotsam-quarantine/x");
  fixture.store.erase("books/.flotsam-quarantine/x");
  request.dangling = {
      {"books/.flotsam-quarantine/x", "images"}, {"books/a", "images"}, {"other/x", "images"}};
  EXPECT_EQ(ask()->found, 1U);
  request.expect = 1;
  EXPECT_EQ(ask()->restored->restored, 1U);
  EXPECT_EQ(fixture.store.contents.find("other/x"), nullptr);
}

TEST_F(Rescue, LeavesAloneWhatCameToStandMeanwhile) {
  request.expect = 3;
  fixture.on_step = [&](const std::string& step) {
    if (step == "journal") fixture.orphan("books/a", 99);
  };
  const auto result = ask();
  EXPECT_EQ(to_summary(*result->restored),
            "restored 2 purged 0 bytes 14 superseded 1 lost 0 failed 0 left 0 ok");
  EXPECT_EQ(fixture.store.contents.find("books/a")->size_bytes, 99U);
}

TEST_F(Rescue, DoesNothingWhileSomebodyHoldsTheScope) {
  const auto other =
      ScopeLock::acquire(*fixture.state, {"memory media", {"books/"}, "apply x"}, fixture.clock);
  ASSERT_TRUE(other.has_value());
  EXPECT_TRUE(ask().has_value()) << "a list needs no lock";
  request.expect = 3;
  EXPECT_EQ(ask().error().service_code, "Locked");
  EXPECT_EQ(fixture.store.contents.keys, before.keys);
}

TEST_F(Rescue, EndsWhereNothingIsDangling) {
  request.dangling.clear();
  request.expect = 0;
  const auto result = ask();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->restored->restored, 0U);
  EXPECT_TRUE(fixture.state->list("journals")->empty());
}

TEST_F(Rescue, TellsHowMuchIsLeftWhenItIsCancelled) {
  request.expect = 3;
  fixture.on_step = [&](const std::string& step) {
    if (step == "journal") fixture.cancel.request();
  };
  EXPECT_EQ(to_summary(*ask()->restored),
            "restored 0 purged 0 bytes 0 superseded 0 lost 0 failed 0 left 3 partial");
}

}  // namespace
}  // namespace flotsam::test
