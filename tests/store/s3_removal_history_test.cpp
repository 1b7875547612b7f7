// What a key's versions and markers say of a deletion, and of what brings an object back.

#include <gtest/gtest.h>

#include "store/s3/s3_finder.h"
#include "store/s3/s3_reconciler.h"
#include "store/s3/version_return.h"

namespace flotsam::test {
namespace {

Object object(const std::string& key, const std::string& etag = "0cc175b9c0f1b6a831c399e269772661",
              std::uint64_t size = 7) {
  return {Key(key), size, *parse_rfc3339("2026-01-02T03:04:05Z"), etag, ""};
}

KeyVersion version(const std::string& id, const std::string& etag = "0cc175b9c0f1b6a831c399e269772661") {
  KeyVersion v;
  v.object = object("a", etag);
  v.object.version_id = id;
  return v;
}
KeyVersion marker(const std::string& id, const std::string& time = "2026-11-24T12:00:00Z") {
  KeyVersion m;
  m.is_marker = true;
  m.object = object("a", "", 0);
  m.object.last_modified = *parse_rfc3339(time);
  m.object.version_id = id;
  return m;
}

TEST(History, TellsWhatBecameOfADeletion) {
  const Timestamp since = *parse_rfc3339("2026-11-24T11:59:00Z");
  const KeyVersion old_marker = marker("m0", "2026-11-24T11:58:59Z");
  const std::string other = "92eb5ffee6ae2fec3ad71c777531578f";
  struct Row {
    const char* name;
    std::vector<KeyVersion> history;
    RemoveResult result;
    const char* marker_id;
    const char* version_id;
  };
  for (const Row& row :
       {Row{"nothing", {}, RemoveResult::gone, "", ""},
        {"still there", {version("v1")}, RemoveResult::failed, "", ""},
        {"overwritten", {version("v2", other), version("v1")}, RemoveResult::changed, "", ""},
        {"ours", {marker("m1"), version("v1")}, RemoveResult::removed, "m1", "v1"},
        {"ours, sent on twice",
         {marker("m2"), marker("m1"), version("v1")},
         RemoveResult::removed,
         "m2",
         "v1"},
        {"older than the intent", {old_marker, version("v1")}, RemoveResult::gone, "", ""},
        {"over an older one", {marker("m1"), old_marker, version("v1")}, RemoveResult::gone, "", ""},
        {"over another", {marker("m1"), version("v2", other), version("v1")}, RemoveResult::gone, "", ""},
        {"over nothing", {marker("m1")}, RemoveResult::gone, "", ""},
        {"ours, and rewritten since",
         {version("v2", other), marker("m1"), version("v1")},
         RemoveResult::removed,
         "m1",
         "v1"},
        {"ours, rewritten and deleted once more by another",
         {version("v3", other), marker("m2"), version("v2", other), marker("m1"), version("v1")},
         RemoveResult::removed,
         "m1",
         "v1"},
        {"rewritten over an older marker",
         {version("v2", other), old_marker, version("v1")},
         RemoveResult::changed,
         "",
         ""},
        {"rewritten over another", {version("v2", other), marker("m1")}, RemoveResult::changed, "", ""},
        {"suspended, below is the version",
         {marker("null"), version("v1")},
         RemoveResult::removed,
         "null",
         "v1"},
        {"suspended, nothing is left", {marker("null")}, RemoveResult::removed, "null", ""}}) {
    const RemoveOutcome outcome = outcome_of_history(object("a"), row.history, since);
    EXPECT_EQ(outcome.result, row.result) << row.name;
    EXPECT_EQ(outcome.marker_id, row.marker_id) << row.name;
    EXPECT_EQ(outcome.version_id, row.version_id) << row.name;
    EXPECT_EQ(outcome.code == "VersioningSuspended", row.marker_id == std::string("null")) << row.name;
    EXPECT_EQ(outcome.retryable, row.result == RemoveResult::failed) << row.name;
  }
}

TEST(History, TellsWhatBringsAnObjectBack) {
  using Kind = ReturnStep::Kind;
  const std::string other = "92eb5ffee6ae2fec3ad71c777531578f";
  Remains ours;
  ours.place = Remains::Place::marker;
  ours.object = object("a");
  ours.marker_id = "m1";
  Remains below = ours;
  below.place = Remains::Place::version;
  below.marker_id.clear();
  below.version_id = "v1";
  struct Row {
    const char* name;
    Remains remains;
    std::vector<KeyVersion> history;
    Kind kind;
    RestoreResult result;
    const char* id;  ///< of what is to be removed or copied
  };
  const RestoreResult any = RestoreResult::failed;
  for (const Row& row :
       {Row{"ours", ours, {marker("m1"), version("v1")}, Kind::remove_marker, any, "m1"},
        {"deleted again",
         ours,
         {marker("m2"), marker("m1"), version("v1")},
         Kind::none,
         RestoreResult::superseded,
         ""},
        {"stands as it was", ours, {version("v1")}, Kind::none, RestoreResult::standing, ""},
        {"something newer",
         ours,
         {version("v2", other), marker("m1"), version("v1")},
         Kind::none,
         RestoreResult::superseded,
         ""},
        {"nothing left", ours, {}, Kind::none, RestoreResult::lost, ""},
        {"no version left", ours, {marker("m1")}, Kind::none, RestoreResult::lost, ""},
        {"another version below",
         ours,
         {marker("m1"), version("v0", other)},
         Kind::none,
         RestoreResult::lost,
         ""},
        {"over another marker",
         ours,
         {marker("m1"), marker("m0"), version("v1")},
         Kind::copy_forward,
         any,
         "v1"},
        {"a version", below, {marker("m1"), version("v1")}, Kind::copy_forward, any, "v1"},
        {"a version under two",
         below,
         {marker("m2"), marker("m1"), version("v1")},
         Kind::copy_forward,
         any,
         "v1"},
        {"a version that lies deeper",
         below,
         {marker("m1"), version("v2", other)},
         Kind::copy_forward,
         any,
         "v1"},
        {"a version that stands", below, {version("v1")}, Kind::none, RestoreResult::standing, ""}}) {
    const ReturnStep step = step_of(row.remains, row.history);
    EXPECT_EQ(step.kind, row.kind) << row.name;
    const std::string id = row.kind == Kind::remove_marker  ? step.marker_id
                           : row.kind == Kind::copy_forward ? step.version_id
                                                            : std::string();
    EXPECT_EQ(id, row.id) << row.name;
    if (row.kind == Kind::none) {
      EXPECT_EQ(step.outcome.result, row.result) << row.name;
    }
  }
  Remains null_marker = ours;
  null_marker.marker_id = "null";
  EXPECT_EQ(step_of(null_marker, {marker("null"), version("v1")}).kind, Kind::copy_forward)
      << "the next upload takes over that id";
}

TEST(History, TellsWhatRemainsOfAKey) {
  EXPECT_FALSE(remains_of_history({}));
  EXPECT_FALSE(remains_of_history({version("v1")}));
  EXPECT_FALSE(remains_of_history({marker("m1"), marker("m0")}));
  const auto one = remains_of_history({marker("m1"), version("v2"), version("v1")});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->place, Remains::Place::marker);
  EXPECT_EQ(one->marker_id, "m1");
  EXPECT_EQ(one->version_id, "v2");
  EXPECT_EQ(one->object.etag, version("v2").object.etag);
  const auto two = remains_of_history({marker("m2"), marker("m1"), version("v1")});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->place, Remains::Place::version);
  EXPECT_EQ(two->version_id, "v1");
  const auto without_id = remains_of_history({marker("null"), version("v1")});
  ASSERT_TRUE(without_id);
  EXPECT_EQ(without_id->place, Remains::Place::version);
}

