#include "plan/restored_keys.h"

#include <gtest/gtest.h>

#include "plan/journal_fixture.h"

namespace flotsam::test {
namespace {

using std::chrono::days;

class RestoredKeysOfTheState : public testing::Test {
 protected:
  void journal(const JournalHeader& header, const std::vector<JournalIntent>& intents, Timestamp moment) {
    auto writer = JournalWriter::open(*state_, header);
    ASSERT_TRUE(writer.has_value()) << to_text(writer.error());
    ASSERT_TRUE(writer->intend(intents, moment).has_value());
  }
  RestoredKeys keys(int undo_days = 30) {
    auto keys = read_restored_keys(*state_, now_, undo_days);
    EXPECT_TRUE(keys.has_value()) << to_text(keys.error());
    return keys ? *std::move(keys) : RestoredKeys();
  }
  TemporaryFolder folder_;
  std::unique_ptr<State> state_ = open_disk_state(folder_ / "state");
  const Timestamp now_ = at("2026-11-23T07:00:00Z");
};

TEST_F(RestoredKeysOfTheState, AreNoneBeforeTheFirstRun) {
  EXPECT_TRUE(keys().empty());
}

TEST_F(RestoredKeysOfTheState, AreThoseOfUndoRescueAndPurgeAndNotOfApply) {
  journal(journal_header(JournalKind::apply, "a"), {intent_of(0, "applied")}, now_);
  journal(journal_header(JournalKind::undo, "a.undo"), {intent_of(0, "undone", "marker m")}, now_);
  journal(journal_header(JournalKind::rescue, "r"), {intent_of(0, "rescued", "version v")}, now_);
  journal(journal_header(JournalKind::purge, "p"),
          {intent_of(0, "returned", "return run"), intent_of(1, "discarded", "discard run")}, now_);
  const RestoredKeys read = keys();
  EXPECT_EQ(read.size(), 3U);
  for (const char* key : {"undone", "rescued", "returned"}) EXPECT_TRUE(read.contains(key)) << key;
  for (const char* key : {"applied", "discarded"}) EXPECT_FALSE(read.contains(key)) << key;
}

TEST_F(RestoredKeysOfTheState, AreThoseOfBatchesYoungerThanUndoDays) {
  const JournalHeader header = journal_header(JournalKind::rescue, "r");
  journal(header, {intent_of(0, "old")}, now_ - days(30));
  journal(header, {intent_of(1, "young")}, now_ - days(30) + std::chrono::nanoseconds(1));
  journal(header, {intent_of(2, "of a clock that is ahead")}, now_ + days(1));
  const RestoredKeys read = keys();
  EXPECT_FALSE(read.contains("old"));
  EXPECT_TRUE(read.contains("young"));
  EXPECT_TRUE(read.contains("of a clock that is ahead"));
  EXPECT_TRUE(keys(31).contains("old"));
  EXPECT_FALSE(keys(0).contains("young"));
}

TEST_F(RestoredKeysOfTheState, AreUnknownWhereAJournalCannotBeBelieved) {
  journal(journal_header(JournalKind::undo, "a.undo"), {intent_of(0, "undone")}, now_);
  std::string content = content_of(folder_ / "state/journals/a.undo.ndjson");
  content.replace(content.find("undone"), 6, "undead");
  folder_.write("state/journals/a.undo.ndjson", content);
  const auto read = read_restored_keys(*state_, now_, 30);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  EXPECT_NE(read.error().message.find("a.undo.ndjson"), std::string::npos);
}

TEST_F(RestoredKeysOfTheState, DoNotDependOnWhatAnApplyWroteLaterOn) {
  journal(journal_header(JournalKind::apply, "a"), {intent_of(0, "applied")}, now_);
  std::string content = content_of(folder_ / "state/journals/a.ndjson");
  folder_.write("state/journals/a.ndjson", content + "damage\n");
  EXPECT_TRUE(keys().empty());
  folder_.write("state/journals/notes.txt", "not a journal");
  EXPECT_TRUE(keys().empty());
}

}  // namespace
}  // namespace flotsam::test
