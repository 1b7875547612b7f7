// A bucket that misbehaves while objects are deleted from it: nothing is sent twice, nothing is taken for
// done that is not, and whatever was done can be told and undone.

#include <algorithm>

#include "store/s3_removal_fixture.h"

namespace flotsam::test {
namespace {

using S3RemovalFaults = S3Removal;
using Names = std::vector<std::string>;

struct FaultRow {
  const char* name;
  Fault fault;
  RemoveResult result;
  bool retryable = false;
  bool throttled = false;
};

TEST_F(S3RemovalFaults, OfABatchAreToldAndSentOnce) {
  for (const FaultRow& row : {FaultRow{"cut connection", Fault::cut_connection, RemoveResult::unknown},
                              {"lost answer", Fault::lost_answer, RemoveResult::unknown},
                              {"cut body", Fault::cut_body, RemoveResult::unknown},
                              {"500", Fault::status_500, RemoveResult::unknown},
                              {"done, then 500", Fault::done_then_500, RemoveResult::unknown},
                              {"502 of a proxy", Fault::status_502_html, RemoveResult::unknown},
                              {"truncated XML", Fault::truncated_xml, RemoveResult::unknown},
                              {"no XML", Fault::not_xml, RemoveResult::unknown},
                              {"empty", Fault::empty_body, RemoveResult::unknown},
                              {"other root", Fault::other_root, RemoveResult::unknown},
                              {"Error in a 200", Fault::error_in_200, RemoveResult::unknown},
                              {"SlowDown", Fault::slow_down, RemoveResult::failed, true, true},
                              {"429", Fault::status_429, RemoveResult::failed, true, true},
                              {"denied", Fault::denied, RemoveResult::failed}}) {
    start_versioned();
    const auto objects = put_and_plan({"a/1", "a/2", "a/3"});
    s3().misbehave(Operation::delete_batch, row.fault);
    const auto outcomes = remover()->remove(objects, by(DeleteMethod::version));
    ASSERT_EQ(outcomes.size(), 3U);
    for (const RemoveOutcome& outcome : outcomes) {
      EXPECT_EQ(outcome.result, row.result) << row.name << ": " << outcome.code;
      EXPECT_EQ(outcome.retryable, row.retryable) << row.name;
      EXPECT_EQ(outcome.throttled, row.throttled) << row.name;
      EXPECT_FALSE(outcome.code.empty()) << row.name;
      EXPECT_FALSE(outcome.message.empty()) << row.name;
    }
    EXPECT_EQ(s3().requests(Operation::delete_batch), 1U) << row.name;
    EXPECT_EQ(s3().requests(Operation::delete_one), 0U) << row.name;
    EXPECT_LE(s3().versions("a/1").size(), 2U) << row.name;
    if (row.result == RemoveResult::failed) {
      EXPECT_TRUE(s3().stands("a/1")) << row.name;
    }
  }
}

TEST_F(S3RemovalFaults, OfASingleDeletionAreToldAndSentOnce) {
  for (const FaultRow& row : {FaultRow{"cut connection", Fault::cut_connection, RemoveResult::unknown},
                              {"lost answer", Fault::lost_answer, RemoveResult::unknown},
                              {"500", Fault::status_500, RemoveResult::unknown},
                              {"done, then 500", Fault::done_then_500, RemoveResult::unknown},
                              {"502 of a proxy", Fault::status_502_html, RemoveResult::unknown},
                              {"SlowDown", Fault::slow_down, RemoveResult::failed, true, true},
                              {"429", Fault::status_429, RemoveResult::failed, true, true},
                              {"conflict", Fault::conflict, RemoveResult::changed},
                              {"denied", Fault::denied, RemoveResult::failed}}) {
    start_versioned();
    const auto objects = put_and_plan({"a/1"});
    s3().misbehave(Operation::delete_one, row.fault);
    const auto outcomes = remover()->remove(objects, by(DeleteMethod::version, DeleteCondition::single));
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].result, row.result) << row.name << ": " << outcomes[0].code;
    EXPECT_EQ(outcomes[0].retryable, row.retryable) << row.name;
    EXPECT_EQ(outcomes[0].throttled, row.throttled) << row.name;
    EXPECT_EQ(s3().requests(Operation::delete_one), 1U) << row.name;
    EXPECT_LE(s3().versions("a/1").size(), 2U) << row.name;
  }
}