TEST(History, IsPutInOrderWhereTheStoreListsMarkersApart) {
  const auto ids = [](const Result<std::vector<KeyVersion>>& versions) {
    std::string text;
    if (!versions) return std::string(to_string(versions.error().code));
    for (const KeyVersion& one : *versions) text += one.object.version_id + " ";
    return text;
  };
  const auto at = [](KeyVersion one, const std::string& time, bool latest = false) {
    one.object.last_modified = *parse_rfc3339("2026-11-24T12:00:" + time + "Z");
    one.is_latest = latest;
    return one;
  };
  const KeyVersion v1 = at(version("v1"), "01"), v3 = at(version("v3"), "03"), m2 = at(marker("m2"), "02");
  const KeyVersion m4 = at(marker("m4"), "04", true), m3 = at(marker("m3"), "03");
  EXPECT_EQ(ids(in_order({})), "");
  EXPECT_EQ(ids(in_order({m4, v3, m2, v1})), "m4 v3 m2 v1 ");
  EXPECT_EQ(ids(in_order({v3, v1, m4, m2})), "m4 v3 m2 v1 ");
  EXPECT_EQ(ids(in_order({v3, v1, m4, m3})), "m4 m3 v3 v1 ") << "v3 and m3 of one second";
  EXPECT_EQ(ids(in_order({v3, v1})), "corrupt") << "none is the latest";
  EXPECT_EQ(ids(in_order({m4, at(version("v5"), "05", true)})), "corrupt") << "two are the latest";
  EXPECT_EQ(ids(in_order({m4, at(version("v5"), "05")})), "m4 v5 ")
      << "an upload in parts is dated by its beginning: the store's order counts";
}

TEST(History, JudgesWhatStandsByWhatCanTell) {
  const std::string other = "92eb5ffee6ae2fec3ad71c777531578f";
  EXPECT_TRUE(is_as_before(object("a"), object("a")));
  EXPECT_FALSE(is_as_before(object("a"), object("a", other)));
  EXPECT_FALSE(is_as_before(object("a"), object("a", object("a").etag, 8)));
  EXPECT_TRUE(is_as_before(object("a", other + "-2"), object("a"))) << "a copy of an upload in parts";
}

}  // namespace
}  // namespace flotsam::test
