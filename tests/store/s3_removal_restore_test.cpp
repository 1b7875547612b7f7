// Bringing objects of a bucket back: never over something newer, never at the price of a version.

#include "store/s3_removal_fixture.h"

namespace flotsam::test {
namespace {

using Names = std::vector<std::string>;

class S3Returns : public S3Removal {
 protected:
  struct Deleted {
    Object object;
    std::string marker_id;
  };
  Deleted put_and_delete(const std::string& key) {
    put(key);
    Object object = planned(key);
    return {std::move(object), s3().remove(key)};
  }
  RestoreOutcome undelete(const Deleted& deleted, Restorer::Mode mode = Restorer::Mode::really) {
    return restore(marker_of(deleted.object, deleted.marker_id), mode);
  }
  /// "vm": a version on top of a marker.
  std::string history(const std::string& key) {
    std::string text;
    for (const FakeVersion& version : s3().versions(key)) text += version.is_marker ? 'm' : 'v';
    return text;
  }
  std::vector<std::optional<Remains>> find(const Names& keys) {
    std::vector<Key> asked;
    for (const std::string& key : keys) asked.emplace_back(key);
    auto found = restorer()->find(asked);
    EXPECT_TRUE(found) << to_text(found.error());
    return found ? *found : std::vector<std::optional<Remains>>(keys.size());
  }
};

TEST_F(S3Returns, RemovesExactlyItsMarker) {
  start_versioned();
  const Deleted one = put_and_delete("a/1");
  put_and_delete("a/1/x");
  put_and_delete("a/2");
  EXPECT_EQ(undelete(one, Restorer::Mode::dry_run).result, RestoreResult::restored);
  EXPECT_EQ(s3().writes(), 0U);
  EXPECT_EQ(undelete(one).result, RestoreResult::restored);
  EXPECT_EQ(history("a/1"), "v");
  EXPECT_EQ(history("a/1/x"), "mv");
  EXPECT_EQ(history("a/2"), "mv");
  EXPECT_EQ(s3().requests(Operation::delete_version), 1U);
  EXPECT_EQ(s3().requests(Operation::copy), 0U);
  EXPECT_EQ(undelete(one).result, RestoreResult::standing);
  EXPECT_EQ(s3().requests(Operation::delete_version), 1U);
}

TEST_F(S3Returns, LeavesAloneWhatIsNewer) {
  start_versioned();
  const Deleted written = put_and_delete("a/written");
  put("a/written", "newer");
  const Deleted again = put_and_delete("a/again");
  s3().remove("a/again");
  const Deleted both = put_and_delete("a/both");
  put("a/both", "newer");
  s3().remove("a/both");
  for (const Deleted& deleted : {written, again, both}) {
    const std::string before = history(deleted.object.key.bytes());
    const RestoreOutcome outcome = undelete(deleted);
    EXPECT_EQ(outcome.result, RestoreResult::superseded) << deleted.object.key.bytes();
    EXPECT_FALSE(outcome.message.empty());
    EXPECT_EQ(history(deleted.object.key.bytes()), before);
  }
  EXPECT_EQ(s3().writes(), 0U);
}

TEST_F(S3Returns, SaysLostWhereTheVersionIsAway) {
  start_versioned();
  const Deleted away = put_and_delete("a/away");
  s3().erase("a/away", s3().versions("a/away").back().version_id);
  const Deleted all = put_and_delete("a/all");
  s3().erase("a/all");
  put("a/other", "older bytes");
  const Deleted other = put_and_delete("a/other");
  s3().erase("a/other", s3().versions("a/other")[1].version_id);
  for (const Deleted& deleted : {away, all, other}) {
    EXPECT_EQ(undelete(deleted).result, RestoreResult::lost) << deleted.object.key.bytes();
    EXPECT_FALSE(undelete(deleted).message.empty());
  }
  EXPECT_EQ(s3().writes(), 0U);
}

TEST_F(S3Returns, CopiesForwardWhereMarkersMayNotBeRemoved) {
  for (const std::uint64_t copy_bytes_max : {1000U, 2U}) {
    SCOPED_TRACE(copy_bytes_max);
    start_versioned();
    s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::delete_version}; });
    FakeObject object;
    object.body = "some bytes";
    object.headers = {{"content-type", "image/webp"}};
    object.metadata = {{"owner", "somebody"}};
    object.tags = {{"a", "b c"}};
    s3().put("a/1", object);
    const Object plan = planned("a/1");
    const Remains remains = marker_of(plan, s3().remove("a/1"));
    const auto back = restorer({.connections = 2, .copy_bytes_max = copy_bytes_max});
    const auto outcome = back->restore(std::span(&remains, 1), Restorer::Mode::really).front();
    EXPECT_EQ(outcome.result, RestoreResult::restored) << outcome.message;
    EXPECT_EQ(history("a/1"), "vmv");
    EXPECT_EQ(s3().body("a/1"), "some bytes");
    EXPECT_EQ(s3().object("a/1").metadata, object.metadata);
    EXPECT_EQ(s3().object("a/1").tags, object.tags);
    EXPECT_EQ(s3().object("a/1").headers.at("content-type"), "image/webp");
    // The etag of a copy in parts does not tell that the bytes are those of before.
    EXPECT_EQ(back->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
              copy_bytes_max == 2U ? RestoreResult::superseded : RestoreResult::standing);
  }
}

