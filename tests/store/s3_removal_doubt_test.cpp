// Answers that say less than they seem to: a request that was carried out and then sent on once more, a HEAD
// without a body, an etag that tells nothing of the bytes, a lock that cannot be read. None of them may cost
// the last copy of anything, or be taken for a proof.

#include "store/s3_removal_fixture.h"

namespace flotsam::test {
namespace {

using Names = std::vector<std::string>;

class S3RemovalDoubts : public S3Removal {
 protected:
  RemoveOutcome move(const Object& object, DeleteCondition condition = DeleteCondition::none) {
    return remover({.connections = 1})
        ->remove(std::span(&object, 1), by(DeleteMethod::quarantine, condition))
        .front();
  }
  /// Just before request `number` of an operation is answered.
  void at(Operation moment, unsigned number, std::function<void()> happens) {
    s3().on_request([moment, number, happens = std::move(happens)](Operation operation, unsigned n) {
      if (operation == moment && n == number) happens();
    });
  }
  FakeObject in_parts(const std::string& bytes,
                      const std::string& etag = "9a0364b9e99bb480dd25e1f0284c8556-2") {
    FakeObject object;
    object.body = bytes;
    object.etag = etag;
    return object;
  }
  void lose_bucket() {
    s3().change([](FakeS3Settings& settings) { settings.bucket = "elsewhere"; });
  }
  static Names states_of(const Result<std::vector<Look>>& looks) {
    if (!looks) return {std::string("error ") + looks.error().service_code};
    Names found;
    for (const Look& look : *looks) found.emplace_back(to_string(look.state));
    return found;
  }
};

TEST_F(S3RemovalDoubts, AMoveWhoseDeletionWasSentOnTwiceIsAMove) {
  struct Row {
    const char* name;
    DeleteCondition condition;
    int conditional_status, status;
  };
  for (const Row& row : {Row{"404 to a condition", DeleteCondition::single, 404, 204},
                         {"412 to a condition", DeleteCondition::single, 412, 204},
                         {"404 without one", DeleteCondition::none, 404, 404}}) {
    SCOPED_TRACE(row.name);
    start({.missing_delete_status = row.status, .missing_conditional_status = row.conditional_status});
    const auto objects = put_and_plan({"a/1"});
    at(Operation::delete_one, 1, [&] { s3().erase("a/1"); });  // as the first of the two does
    EXPECT_EQ(move(objects[0], row.condition).result, RemoveResult::removed);
    EXPECT_EQ(s3().body(place_of("a/1")), "a/1\n") << "the only copy";
    EXPECT_EQ(s3().requests(Operation::delete_one), 1U);
  }
}

TEST_F(S3RemovalDoubts, WhatAnotherRunOfThePlanMovedKeepsItsCopy) {
  for (const unsigned number : {3U, 2U}) {  // the look before the deletion, the look at the copy
    start();
    const auto objects = put_and_plan({"a/1"});
    at(Operation::head, number, [&] { s3().erase("a/1"); });
    EXPECT_EQ(move(objects[0]).result, RemoveResult::removed);
    EXPECT_EQ(s3().body(place_of("a/1")), "a/1\n");
    EXPECT_EQ(s3().deletes(), 0U);
  }
}

TEST_F(S3RemovalDoubts, ACopyOfWhatWasOverwrittenStaysAndIsNamed) {
  start();
  const auto objects = put_and_plan({"a/1"});
  at(Operation::delete_one, 1, [&] { put("a/1", "written since"); });
  const RemoveOutcome outcome = move(objects[0], DeleteCondition::single);
  EXPECT_EQ(outcome.result, RemoveResult::changed);
  EXPECT_EQ(outcome.code, "CopyLeft");
  EXPECT_NE(outcome.message.find("s3://bucket/" + place_of("a/1")), std::string::npos) << outcome.message;
  EXPECT_EQ(s3().body("a/1"), "written since");
  EXPECT_EQ(s3().body(place_of("a/1")), "a/1\n");
}

TEST_F(S3RemovalDoubts, NoCopyGoesWhereTheOriginalCannotBeSeen) {
  struct Row {
    const char* name;
    bool carried_out;
    RemoveResult result;
  };
  for (const Row& row : {Row{"404 that may be an echo", true, RemoveResult::unknown},
                         {"denied", false, RemoveResult::failed}}) {
    SCOPED_TRACE(row.name);
    start();
    const auto objects = put_and_plan({"a/1"});
    s3().misbehave(Operation::head, Fault::denied, 4, FakeS3::kForever);
    if (row.carried_out) {
      at(Operation::delete_one, 1, [&] { s3().erase("a/1"); });
    } else {
      s3().misbehave(Operation::delete_one, Fault::denied);
    }
    const RemoveOutcome outcome = move(objects[0], DeleteCondition::single);
    EXPECT_EQ(outcome.result, row.result);
    EXPECT_NE(outcome.message.find(place_of("a/1")), std::string::npos) << outcome.message;
    EXPECT_TRUE(s3().stands(place_of("a/1")));
    EXPECT_EQ(s3().requests(Operation::delete_one), 1U);
  }
}

TEST_F(S3RemovalDoubts, WhatLiesInThePlaceOfACopyIsLeftWhereNothingStandsAnyMore) {
  start();
  const auto objects = put_and_plan({"a/1"});
  at(Operation::head, 2, [&] {
    put(place_of("a/1"), "other bytes");
    s3().erase("a/1");
  });
  const RemoveOutcome outcome = move(objects[0]);
  EXPECT_EQ(outcome.result, RemoveResult::gone);
  EXPECT_EQ(outcome.code, "CopyLeft");
  EXPECT_EQ(s3().body(place_of("a/1")), "other bytes");
}

TEST_F(S3RemovalDoubts, ADeletionByMarkerThatWasSentOnTwiceIsOurs) {
  struct Row {
    const char* name;
    DeleteCondition condition;
    Operation operation;
    int status;
  };
  for (const Row& row : {Row{"single, 404", DeleteCondition::single, Operation::delete_one, 404},
                         {"single, 412", DeleteCondition::single, Operation::delete_one, 412},
                         {"batch, 404", DeleteCondition::batch, Operation::delete_batch, 404},
                         {"batch, 412", DeleteCondition::batch, Operation::delete_batch, 412}}) {
    SCOPED_TRACE(row.name);
    start({.versioning = "Enabled", .missing_conditional_status = row.status});
    const auto objects = put_and_plan({"a/1", "a/2", "a/3"});
    std::string marker;
    at(row.operation, 1, [&] {
      marker = s3().remove("a/1");
      put("a/2", "other bytes");
      s3().remove("a/2");
    });
    const auto outcomes =
        remover({.connections = 1})->remove(objects, by(DeleteMethod::version, row.condition));
    // Of the second another version was deleted, by somebody else.
    EXPECT_EQ(names(outcomes), (Names{"removed", "gone", "removed"}));
    EXPECT_EQ(outcomes[0].marker_id, marker);
    EXPECT_EQ(outcomes[0].version_id, s3().versions("a/1").back().version_id);
    EXPECT_EQ(s3().deletes(), 3U);
  }
}

TEST_F(S3RemovalDoubts, ADenialWithoutAHistoryIsUnknown) {
  start_versioned();
  const auto objects = put_and_plan({"a/1"});
  at(Operation::delete_one, 1, [&] { s3().remove("a/1"); });
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::list_versions}; });
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::version, DeleteCondition::single))),
            Names{"unknown"});
}