TEST_F(S3RemovalFaults, AnAnswerThatDoesNotNameAnObjectLeavesItUnknown) {
  for (const Fault fault : {Fault::drops_one, Fault::echoes_other_key}) {
    start_versioned();
    const auto objects = put_and_plan({"a/1", "a/2", "a/3"});
    s3().misbehave(Operation::delete_batch, fault);
    const Timestamp since = SystemClock().now();
    const auto opened = remover();
    EXPECT_EQ(names(opened->remove(objects, by(DeleteMethod::version))),
              (Names{"removed", "removed", "unknown"}));
    EXPECT_EQ(names(opened->reconcile(objects, by(DeleteMethod::version), since)),
              (Names{"removed", "removed", "removed"}));
  }
}

TEST_F(S3RemovalFaults, AHalfDoneBatchIsReconciledObjectByObject) {
  for (const DeleteMethod method : {DeleteMethod::version, DeleteMethod::permanent}) {
    start({.versioning = method == DeleteMethod::version ? "Enabled" : ""});
    const auto objects = put_and_plan({"a/1", "a/2", "a/3", "a/4"});
    s3().misbehave(Operation::delete_batch, Fault::half_done);
    const Timestamp since = SystemClock().now();
    const auto opened = remover();
    EXPECT_EQ(names(opened->remove(objects, by(method))), Names(4, "unknown"));
    const auto told = opened->reconcile(objects, by(method), since);
    EXPECT_EQ(names(told), (Names{"removed", "removed", "failed", "failed"}));
    EXPECT_EQ(s3().deletes(), 4U) << "reconciling deletes nothing";
    if (method != DeleteMethod::version) continue;
    EXPECT_EQ(told[0].marker_id, s3().versions("a/1").front().version_id);
    EXPECT_EQ(told[0].version_id, s3().versions("a/1").back().version_id);
  }
}

TEST_F(S3RemovalFaults, MarkersAreDatedByTheStoresClock) {
  start({.versioning = "Enabled", .clock_offset = std::chrono::minutes(14)});
  const auto objects = put_and_plan({"a/1"});
  s3().remove("a/1");
  const auto told_since = [&](std::chrono::minutes later) {
    return remover()
        ->reconcile(objects, by(DeleteMethod::version), SystemClock().now() + later)
        .front()
        .result;
  };
  EXPECT_EQ(told_since(std::chrono::minutes(0)), RemoveResult::removed);
  EXPECT_EQ(told_since(std::chrono::minutes(14)), RemoveResult::removed)
      << "a quarter of an hour is no proof";
  EXPECT_EQ(told_since(std::chrono::minutes(16)), RemoveResult::gone) << "older than the intent: another's";
}

TEST_F(S3RemovalFaults, EachKeyOfABatchHasItsOwnOutcome) {
  start_versioned();
  const auto objects = put_and_plan({"a/1", "a/2", "a/3", "a/4", "a/5"});
  s3().change([](FakeS3Settings& settings) {
    settings.batch_errors["a/1"] = {.code = "AccessDenied"};
    settings.batch_errors["a/2"] = {.code = "SlowDown"};
    settings.batch_errors["a/3"] = {.code = "InternalError"};
    settings.batch_errors["a/4"] = {.code = "PreconditionFailed"};
    settings.batch_reversed = true;
  });
  const auto outcomes = remover()->remove(objects, by(DeleteMethod::version));
  EXPECT_EQ(names(outcomes), (Names{"failed", "failed", "unknown", "changed", "removed"}));
  EXPECT_EQ(outcomes[0].code, "AccessDenied");
  EXPECT_TRUE(outcomes[1].throttled && outcomes[1].retryable);
  EXPECT_EQ(outcomes[4].marker_id, s3().versions("a/5").front().version_id);
  EXPECT_EQ(s3().requests(Operation::delete_batch), 1U);
}

TEST_F(S3RemovalFaults, AStoreWithoutBatchesIsServedOneByOne) {
  start({.versioning = "Enabled", .not_implemented = {Operation::delete_batch}});
  const auto opened = remover();
  EXPECT_EQ(names(opened->remove(put_and_plan({"a/1", "a/2"}), by(DeleteMethod::version))),
            Names(2, "removed"));
  EXPECT_EQ(names(opened->remove(put_and_plan({"a/3", "a/4"}), by(DeleteMethod::version))),
            Names(2, "removed"));
  const auto lines = s3().request_lines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) { return line.starts_with("POST "); }),
            1)
      << "tried once";
  EXPECT_EQ(s3().requests(Operation::delete_one), 4U);
}