TEST_F(S3Returns, CopiesForwardUnderSeveralMarkers) {
  start_versioned();
  put_and_delete("a/1");
  s3().remove("a/1");
  const auto found = find({"a/1"});
  ASSERT_TRUE(found[0]);
  EXPECT_EQ(found[0]->place, Remains::Place::version);
  EXPECT_EQ(restore(*found[0], Restorer::Mode::dry_run).result, RestoreResult::restored);
  EXPECT_EQ(s3().writes(), 0U);
  EXPECT_EQ(restore(*found[0]).result, RestoreResult::restored);
  EXPECT_EQ(history("a/1"), "vmmv");
  EXPECT_EQ(s3().requests(Operation::delete_version), 0U);
  EXPECT_EQ(restore(*found[0]).result, RestoreResult::standing);
}

TEST_F(S3Returns, RemovesNoMarkerWithoutAnIdOfItsOwn) {
  start_versioned();
  put("a/1");
  s3().change([](FakeS3Settings& settings) { settings.versioning = "Suspended"; });
  ASSERT_EQ(s3().remove("a/1"), "null");
  const auto found = find({"a/1"});
  ASSERT_TRUE(found[0]);
  EXPECT_EQ(found[0]->place, Remains::Place::version);
  Remains remains = *found[0];
  remains.place = Remains::Place::marker;  // as a journal might say
  EXPECT_EQ(restore(remains).result, RestoreResult::restored);
  EXPECT_EQ(s3().requests(Operation::delete_version), 0U);
  EXPECT_EQ(s3().body("a/1"), "a/1\n");
}

TEST_F(S3Returns, NeverCopiesOverWhatComesMeanwhile) {
  start_versioned();
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::delete_version}; });
  const Deleted deleted = put_and_delete("a/1");
  s3().on_request([&](Operation operation, unsigned) {
    if (operation == Operation::copy && !s3().stands("a/1")) put("a/1", "written meanwhile");
  });
  EXPECT_EQ(undelete(deleted).result, RestoreResult::superseded);
  EXPECT_EQ(s3().body("a/1"), "written meanwhile");
}