TEST_F(S3RemovalDoubts, AConditionThatFailsOverAnUnchangedObjectIsNotTriedAgain) {
  start({.versioning = "Enabled", .delete_if_match = Condition::always_412});
  const auto objects = put_and_plan({"a/1"});
  const auto outcomes = remover()->remove(objects, by(DeleteMethod::version, DeleteCondition::single));
  EXPECT_EQ(names(outcomes), Names{"changed"});
  EXPECT_FALSE(outcomes[0].retryable);
}

TEST_F(S3RemovalDoubts, WhatStandsNoMoreAfterADeletionForGoodWasRemoved) {
  for (const auto condition : {DeleteCondition::none, DeleteCondition::single}) {
    start({.missing_delete_status = 404});
    const auto objects = put_and_plan({"a/1", "a/2"});
    at(condition == DeleteCondition::none ? Operation::delete_batch : Operation::delete_one, 1,
       [&] { s3().erase("a/1"); });
    const auto outcomes =
        remover({.connections = 1})->remove(objects, by(DeleteMethod::permanent, condition));
    EXPECT_EQ(names(outcomes), Names(2, "removed"));
  }
}

TEST_F(S3RemovalDoubts, AMissingBucketIsNoProofOfAbsence) {
  start();
  const auto objects = put_and_plan({"a/1", "a/2"});
  const auto opened = remover();
  const auto back = restorer();
  ASSERT_TRUE(opened->prepare(by(DeleteMethod::quarantine)));
  lose_bucket();
  EXPECT_EQ(states_of(opened->look(objects)), Names{"error NoSuchBucket"});
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent, DeleteMethod::version})
    EXPECT_EQ(names(opened->reconcile(objects, by(method), SystemClock().now())), Names(2, "unknown"));
  const auto moved = opened->remove(objects, by(DeleteMethod::quarantine));
  EXPECT_EQ(names(moved), Names(2, "failed"));
  EXPECT_EQ(moved[0].code, "NoSuchBucket");
  const Remains remains = quarantined(objects[0]);
  const auto outcome = back->restore(std::span(&remains, 1), Restorer::Mode::really).front();
  EXPECT_EQ(outcome.result, RestoreResult::failed);
  EXPECT_EQ(outcome.code, "NoSuchBucket");
  const QuarantinedObject left{kRun, Key(std::string("a/1")), objects[0]};
  EXPECT_EQ(names(opened->discard(std::span(&left, 1))), Names{"failed"});
}