TEST_F(S3RemovalFaults, ABatchWhoseBodyIsRefusedGoesOneByOne) {
  start({.versioning = "Enabled", .batch_condition = BatchCondition::malformed_xml});
  const auto opened = remover();
  const auto manner = by(DeleteMethod::version, DeleteCondition::batch);
  EXPECT_EQ(names(opened->remove(put_and_plan({"a/1", "a/2"}), manner)), Names(2, "removed"));
  EXPECT_EQ(s3().requests(Operation::delete_batch), 1U);
  EXPECT_EQ(s3().requests(Operation::delete_one), 2U);
}

TEST_F(S3RemovalFaults, HiddenMarkersAreFoundInTheHistoryAndBatchesAvoided) {
  start({.versioning = "Enabled", .batch_hides_markers = true});
  const auto opened = remover();
  const auto first = opened->remove(put_and_plan({"a/1", "a/2"}), by(DeleteMethod::version));
  EXPECT_EQ(names(first), Names(2, "removed"));
  EXPECT_EQ(first[0].marker_id, s3().versions("a/1").front().version_id);
  const auto second = opened->remove(put_and_plan({"a/3"}), by(DeleteMethod::version));
  EXPECT_EQ(second[0].marker_id, s3().versions("a/3").front().version_id);
  EXPECT_EQ(s3().requests(Operation::delete_batch), 1U);
  EXPECT_EQ(s3().requests(Operation::delete_one), 1U);
}

TEST_F(S3RemovalFaults, AnObjectThatAnotherHasDeletedIsGoneEvenWhereNothingSaysSo) {
  start({.versioning = "Enabled", .marker_over_marker = false});
  const auto objects = put_and_plan({"a/1", "a/2"});
  s3().on_request([&](Operation operation, unsigned) {
    if (operation == Operation::delete_batch) s3().remove("a/1");
  });
  const auto opened = remover();
  const auto outcomes = opened->remove(objects, by(DeleteMethod::version));
  // Its marker was made within the minute: who made it cannot be told. It is the one that brings it back.
  EXPECT_EQ(outcomes[0].marker_id, s3().versions("a/1").front().version_id);
  EXPECT_EQ(outcomes[1].result, RemoveResult::removed);
}

TEST_F(S3RemovalFaults, KeysThatXmlCannotCarryGoOneByOneAndTheOthersInABatch) {
  start_versioned();
  const auto objects = put_and_plan({"a/1", "a/\x01", "a/\xFF", "a/\xEF\xBF\xBF", "a/line\nbreak"});
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::version))), Names(5, "removed"));
  EXPECT_EQ(s3().requests(Operation::delete_batch), 1U);
  EXPECT_EQ(s3().requests(Operation::delete_one), 3U);
}

TEST_F(S3RemovalFaults, ARawCarriageReturnInTheAnswerStillNamesItsKey) {
  start({.versioning = "Enabled", .batch_raw_cr = true});
  const auto objects = put_and_plan({"a/1\r", "a/2"});
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::version))), Names(2, "removed"));
}

TEST_F(S3RemovalFaults, AConditionIsSentWhereItIsKnownToWork) {
  struct Row {
    const char* name;
    DeleteCondition condition;
    const char* overwritten;
    std::uint64_t batches, singles;
  };
  for (const Row& row : {Row{"none", DeleteCondition::none, "removed", 1, 0},
                         {"single", DeleteCondition::single, "changed", 0, 2},
                         {"batch", DeleteCondition::batch, "changed", 1, 0}}) {
    start_versioned();
    const auto objects = put_and_plan({"a/1", "a/2"});
    put("a/1", "other bytes");
    const auto outcomes = remover()->remove(objects, by(DeleteMethod::version, row.condition));
    EXPECT_EQ(names(outcomes), (Names{row.overwritten, "removed"})) << row.name;
    EXPECT_EQ(s3().requests(Operation::delete_batch), row.batches) << row.name;
    EXPECT_EQ(s3().requests(Operation::delete_one), row.singles) << row.name;
  }
}

TEST_F(S3RemovalFaults, DeletesNothingOnceVersioningIsSwitchedOff) {
  start_versioned();
  const auto opened = remover();
  ASSERT_TRUE(opened->prepare(by(DeleteMethod::version)));
  const auto objects = put_and_plan({"a/1"});
  s3().change([](FakeS3Settings& settings) { settings.versioning = "Suspended"; });
  const auto outcomes = opened->remove(objects, by(DeleteMethod::version));
  EXPECT_EQ(outcomes[0].result, RemoveResult::failed);
  EXPECT_EQ(outcomes[0].code, "VersioningChanged");
  EXPECT_EQ(s3().deletes(), 0U);
  s3().change([](FakeS3Settings& settings) { settings.settings_denied = true; });
  EXPECT_EQ(names(opened->remove(objects, by(DeleteMethod::version))), Names{"failed"});
  EXPECT_EQ(s3().deletes(), 0U);
}