TEST_F(S3Returns, NeverCompletesALongCopyOverWhatCameMeanwhile) {
  for (const Condition condition : {Condition::honoured, Condition::ignored}) {
    for (const Operation moment : {Operation::multipart_create, Operation::multipart_part}) {
      start({.copy_if_none_match = condition, .part_bytes_min = 1});
      const auto objects = put_and_plan({"a/1"});
      put(place_of("a/1"), "a/1\n");
      s3().erase("a/1");
      s3().on_request([&](Operation operation, unsigned number) {
        if (operation == moment && number == 1) put("a/1", "written meanwhile");
      });
      const Remains remains = quarantined(objects[0]);
      const auto outcome = restorer({.connections = 1, .copy_bytes_max = 2, .copy_part_bytes = 2})
                               ->restore(std::span(&remains, 1), Restorer::Mode::really)
                               .front();
      EXPECT_EQ(outcome.result, RestoreResult::superseded) << outcome.message;
      EXPECT_EQ(s3().body("a/1"), "written meanwhile");
      EXPECT_TRUE(s3().stands(place_of("a/1")));
      EXPECT_EQ(s3().uploads(), 0U);
    }
  }
}

TEST_F(S3Returns, SendsACopyToTheKeyItselfOnce) {
  for (const Fault fault : {Fault::lost_answer, Fault::cut_connection, Fault::status_500, Fault::slow_down}) {
    start();
    const auto objects = put_and_plan({"a/1"});
    put(place_of("a/1"), "a/1\n");
    s3().erase("a/1");
    s3().misbehave(Operation::copy, fault);
    const RestoreOutcome outcome = restore(quarantined(objects[0]));
    EXPECT_EQ(outcome.result, fault == Fault::lost_answer ? RestoreResult::restored : RestoreResult::failed);
    EXPECT_EQ(s3().requests(Operation::copy), 1U);
  }
}

TEST_F(S3Returns, CopiesOnStoresThatKnowNoConditionOnCopies) {
  for (const Condition condition : {Condition::ignored, Condition::not_implemented}) {
    start();
    s3().change([&](FakeS3Settings& settings) { settings.copy_if_none_match = condition; });
    put("a/1");
    const Object plan = planned("a/1");
    put(place_of("a/1"), "a/1\n");
    s3().erase("a/1");
    EXPECT_EQ(restore(quarantined(plan)).result, RestoreResult::restored);
    EXPECT_EQ(s3().body("a/1"), "a/1\n");
  }
}

TEST_F(S3Returns, LooksBeforeItPutsBackFromTheQuarantine) {
  start();
  put("a/1");
  const Object plan = planned("a/1");
  put(place_of("a/1"), "a/1\n");
  EXPECT_EQ(restore(quarantined(plan), Restorer::Mode::dry_run).result, RestoreResult::standing);
  EXPECT_TRUE(s3().stands(place_of("a/1")));
  EXPECT_EQ(restore(quarantined(plan)).result, RestoreResult::standing);
  EXPECT_FALSE(s3().stands(place_of("a/1"))) << "the end of a restore that was cut short";

  put(place_of("a/1"), "a/1\n");
  put("a/1", "newer");
  EXPECT_EQ(restore(quarantined(plan)).result, RestoreResult::superseded);
  EXPECT_TRUE(s3().stands(place_of("a/1")));
  EXPECT_EQ(s3().body("a/1"), "newer");

  s3().erase("a/1");
  put(place_of("a/1"), "spoilt");
  EXPECT_EQ(restore(quarantined(plan)).result, RestoreResult::lost);
  EXPECT_FALSE(s3().stands("a/1"));
  s3().erase(place_of("a/1"));
  EXPECT_EQ(restore(quarantined(plan)).result, RestoreResult::lost);

  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::head}; });
  EXPECT_EQ(restore(quarantined(plan)).result, RestoreResult::failed) << "a refusal is no proof of absence";
}

TEST_F(S3Returns, KeepsACopyThatNothingProvesToBeASecondOne) {
  start();
  FakeObject object;
  object.body = "some bytes";
  object.etag = "9a0364b9e99bb480dd25e1f0284c8556-2";
  s3().put("a/1", object);
  put(place_of("a/1"), "other byte");
  EXPECT_EQ(restore(quarantined(planned("a/1"))).result, RestoreResult::standing);
  EXPECT_TRUE(s3().stands(place_of("a/1")));
}