TEST_F(S3RemovalDoubts, AMissingBucketOfTheQuarantineLosesNothing) {
  start();
  const auto objects = put_and_plan({"a/1"});
  s3().erase("a/1");
  const std::string url = "s3://another/.flotsam-quarantine/";
  const auto opened = open_s3_remover(s3().options(), url, context(), {.connections = 1});
  const auto told = (*opened)->reconcile(objects, by(DeleteMethod::quarantine), SystemClock().now());
  EXPECT_EQ(names(told), Names{"unknown"});
  EXPECT_EQ(told[0].code, "NoSuchBucket");
  const auto back = open_s3_restorer(s3().options(), url, context(), {.connections = 1});
  const Remains remains = quarantined(objects[0]);
  EXPECT_EQ((*back)->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
            RestoreResult::failed);
}

TEST_F(S3RemovalDoubts, ABucketIsProvedOnceACall) {
  start();
  const auto objects = put_and_plan({"a/1", "a/2", "a/3"});
  for (const Object& object : objects) s3().erase(object.key.bytes());
  const auto opened = remover();
  EXPECT_EQ(states_of(opened->look(objects)), Names(3, "gone"));
  EXPECT_EQ(s3().listings(), 1U);
  EXPECT_EQ(names(opened->reconcile(objects, by(DeleteMethod::permanent), SystemClock().now())),
            Names(3, "removed"));
  EXPECT_EQ(s3().listings(), 2U);
  for (const Fault fault : {Fault::denied, Fault::wrong_name, Fault::not_xml, Fault::other_root}) {
    s3().misbehave(Operation::list, fault, 1, FakeS3::kForever);
    EXPECT_EQ(states_of(opened->look(objects)), Names(3, "unknown")) << static_cast<int>(fault);
    EXPECT_EQ(names(opened->reconcile(objects, by(DeleteMethod::permanent), SystemClock().now())),
              Names(3, "unknown"));
    s3().behave();
  }
}

TEST_F(S3RemovalDoubts, FindsNothingProvedLostWhereTheBucketIsNotProved) {
  start();
  s3().change([](FakeS3Settings& settings) { settings.not_implemented = {Operation::list_versions}; });
  s3().misbehave(Operation::list, Fault::wrong_name, 1, 1);
  const std::vector<Key> keys = {Key(std::string("a/1"))};
  EXPECT_FALSE(restorer()->find(keys));
  const auto found = restorer()->find(keys);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->front());
}

TEST_F(S3RemovalDoubts, ALockThatCannotBeReadIsLookedForAtEachObject) {
  const auto row = [&] {
    Names keys;
    for (int i = 0; i < 40; ++i) keys.push_back(fmt::format("a/{:02}", i));
    return put_and_plan(keys);
  };
  for (const bool as_listing : {false, true}) {
    start({.versioning = "Enabled",
           .object_lock = true,
           .settings_denied = !as_listing,
           .settings_as_listing = as_listing});
    const auto objects = row();
    s3().hold("a/07");
    s3().retain("a/08", "2999-01-01T00:00:00Z");
    Names expected(40, "same");
    expected[7] = expected[8] = "held";
    EXPECT_EQ(states_of(remover()->look(objects)), expected);
    EXPECT_EQ(s3().requests(Operation::get_legal_hold), 38U);
    s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::get_legal_hold}; });
    expected.assign(40, "held");
    EXPECT_EQ(states_of(remover()->look(objects)), expected);
  }
  start({.settings_denied = true});  // no lock after all, and the objects say so
  EXPECT_EQ(states_of(remover()->look(row())), Names(40, "same"));
  start({.settings_missing = true});  // nor does the store know any
  EXPECT_EQ(states_of(remover()->look(row())), Names(40, "same"));
  EXPECT_EQ(s3().requests(Operation::get_retention), 0U);
}

