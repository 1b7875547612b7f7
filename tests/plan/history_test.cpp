#include "plan/history.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>

#include "base/disk_state.h"
#include "base/hash.h"
#include "plan/plan_fixture.h"

namespace flotsam::test {
namespace {

HistoryEntry entry_of(const std::string& id, const std::string& status = "ok") {
  HistoryEntry entry;
  entry.id = id;
  entry.at = at("2026-11-23T06:41:21.25Z");
  entry.store_url = "s3://my-bucket";
  entry.store_identity = "bucket";
  entry.prefixes = {"books/", "images/"};
  entry.config_digest = "abcd";
  entry.status = status;
  entry.objects = 1;
  entry.bytes = 2;
  entry.orphans = 3;
  entry.suspects = 4;
  entry.planned = 5;
  entry.deleted = 8;
  entry.skipped = 9;
  entry.failed = 10;
  entry.restored = 11;
  entry.purged = 12;
  entry.distinct_keys = {{"book images", 6}, {"caf\xc3\xa9 \"x\"", 7}};
  return entry;
}

class HistoryFile : public testing::Test {
 protected:
  History history() const { return History(folder_ / "state"); }
  void append_bytes(const std::string& bytes) const {
    std::ofstream(folder_ / "state/history.ndjson", std::ios::binary | std::ios::app) << bytes;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    const auto entries = history().read();
    EXPECT_TRUE(entries.has_value()) << (entries ? "" : to_text(entries.error()));
    for (const auto& entry : entries.value_or(std::vector<HistoryEntry>{})) ids.push_back(entry.id);
    return ids;
  }
  TemporaryFolder folder_;
};

using Ids = std::vector<std::string>;

TEST_F(HistoryFile, RemembersEveryField) {
  HistoryEntry expected = entry_of("a");
  expected.kind = "undo";
  expected.of = "b";
  ASSERT_TRUE(history().append(expected).has_value());
  const auto entries = history().read();
  ASSERT_TRUE(entries.has_value()) << to_text(entries.error());
  ASSERT_EQ(entries->size(), 1U);
  const HistoryEntry& read = entries->front();
  EXPECT_EQ(read.kind, "undo");
  EXPECT_EQ(read.of, "b");
  EXPECT_EQ(read.id, expected.id);
  EXPECT_EQ(read.at, expected.at);
  EXPECT_EQ(read.store_url, expected.store_url);
  EXPECT_EQ(read.store_identity, expected.store_identity);
  EXPECT_EQ(read.prefixes, expected.prefixes);
  EXPECT_EQ(read.config_digest, expected.config_digest);
  EXPECT_EQ(read.status, expected.status);
  EXPECT_EQ(read.objects, 1U);
  EXPECT_EQ(read.bytes, 2U);
  EXPECT_EQ(read.orphans, 3U);
  EXPECT_EQ(read.suspects, 4U);
  EXPECT_EQ(read.planned, 5U);
  EXPECT_EQ(read.deleted, 8U);
  EXPECT_EQ(read.skipped, 9U);
  EXPECT_EQ(read.failed, 10U);
  EXPECT_EQ(read.restored, 11U);
  EXPECT_EQ(read.purged, 12U);
  EXPECT_EQ(read.distinct_keys, expected.distinct_keys);
}

TEST_F(HistoryFile, IsEmptyBeforeTheFirstScan) {
  EXPECT_EQ(ids(), Ids{});
}

TEST_F(HistoryFile, KeepsTheOrderOfItsAppends) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(history().append(entry_of(id)).has_value());
  EXPECT_EQ(ids(), (Ids{"a", "b", "c"}));
}

TEST_F(HistoryFile, IsForItsOwnerAlone) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  struct stat file{}, directory{};
  ASSERT_EQ(stat((folder_ / "state/history.ndjson").c_str(), &file), 0);
  ASSERT_EQ(stat((folder_ / "state").c_str(), &directory), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  EXPECT_EQ(directory.st_mode & 0777U, 0700U);
}

TEST_F(HistoryFile, IgnoresATornLastLineAndCutsItOffBeforeTheNext) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  // Longer than one block of the search for the last line break.
  append_bytes("{\"flotsam_history\":1,\"id\":\"" + std::string(200'000, 'x'));
  EXPECT_EQ(ids(), Ids{"a"});
  ASSERT_TRUE(history().append(entry_of("b")).has_value());
  EXPECT_EQ(ids(), (Ids{"a", "b"}));
}

TEST_F(HistoryFile, CutsOffATornFirstLine) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  std::filesystem::resize_file(folder_ / "state/history.ndjson", 10);
  EXPECT_EQ(ids(), Ids{});
  ASSERT_TRUE(history().append(entry_of("b")).has_value());
  EXPECT_EQ(ids(), Ids{"b"});
}

TEST_F(HistoryFile, IsCorruptWhereAWholeLineCannotBeRead) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  append_bytes("not json\n");
  const auto entries = history().read();
  ASSERT_FALSE(entries.has_value());
  EXPECT_EQ(entries.error().code, ErrorCode::corrupt);
  EXPECT_NE(entries.error().message.find("line 2"), std::string::npos) << entries.error().message;
  EXPECT_FALSE(history().last_good("bucket", {"books/", "images/"}).has_value());
}