TEST_F(S3Returns, SaysWhatCannotBeRestored) {
  start_versioned();
  const Deleted deleted = put_and_delete("a/1");
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::list_versions}; });
  RestoreOutcome outcome = undelete(deleted);
  EXPECT_EQ(outcome.result, RestoreResult::failed);
  EXPECT_EQ(outcome.code, "AccessDenied");
  s3().change(
      [](FakeS3Settings& settings) { settings.denied = {Operation::delete_version, Operation::copy}; });
  outcome = undelete(deleted);
  EXPECT_EQ(outcome.result, RestoreResult::failed);
  EXPECT_EQ(history("a/1"), "mv");
  Remains own = marker_of(deleted.object, deleted.marker_id);
  own.object.key = Key(std::string(".flotsam-state/a"));
  EXPECT_EQ(restore(own).code, "OwnKey");
  Remains nowhere = quarantined(deleted.object);
  nowhere.run_id = "../x";
  EXPECT_EQ(restore(nowhere).code, "NoRun");
  const auto without = open_s3_restorer(s3().options(), std::nullopt, context());
  const Remains remains = quarantined(deleted.object);
  EXPECT_EQ((*without)->restore(std::span(&remains, 1), Restorer::Mode::really).front().code, "NoQuarantine");
}

TEST_F(S3Returns, ArchivedVersionsAreNotCopiedBlindly) {
  start_versioned();
  FakeObject object;
  object.body = "cold";
  object.storage_class = "DEEP_ARCHIVE";
  s3().put("a/1", object);
  const Object plan = planned("a/1");
  const Deleted deleted{plan, s3().remove("a/1")};
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::delete_version}; });
  EXPECT_EQ(undelete(deleted).code, "InvalidObjectState");
  s3().change([](FakeS3Settings& settings) { settings.denied.clear(); });
  EXPECT_EQ(undelete(deleted).result, RestoreResult::restored) << "a marker can go, whatever lies below";
}

TEST_F(S3Returns, NoFaultCostsAByte) {
  for (const bool versions : {true, false}) {
    for (const Operation operation : {Operation::list_versions, Operation::head, Operation::delete_version,
                                      Operation::copy, Operation::delete_one}) {
      for (const Fault fault : {Fault::cut_connection, Fault::cut_body, Fault::status_500, Fault::slow_down,
                                Fault::error_in_200, Fault::truncated_xml, Fault::empty_body,
                                Fault::other_root, Fault::denied, Fault::lost_answer, Fault::done_then_500}) {
        for (unsigned n = 1; n <= 3; ++n) {
          SCOPED_TRACE(fmt::format("versions {} operation {} fault {} number {}", versions,
                                   static_cast<int>(operation), static_cast<int>(fault), n));
          start({.versioning = versions ? "Enabled" : ""});
          put("a/1");
          const Object plan = planned("a/1");
          Remains remains = quarantined(plan);
          if (versions) {
            remains = marker_of(plan, s3().remove("a/1"));
          } else {
            put(place_of("a/1"), "a/1\n");
            s3().erase("a/1");
          }
          s3().misbehave(operation, fault, n);
          const RestoreOutcome first = restore(remains);
          if (first.result == RestoreResult::restored) {
            EXPECT_EQ(s3().body("a/1"), "a/1\n");
          }
          EXPECT_NE(first.result, RestoreResult::superseded) << first.message;
          EXPECT_NE(first.result, RestoreResult::lost) << first.message;
          s3().behave();
          const RestoreOutcome second = restore(remains);
          EXPECT_TRUE(second.result == RestoreResult::restored || second.result == RestoreResult::standing)
              << second.message;
          EXPECT_EQ(s3().body("a/1"), "a/1\n");
        }
      }
    }
  }
}