TEST_F(S3RemovalDoubts, AnEqualSizeMakesNothingNewerTheObjectOfBefore) {
  struct Row {
    const char* name;
    const char* etag;
    const char* time;
    RestoreResult result;
  };
  const std::string old_etag = in_parts("").etag;
  for (const Row& row :
       {Row{"another etag", "9a0364b9e99bb480dd25e1f0284c8557-2", "2024-01-02T03:04:05.678Z",
            RestoreResult::superseded},
        {"a plain etag", "9a0364b9e99bb480dd25e1f0284c8557", "2024-01-02T03:04:05.678Z",
         RestoreResult::superseded},
        {"another time", old_etag.c_str(), "2024-01-02T03:04:06.678Z", RestoreResult::superseded}}) {
    SCOPED_TRACE(row.name);
    FakeObject newer = in_parts("the newer!", row.etag);
    newer.last_modified = row.time;
    start_versioned();
    s3().put("a/1", in_parts("some bytes"));
    const Object plan = planned("a/1");
    const std::string marker = s3().remove("a/1");
    s3().put("a/1", newer);
    EXPECT_EQ(restore(marker_of(plan, marker)).result, row.result) << "it stands there already";
    start_versioned();
    s3().put("a/1", in_parts("some bytes"));
    const std::string other_marker = s3().remove("a/1");
    at(Operation::delete_version, 1, [&] { s3().put("a/1", newer); });
    EXPECT_EQ(restore(marker_of(plan, other_marker)).result, row.result) << "it came meanwhile";
    start();
    s3().put("a/1", newer);
    s3().put(place_of("a/1"), in_parts("some bytes"));
    EXPECT_EQ(restore(quarantined(plan)).result, row.result) << "beside a copy";
    EXPECT_TRUE(s3().stands(place_of("a/1")));
  }
}

TEST_F(S3RemovalDoubts, AnotherVersionOfTheSameLooksIsNewer) {
  start_versioned();
  s3().put("a/1", in_parts("some bytes"));
  Object plan = planned("a/1");
  plan.version_id = s3().versions("a/1").front().version_id;
  const std::string marker = s3().remove("a/1");
  Remains remains = marker_of(plan, marker);
  remains.version_id = plan.version_id;
  s3().put("a/1", in_parts("the newer!"));
  EXPECT_EQ(restore(remains).result, RestoreResult::superseded);
  s3().erase("a/1", s3().versions("a/1").front().version_id);
  EXPECT_EQ(restore(remains).result, RestoreResult::restored);
  EXPECT_EQ(restore(remains).result, RestoreResult::standing);
}

TEST_F(S3RemovalDoubts, ACopyThatMayBeTheLastStaysWhereTheAnswerToItsReturnIsLost) {
  start();
  s3().put("a/1", in_parts("some bytes"));
  const Object plan = planned("a/1");
  s3().erase("a/1");
  s3().put(place_of("a/1"), in_parts("some bytes"));
  s3().misbehave(Operation::copy, Fault::cut_connection);
  at(Operation::copy, 1, [&] { s3().put("a/1", in_parts("the newer!")); });
  const RestoreOutcome outcome = restore(quarantined(plan));
  EXPECT_EQ(outcome.code, "NotProved");
  EXPECT_EQ(s3().body(place_of("a/1")), "some bytes");
}

TEST_F(S3RemovalDoubts, ADiscardedCopyMayStayAsAVersion) {
  for (const bool hides : {false, true}) {
    start({.versioning = "Enabled", .batch_hides_markers = hides});
    put(place_of("a/1"));
    const QuarantinedObject object{kRun, Key(std::string("a/1")), planned(place_of("a/1"))};
    const auto opened = remover();
    ASSERT_TRUE(opened->prepare(by(DeleteMethod::quarantine)));
    EXPECT_NE(log_.text().find("keeps versions"), std::string::npos) << log_.text();
    const auto outcomes = opened->discard(std::span(&object, 1));
    EXPECT_EQ(names(outcomes), Names{"removed"});
    EXPECT_EQ(outcomes[0].code, "VersionKept");
    EXPECT_FALSE(outcomes[0].message.empty());
  }
  start();
  put(place_of("a/1"));
  const QuarantinedObject object{kRun, Key(std::string("a/1")), planned(place_of("a/1"))};
  EXPECT_TRUE(remover()->discard(std::span(&object, 1)).front().code.empty());
}

TEST_F(S3RemovalDoubts, ADiscardThatWasSentOnTwiceIsDone) {
  start({.missing_delete_status = 404});
  put(place_of("a/1"));
  const QuarantinedObject object{kRun, Key(std::string("a/1")), planned(place_of("a/1"))};
  at(Operation::delete_batch, 1, [&] { s3().erase(place_of("a/1")); });
  EXPECT_EQ(names(remover()->discard(std::span(&object, 1))), Names{"removed"});
}

}  // namespace
}  // namespace flotsam::test