TEST_F(HistoryFile, IsCorruptWhereAnyByteOfALineWasChanged) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  const std::string content = content_of(folder_ / "state/history.ndjson");
  for (std::size_t i = 0; i + 1 < content.size(); ++i) {
    std::string changed = content;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    folder_.write("state/history.ndjson", changed);
    EXPECT_FALSE(history().read().has_value()) << i;
  }
}

TEST_F(HistoryFile, IsCorruptWhereItIsNoHistoryAtAll) {
  folder_.write("state/history.ndjson", std::string(4096, '\0'));
  EXPECT_FALSE(history().read().has_value()) << "zeros are no torn line";
  std::filesystem::remove(folder_ / "state/history.ndjson");
  ASSERT_EQ(mkfifo((folder_ / "state/history.ndjson").c_str(), 0600), 0);
  const auto entries = history().read();
  ASSERT_FALSE(entries.has_value()) << "and nothing waits for a pipe";
  EXPECT_NE(entries.error().message.find("no regular file"), std::string::npos);
}

TEST_F(HistoryFile, OfANewerFlotsamIsNotGuessedAt) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  append_bytes("{\"flotsam_history\":2}\n");
  const auto entries = history().read();
  ASSERT_FALSE(entries.has_value());
  EXPECT_NE(entries.error().message.find("newer flotsam"), std::string::npos);
}

TEST_F(HistoryFile, ToleratesFieldsThatALaterVersionAdds) {
  ASSERT_TRUE(history().append(entry_of("a")).has_value());
  std::string body = content_of(folder_ / "state/history.ndjson");
  body.resize(body.rfind(",\"sha256\""));
  body += ",\"later\":[1]";
  append_bytes(body + ",\"sha256\":\"" + sha256_hex(body) + "\"}\n");
  EXPECT_EQ(ids(), (Ids{"a", "a"}));
}

TEST_F(HistoryFile, ALineWithoutAKindIsOfAScan) {
  std::string line = R"({"flotsam_history":1,"id":"a","at":"2026-11-23T06:41:21Z","store_url":"u",)"
                     R"("store_identity":"bucket","prefixes":["books/"],"config_digest":"d","status":"ok",)"
                     R"("objects":1,"bytes":2,"orphans":3,"suspects":4,"planned":5,"distinct_keys":{"s":6})";
  std::filesystem::create_directories(folder_ / "state");
  append_bytes(line + ",\"sha256\":\"" + sha256_hex(line) + "\"}\n");
  const auto last = history().last_good("bucket", {"books/"});
  ASSERT_TRUE(last.has_value() && last->has_value());
  EXPECT_EQ((*last)->kind, "scan");
  EXPECT_EQ((*last)->planned, 5U);
  EXPECT_EQ((*last)->deleted, 0U);
}

TEST_F(HistoryFile, KeepsTheLinesOfRunsThatEndAtOnce) {
  constexpr int kRuns = 8;
  {
    std::vector<std::jthread> runs;
    for (int i = 0; i < kRuns; ++i)
      runs.emplace_back([&, i] { EXPECT_TRUE(history().append(entry_of(std::to_string(i))).has_value()); });
  }
  Ids read = ids();
  std::sort(read.begin(), read.end());
  EXPECT_EQ(read, (Ids{"0", "1", "2", "3", "4", "5", "6", "7"}));
}