TEST_F(S3Returns, FindsTheNewestThatCanBeBroughtBack) {
  start_versioned();
  put("a/stands");
  put_and_delete("a/marker");
  put("a/two", "old");
  put_and_delete("a/two");
  s3().erase("a/nothing-left");
  s3().remove("a/only marker");
  put(place_of("a/quarantined"), "moved");
  put_and_delete("a/marker/below");
  const auto found =
      find({"a/stands", "a/marker", "a/two", "a/never", "a/only marker", "a/quarantined", "a/mark"});
  EXPECT_FALSE(found[0]);
  ASSERT_TRUE(found[1] && found[2]);
  EXPECT_EQ(found[1]->place, Remains::Place::marker);
  EXPECT_EQ(found[1]->marker_id, s3().versions("a/marker").front().version_id);
  EXPECT_EQ(found[1]->version_id, s3().versions("a/marker").back().version_id);
  EXPECT_EQ(found[1]->object.size_bytes, std::string("a/marker\n").size());
  EXPECT_EQ(found[2]->object.size_bytes, std::string("a/two\n").size());
  EXPECT_FALSE(found[3]);
  EXPECT_FALSE(found[4]);
  ASSERT_TRUE(found[5]);
  EXPECT_EQ(found[5]->place, Remains::Place::quarantine);
  EXPECT_EQ(found[5]->run_id, kRun);
  EXPECT_EQ(found[5]->object.key.bytes(), "a/quarantined");
  EXPECT_FALSE(found[6]);
  EXPECT_EQ(s3().writes(), 0U);
}

TEST_F(S3Returns, FindsNothingProvedWhereVersionsCannotBeRead) {
  start_versioned();
  put_and_delete("a/1");
  const std::vector<Key> keys = {Key(std::string("a/1"))};
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::list_versions}; });
  const auto denied = restorer()->find(keys);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::permission_denied);
  s3().change([](FakeS3Settings& settings) {
    settings.denied.clear();
    settings.not_implemented = {Operation::list_versions};
  });
  const auto without = open_s3_restorer(s3().options(), std::nullopt, context());
  const auto refused = (*without)->find(keys);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  const auto nowhere = restorer()->find(keys);
  ASSERT_TRUE(nowhere);
  EXPECT_FALSE(nowhere->front());
  put(place_of("a/1"), "moved");
  put("a/2");
  const auto found = find({"a/1", "a/2"});
  ASSERT_TRUE(found[0]);
  EXPECT_EQ(found[0]->place, Remains::Place::quarantine);
  EXPECT_FALSE(found[1]);
}

TEST_F(S3Returns, ReadsHistoriesOfManyPagesAndNeighbours) {
  start_versioned();
  s3().change([](FakeS3Settings& settings) { settings.page_keys_max = 2; });
  for (int i = 0; i < 5; ++i) put_and_delete("a/1");
  for (int i = 0; i < 5; ++i) s3().remove("a/1");
  put_and_delete("a/1 ");
  put_and_delete("a/1+%\n");
  put("a/10");
  const auto found = find({"a/1", "a/1 ", "a/1+%\n"});
  ASSERT_TRUE(found[0] && found[1] && found[2]);
  EXPECT_EQ(found[0]->place, Remains::Place::version);
  EXPECT_EQ(found[0]->version_id, s3().versions("a/1")[6].version_id);
  EXPECT_EQ(found[1]->place, Remains::Place::marker);
  EXPECT_EQ(found[2]->marker_id, s3().versions("a/1+%\n").front().version_id);
}

TEST_F(S3Returns, TrustsNoListOfVersionsThatLies) {
  start_versioned();
  Deleted deleted = put_and_delete("a/1");
  unsigned refused = 0;
  for (const Fault fault : {Fault::doctype, Fault::wrong_name, Fault::wrong_prefix, Fault::no_is_truncated,
                            Fault::bad_is_truncated, Fault::not_xml, Fault::other_root, Fault::status_500,
                            Fault::truncated_xml, Fault::wrong_encoding_echo}) {
    s3().behave();
    s3().misbehave(Operation::list_versions, fault, 1, FakeS3::kForever);
    const RestoreOutcome outcome = undelete(deleted);
    if (outcome.result == RestoreResult::failed) ++refused;
    EXPECT_TRUE(outcome.result == RestoreResult::failed || outcome.result == RestoreResult::restored);
    s3().erase("a/1");
    deleted = put_and_delete("a/1");
  }
  EXPECT_GE(refused, 6U);
}

}  // namespace
}  // namespace flotsam::test