TEST_F(S3RemovalFaults, SaysWhereAMarkerWithoutAnIdMayBeForGood) {
  start_versioned();
  const auto objects = put_and_plan({"a/1"});
  s3().on_request([&](Operation operation, unsigned) {
    if (operation == Operation::delete_batch)
      s3().change([](FakeS3Settings& settings) { settings.versioning = "Suspended"; });
  });
  const auto outcomes = remover()->remove(objects, by(DeleteMethod::version));
  EXPECT_EQ(outcomes[0].result, RemoveResult::removed);
  EXPECT_EQ(outcomes[0].marker_id, "null");
  EXPECT_EQ(outcomes[0].code, "VersioningSuspended");
}

TEST_F(S3RemovalFaults, StopsWhereTheStoreKeepsNoVersionsAfterAll) {
  start({.versioning = "Enabled", .batch_hides_markers = true});
  const auto objects = put_and_plan({"a/1", "a/2"});
  s3().on_request([&](Operation operation, unsigned) {
    if (operation == Operation::list_versions) s3().erase("a/1");
  });
  const auto opened = remover();
  const auto outcomes = opened->remove(std::span(objects).first(1), by(DeleteMethod::version));
  EXPECT_EQ(outcomes[0].result, RemoveResult::removed);
  EXPECT_EQ(outcomes[0].code, "NoVersionLeft");
  EXPECT_TRUE(outcomes[0].marker_id.empty());
  const auto next = opened->remove(std::span(objects).last(1), by(DeleteMethod::version));
  EXPECT_EQ(next[0].result, RemoveResult::failed);
  EXPECT_EQ(next[0].code, "NotVersioned");
  EXPECT_TRUE(s3().stands("a/2"));
}

TEST_F(S3RemovalFaults, AsksForTheVersionOfKeysThatEndInASlash) {
  start_versioned();
  const auto objects = put_and_plan({"a/1", "a/2/", "a/3/"});
  s3().on_request([&](Operation operation, unsigned number) {  // of the first of the two no version is shown
    if (operation == Operation::head)
      s3().change([&](FakeS3Settings& settings) { settings.versioning = number == 1 ? "" : "Enabled"; });
    if (operation == Operation::delete_batch)
      s3().change([](FakeS3Settings& settings) { settings.versioning = "Enabled"; });
  });
  const auto outcomes = remover({.connections = 1})->remove(objects, by(DeleteMethod::version));
  EXPECT_EQ(names(outcomes), (Names{"removed", "failed", "removed"}));
  EXPECT_EQ(outcomes[1].code, "NotVersioned");
  EXPECT_TRUE(s3().stands("a/2/"));
}

TEST_F(S3RemovalFaults, AWriteIsNeitherMovedToAnotherRegionNorSignedByAnotherClock) {
  start_versioned();
  const auto objects = put_and_plan({"a/1"});
  const auto opened = remover();
  ASSERT_TRUE(opened->prepare(by(DeleteMethod::version)));
  s3().on_request([&](Operation operation, unsigned) {
    if (operation == Operation::settings)
      s3().change([](FakeS3Settings& settings) { settings.clock_offset = std::chrono::hours(1); });
  });
  const auto outcomes = opened->remove(objects, by(DeleteMethod::version));
  EXPECT_EQ(outcomes[0].result, RemoveResult::failed);
  EXPECT_EQ(outcomes[0].code, "RequestTimeTooSkewed");
  EXPECT_FALSE(outcomes[0].retryable);
  EXPECT_TRUE(s3().stands("a/1"));

  start_versioned();
  const auto others = put_and_plan({"a/1"});
  s3().on_request([&](Operation operation, unsigned number) {
    if (operation == Operation::settings && number == 5)  // the last question before the deletion
      s3().change([](FakeS3Settings& settings) { settings.region = "eu-west-9"; });
  });
  const auto moved = remover()->remove(others, by(DeleteMethod::version));
  EXPECT_EQ(moved[0].result, RemoveResult::failed);
  EXPECT_EQ(moved[0].code, "AuthorizationHeaderMalformed");
  EXPECT_TRUE(s3().stands("a/1"));
  EXPECT_EQ(s3().refused(), 1U) << "sent once";
}