TEST_F(HistoryFile, IsTheSameByItsStateOrItsFolder) {
  const auto state = open_disk_state(folder_ / "state");
  ASSERT_TRUE(History(*state).append(entry_of("a")).has_value());
  EXPECT_EQ(ids(), Ids{"a"});
  ASSERT_TRUE(history().append(entry_of("b")).has_value());
  EXPECT_EQ(History(*state).read().value_or(std::vector<HistoryEntry>{}).size(), 2U);
}

struct Baseline {
  std::string name;
  void (*change)(HistoryEntry&);
  bool counts;
};
class HistoryBaseline : public HistoryFile, public testing::WithParamInterface<Baseline> {};

TEST_P(HistoryBaseline, IsTheNewestGoodScanOfTheSameScope) {
  ASSERT_TRUE(history().append(entry_of("old")).has_value());
  HistoryEntry newer = entry_of("new");
  GetParam().change(newer);
  ASSERT_TRUE(history().append(newer).has_value());
  const auto last = history().last_good("bucket", {"images/", "books/"});
  ASSERT_TRUE(last.has_value()) << to_text(last.error());
  ASSERT_TRUE(last->has_value());
  EXPECT_EQ((*last)->id, GetParam().counts ? "new" : "old");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HistoryBaseline,
    testing::Values(
        Baseline{"same", [](HistoryEntry&) {}, true},
        Baseline{"another_configuration", [](HistoryEntry& entry) { entry.config_digest = "x"; }, true},
        Baseline{"no_scan", [](HistoryEntry& entry) { entry.kind = "purge"; }, false},
        Baseline{"refused", [](HistoryEntry& entry) { entry.status = "refused"; }, false},
        Baseline{"another_store", [](HistoryEntry& entry) { entry.store_identity = "x"; }, false},
        Baseline{"other_prefixes", [](HistoryEntry& entry) { entry.prefixes = {"books/"}; }, false}),
    [](const auto& each) { return each.param.name; });

struct AfterRefusal {
  std::string name;
  void (*change)(HistoryEntry&);
  bool counts;
};
class HistoryOfARefusedScan : public HistoryFile, public testing::WithParamInterface<AfterRefusal> {};

TEST_P(HistoryOfARefusedScan, IsTheBaselineOnceItsPlanWasApplied) {
  ASSERT_TRUE(history().append(entry_of("good")).has_value());
  ASSERT_TRUE(history().append(entry_of("overridden", "refused")).has_value());
  HistoryEntry apply = entry_of("journal");
  apply.kind = "apply";
  apply.of = "overridden";
  GetParam().change(apply);
  ASSERT_TRUE(history().append(apply).has_value());
  const auto last = history().last_good("bucket", {"books/", "images/"});
  ASSERT_TRUE(last.has_value() && last->has_value());
  EXPECT_EQ((*last)->id, GetParam().counts ? "overridden" : "good");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HistoryOfARefusedScan,
    testing::Values(AfterRefusal{"done", [](HistoryEntry&) {}, true},
                    AfterRefusal{"partly_done", [](HistoryEntry& entry) { entry.status = "partial"; }, true},
                    AfterRefusal{"failed", [](HistoryEntry& entry) { entry.status = "failed"; }, true},
                    AfterRefusal{"refused", [](HistoryEntry& entry) { entry.status = "refused"; }, false},
                    AfterRefusal{"of_another_scan", [](HistoryEntry& entry) { entry.of = "x"; }, false},
                    AfterRefusal{"no_apply", [](HistoryEntry& entry) { entry.kind = "undo"; }, false}),
    [](const auto& each) { return each.param.name; });

TEST_F(HistoryFile, HasNoBaselineWithoutAGoodScan) {
  ASSERT_TRUE(history().append(entry_of("a", "refused")).has_value());
  const auto last = history().last_good("bucket", {"books/", "images/"});
  ASSERT_TRUE(last.has_value());
  EXPECT_FALSE(last->has_value());
}

TEST_F(HistoryFile, SaysWhereItCannotBeWritten) {
  folder_.write("state", "a file where the folder should be");
  const auto done = history().append(entry_of("a"));
  ASSERT_FALSE(done.has_value());
  EXPECT_NE(done.error().message.find("state"), std::string::npos);
}

}  // namespace
}  // namespace flotsam::test