TEST_F(S3RemovalFaults, WhatCannotBeSentAtAllIsNotUnknown) {
  start_versioned();
  const auto objects = put_and_plan({"a/1"});
  StoreOptions options = s3().options();
  const auto opened = remover();
  ASSERT_TRUE(opened->prepare(by(DeleteMethod::version)));
  s3_.reset();  // nobody listens there any more
  const auto outcomes = opened->remove(objects, by(DeleteMethod::version));
  EXPECT_EQ(outcomes[0].result, RemoveResult::failed);
  EXPECT_TRUE(outcomes[0].retryable);
  start_versioned();
}

/// What must hold after any fault of any request: nothing is lost, nothing half done is called done.
class S3RemovalSweep : public S3Removal {
 protected:
  /// Removes three objects while request number `n` of an operation goes wrong, then tells what is unknown.
  void sweep(DeleteMethod method, DeleteCondition condition, Operation operation, Fault fault, unsigned n) {
    SCOPED_TRACE(fmt::format("{} {} operation {} fault {} number {}", to_string(method), to_string(condition),
                             static_cast<int>(operation), static_cast<int>(fault), n));
    start({.versioning = method == DeleteMethod::version ? "Enabled" : ""});
    const std::vector<std::string> keys = {"a/1", "a/2", "a/3"};
    const auto objects = put_and_plan(keys);
    const auto opened = remover({.connections = 1, .copy_bytes_max = 4, .copy_part_bytes = 5U << 20U});
    ASSERT_TRUE(opened->prepare(by(method)));
    s3().misbehave(operation, fault, n);
    const Timestamp since = SystemClock().now();
    auto outcomes = opened->remove(objects, by(method, condition));
    s3().behave();
    const auto told = opened->reconcile(objects, by(method, condition), since);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      SCOPED_TRACE(keys[i] + " " + outcomes[i].code + " " + outcomes[i].message);
      if (outcomes[i].result == RemoveResult::unknown) {
        EXPECT_TRUE(told[i].result == RemoveResult::removed || told[i].result == RemoveResult::failed)
            << to_string(told[i].result);
        outcomes[i] = told[i];
      }
      expect_whole(method, keys[i], outcomes[i]);
    }
    EXPECT_EQ(s3().requests(Operation::delete_version), 0U);
  }

  void expect_whole(DeleteMethod method, const std::string& key, const RemoveOutcome& outcome) {
    const bool removed = outcome.result == RemoveResult::removed;
    EXPECT_EQ(s3().stands(key), !removed);
    if (!removed) {
      EXPECT_EQ(s3().body(key), key + "\n");
    } else if (method == DeleteMethod::version) {
      EXPECT_EQ(s3().versions(key).size(), 2U) << "one marker, not two";
      EXPECT_EQ(s3().versions(key).front().version_id, outcome.marker_id);
    } else {
      ASSERT_TRUE(s3().stands(place_of(key)));
      EXPECT_EQ(s3().body(place_of(key)), key + "\n");
    }
  }
};

constexpr Fault kSweptFaults[] = {Fault::cut_connection,  Fault::cut_body,    Fault::status_500,
                                  Fault::status_502_html, Fault::slow_down,   Fault::error_in_200,
                                  Fault::truncated_xml,   Fault::empty_body,  Fault::other_root,
                                  Fault::denied,          Fault::lost_answer, Fault::done_then_500};

TEST_F(S3RemovalSweep, NoFaultOfADeletionByMarkerLosesAnything) {
  for (const Fault fault : kSweptFaults)
    for (const auto condition : {DeleteCondition::single, DeleteCondition::batch})
      for (unsigned n = 1; n <= (condition == DeleteCondition::single ? 3U : 1U); ++n)
        sweep(DeleteMethod::version, condition,
              condition == DeleteCondition::single ? Operation::delete_one : Operation::delete_batch, fault,
              n);
}

TEST_F(S3RemovalSweep, NoFaultOfAMoveIntoTheQuarantineLosesAnything) {
  for (const Fault fault : kSweptFaults)
    for (const Operation operation :
         {Operation::head, Operation::get_tags, Operation::multipart_create, Operation::multipart_part,
          Operation::multipart_complete, Operation::delete_one})
      for (const unsigned n : {1U, 2U, 4U, 5U})
        sweep(DeleteMethod::quarantine, DeleteCondition::single, operation, fault, n);
}

}  // namespace
}  // namespace flotsam::test
