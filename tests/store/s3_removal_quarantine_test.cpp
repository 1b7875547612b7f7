// Moving objects of a bucket into the quarantine: copy, look, delete, and no half states.

#include "store/s3_removal_fixture.h"
#include "store/s3_removal_stores.h"
#include "support/rgw.h"

namespace flotsam::test {
namespace {

using Names = std::vector<std::string>;

class S3Quarantine : public S3Removal {
 protected:
  RemoveOutcome move(const Object& object, DeleteCondition condition = DeleteCondition::none,
                     const S3Tuning& tuning = {.connections = 2}) {
    return remover(tuning)->remove(std::span(&object, 1), by(DeleteMethod::quarantine, condition)).front();
  }
  void expect_untouched(const std::string& key, const std::string& what) {
    EXPECT_TRUE(s3().stands(key)) << what;
    EXPECT_FALSE(s3().stands(place_of(key))) << what << ": our copy is taken away again";
    EXPECT_EQ(s3().uploads(), 0U) << what;
  }
};

TEST_F(S3Quarantine, KeepsAllThatBelongsToAnObject) {
  for (const std::uint64_t copy_bytes_max : {1000U, 4U}) {  // whole, and in parts
    SCOPED_TRACE(copy_bytes_max);
    start();
    FakeObject object;
    object.body = "some bytes";
    object.headers = {
        {"content-type", "image/webp"}, {"cache-control", "max-age=1"}, {"content-language", "de"}};
    object.metadata = {{"owner", "somebody"}};
    object.tags = {{"project", "books"}, {"odd tag", "a&b=c"}};
    object.storage_class = "STANDARD_IA";
    s3().put("a/1", object);
    const Object plan = planned("a/1");
    const S3Tuning tuning{.connections = 2, .copy_bytes_max = copy_bytes_max};
    EXPECT_EQ(move(plan, DeleteCondition::none, tuning).result, RemoveResult::removed);
    EXPECT_FALSE(s3().stands("a/1"));
    const auto expect_kept = [&](const std::string& key) {
      const FakeObject kept = s3().object(key);
      EXPECT_EQ(s3().body(key), "some bytes");
      for (const auto& [name, value] : object.headers) EXPECT_EQ(kept.headers.at(name), value) << name;
      EXPECT_EQ(kept.metadata, object.metadata);
      EXPECT_EQ(kept.tags, object.tags);
      EXPECT_EQ(kept.storage_class, "STANDARD_IA");
    };
    expect_kept(place_of("a/1"));
    const Remains remains = quarantined(plan);
    EXPECT_EQ(restorer(tuning)->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
              RestoreResult::restored);
    expect_kept("a/1");
    EXPECT_FALSE(s3().stands(place_of("a/1")));
    EXPECT_EQ(s3().uploads(), 0U);
    EXPECT_EQ(s3().requests(Operation::multipart_create), copy_bytes_max == 4U ? 2U : 0U);
  }
}

TEST_F(S3Quarantine, CopiesLargeObjectsInPartsOfAnySize) {
  start({.part_bytes_min = 1});
  put("a/1", "0123456789");
  for (const std::uint64_t part : {1U, 3U, 5U, 10U, 11U}) {
    SCOPED_TRACE(part);
    const Object plan = planned("a/1");
    const S3Tuning tuning{.connections = 2, .copy_bytes_max = 4, .copy_part_bytes = part};
    EXPECT_EQ(move(plan, DeleteCondition::none, tuning).result, RemoveResult::removed);
    EXPECT_EQ(s3().body(place_of("a/1")), "0123456789");
    const Remains remains = quarantined(plan);
    EXPECT_EQ(restorer(tuning)->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
              RestoreResult::restored);
    EXPECT_EQ(s3().body("a/1"), "0123456789");
  }
}

TEST_F(S3Quarantine, LeavesAloneWhatCannotBeMoved) {
  start();
  const std::string too_long(1024 - 32 - 1 - std::string(kPrefix).size() + 1, 'k');
  put(too_long);
  EXPECT_EQ(move(planned(too_long)).code, "KeyTooLong");
  EXPECT_EQ(s3().writes(), 0U);
  const std::string just_right = too_long.substr(1);
  put(just_right);
  EXPECT_EQ(move(planned(just_right)).result, RemoveResult::removed);
  for (const char* storage_class : {"GLACIER", "DEEP_ARCHIVE"}) {
    start();
    FakeObject object;
    object.body = "cold";
    object.storage_class = storage_class;
    s3().put("a/1", object);
    const RemoveOutcome outcome = move(planned("a/1"));
    EXPECT_EQ(outcome.result, RemoveResult::failed);
    EXPECT_EQ(outcome.code, "InvalidObjectState");
    EXPECT_EQ(s3().writes(), 0U);
  }
}

TEST_F(S3Quarantine, SeesWhatHappensBetweenItsSteps) {
  struct Row {
    const char* name;
    Operation moment;
    unsigned number;
    bool overwritten;  ///< else deleted
    RemoveResult result;
    bool leaves_copy;
  };
  for (const Row& row :
       {Row{"overwritten before the copy", Operation::copy, 1, true, RemoveResult::changed, false},
        {"overwritten after the copy", Operation::head, 3, true, RemoveResult::changed, true},
        {"overwritten before the deletion", Operation::delete_one, 1, true, RemoveResult::changed, true},
        {"deleted before the copy", Operation::copy, 1, false, RemoveResult::gone, false},
        {"deleted after the copy", Operation::head, 3, false, RemoveResult::removed, true}}) {
    for (const bool honours : {true, false}) {
      SCOPED_TRACE(row.name);
      if (!honours && row.moment == Operation::delete_one) continue;  // a condition is all that helps there
      start();
      if (!honours)
        s3().change([](FakeS3Settings& settings) {
          settings.copy_source_if_match = settings.delete_if_match = Condition::ignored;
        });
      const auto objects = put_and_plan({"a/1"});
      s3().on_request([&](Operation operation, unsigned number) {
        if (operation != row.moment || number != row.number) return;
        if (row.overwritten) {
          put("a/1", "written meanwhile");
        } else {
          s3().remove("a/1");
        }
      });
      EXPECT_EQ(move(objects[0], DeleteCondition::single).result, row.result);
      EXPECT_EQ(s3().stands("a/1"), row.overwritten);
      const bool copies_the_newer = !honours && row.moment == Operation::copy && row.overwritten;
      EXPECT_EQ(s3().stands(place_of("a/1")), row.leaves_copy || copies_the_newer);
      if (row.overwritten) {
        EXPECT_EQ(s3().body("a/1"), "written meanwhile");
      }
    }
  }
}

TEST_F(S3Quarantine, TakesItsCopyAwayAgainWhereTheOriginalMayNotGo) {
  struct Row {
    const char* name;
    Operation operation;
    Fault fault;
    RemoveResult result;
    bool throttled;
  };
  for (const Row& row : {Row{"denied", Operation::delete_one, Fault::denied, RemoveResult::failed, false},
                         {"SlowDown", Operation::delete_one, Fault::slow_down, RemoveResult::failed, true},
                         {"conflict", Operation::delete_one, Fault::conflict, RemoveResult::changed, false},
                         {"copy denied", Operation::copy, Fault::denied, RemoveResult::failed, false}}) {
    start();
    const auto objects = put_and_plan({"a/1"});
    s3().misbehave(row.operation, row.fault);
    const RemoveOutcome outcome = move(objects[0], DeleteCondition::single);
    EXPECT_EQ(outcome.result, row.result) << row.name;
    EXPECT_EQ(outcome.throttled, row.throttled) << row.name;
    expect_untouched("a/1", row.name);
  }
}

TEST_F(S3Quarantine, SaysWhereACopyIsLeftBehind) {
  start();
  const auto objects = put_and_plan({"a/1"});
  s3().misbehave(Operation::delete_one, Fault::denied, 1, 2);
  const RemoveOutcome outcome = move(objects[0]);
  EXPECT_EQ(outcome.result, RemoveResult::failed);
  EXPECT_NE(outcome.message.find("s3://bucket/" + place_of("a/1")), std::string::npos) << outcome.message;
}

TEST_F(S3Quarantine, BelievesNoCopyThatItDidNotSee) {
  start();
  s3().change([](FakeS3Settings& settings) { settings.copy_answer = CopyAnswer::error_in_200; });
  const auto objects = put_and_plan({"a/1"});
  EXPECT_EQ(move(objects[0]).result, RemoveResult::failed);
  expect_untouched("a/1", "an Error in a 200");
  s3().change([](FakeS3Settings& settings) { settings.copy_answer = CopyAnswer::without_etag; });
  EXPECT_EQ(move(objects[0]).result, RemoveResult::removed) << "HEAD tells";
}

TEST_F(S3Quarantine, BelievesNoCopyOfOtherBytes) {
  for (const char* other : {"shorter", "a/1 "}) {
    start();
    const auto objects = put_and_plan({"a/1"});
    s3().on_request([&](Operation operation, unsigned number) {
      if (operation == Operation::head && number == 2) put(place_of("a/1"), other);
    });
    const RemoveOutcome outcome = move(objects[0]);
    EXPECT_EQ(outcome.code, "CopyFailed") << other;
    expect_untouched("a/1", other);
  }
}

TEST_F(S3Quarantine, ALostAnswerToTheDeletionLeavesBothAndIsReconciled) {
  for (const auto& [fault, told] : {std::pair(Fault::lost_answer, RemoveResult::removed),
                                    std::pair(Fault::cut_connection, RemoveResult::failed)}) {
    start();
    const auto objects = put_and_plan({"a/1"});
    s3().misbehave(Operation::delete_one, fault);
    const auto opened = remover();
    const Timestamp since = SystemClock().now();
    EXPECT_EQ(names(opened->remove(objects, by(DeleteMethod::quarantine))), Names{"unknown"});
    EXPECT_TRUE(s3().stands(place_of("a/1")));
    const auto outcomes = opened->reconcile(objects, by(DeleteMethod::quarantine), since);
    EXPECT_EQ(outcomes[0].result, told);
    if (told == RemoveResult::removed) continue;
    EXPECT_TRUE(outcomes[0].retryable);
    EXPECT_EQ(names(opened->remove(objects, by(DeleteMethod::quarantine))), Names{"removed"})
        << "goes on from there";
    EXPECT_EQ(s3().body(place_of("a/1")), "a/1\n");
  }
}

TEST_F(S3Quarantine, ReconcilesByWhatStandsWhere) {
  start();
  const auto objects = put_and_plan({"a/1", "a/2", "a/3", "a/4", "a/5"});
  put(place_of("a/1"), "a/1\n");
  s3().erase("a/1");
  put(place_of("a/2"), "not the same");
  s3().erase("a/2");
  s3().erase("a/3");
  put("a/4", "written since");
  put(place_of("a/5"), "a/5\n");
  put("a/5", "written after it was moved");
  const auto told = remover()->reconcile(objects, by(DeleteMethod::quarantine), SystemClock().now());
  EXPECT_EQ(names(told), (Names{"removed", "gone", "gone", "changed", "removed"}));
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::head}; });
  EXPECT_EQ(names(remover()->reconcile(objects, by(DeleteMethod::quarantine), SystemClock().now())),
            Names(5, "unknown"));
}

TEST_F(S3Quarantine, NeverDeletesOutsideTheQuarantineWhenDiscarding) {
  start();
  put("a/1");
  put(place_of("a/1"));
  QuarantinedObject object{kRun, Key(std::string("a/1")), planned(place_of("a/1"))};
  EXPECT_EQ(names(remover()->discard(std::span(&object, 1))), Names{"removed"});
  EXPECT_TRUE(s3().stands("a/1"));
  put(place_of("a/1"), "written since");
  EXPECT_EQ(names(remover()->discard(std::span(&object, 1))), Names{"changed"});
  EXPECT_TRUE(s3().stands(place_of("a/1")));
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::head}; });
  EXPECT_EQ(names(remover()->discard(std::span(&object, 1))), Names{"failed"});
  EXPECT_TRUE(s3().stands(place_of("a/1")));
}

TEST_F(S3Quarantine, NeverObeysAPlanOfFlotsamsOwnKeys) {
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
    start();
    put("a/.flotsam-state/x");
    put("b");
    const auto outcomes = remover()->remove(planned(Names{"a/.flotsam-state/x", "b"}), by(method));
    EXPECT_EQ(names(outcomes), (Names{"failed", "removed"}));
    EXPECT_EQ(outcomes[0].code, "OwnKey");
    EXPECT_TRUE(s3().stands("a/.flotsam-state/x"));
  }
}

TEST_F(S3Quarantine, AbortsAnUploadThatFails) {
  for (const Operation operation : {Operation::multipart_part, Operation::multipart_complete}) {
    start({.part_bytes_min = 1});
    const auto objects = put_and_plan({"a/1"});
    s3().misbehave(operation, Fault::denied);
    const S3Tuning tuning{.connections = 1, .copy_bytes_max = 2, .copy_part_bytes = 2};
    EXPECT_EQ(move(objects[0], DeleteCondition::none, tuning).result, RemoveResult::failed);
    EXPECT_EQ(s3().requests(Operation::multipart_abort), 1U);
    expect_untouched("a/1", "a failed upload");
  }
}

TEST_F(S3Quarantine, MovesNothingWhoseTagsItCannotRead) {
  start();
  FakeObject object;
  object.body = "some bytes";
  object.tags = {{"a", "b"}};
  s3().put("a/1", object);
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::get_tags}; });
  for (const std::uint64_t copy_bytes_max : {1000U, 2U}) {
    const RemoveOutcome outcome =
        move(planned("a/1"), DeleteCondition::none, {.connections = 1, .copy_bytes_max = copy_bytes_max});
    EXPECT_EQ(outcome.result, RemoveResult::failed);
    EXPECT_EQ(outcome.code, "AccessDenied");
    expect_untouched("a/1", "tags");
  }
}

TEST_F(S3Quarantine, ListsNothingThatCannotBeTrusted) {
  start();
  for (int i = 0; i < 40; ++i) put(place_of(fmt::format("a/{:02}", i)));
  const auto listed = [&] {
    const Cancel cancel;
    std::size_t count = 0;
    const auto done = restorer({.page_keys = 10, .empty_pages_max = 50})
                          ->list_quarantine(
                              [&](const QuarantinedObject&) -> Result<void> {
                                ++count;
                                return {};
                              },
                              cancel);
    return done ? fmt::format("{}", count) : std::string(to_string(done.error().code));
  };
  EXPECT_EQ(listed(), "40");
  for (const Fault fault : {Fault::unordered, Fault::duplicate_key, Fault::out_of_prefix, Fault::wrong_name,
                            Fault::truncated_without_token, Fault::empty_page, Fault::ignored_token}) {
    s3().misbehave(fault, 3, FakeS3::kForever);
    EXPECT_EQ(listed(), "corrupt") << static_cast<int>(fault);
    s3().behave();
  }
  s3().misbehave(Fault::repeated_page, 4);
  EXPECT_EQ(listed(), "corrupt");
  s3().behave();
  s3().misbehave(Fault::status_500, 2, 2);
  EXPECT_EQ(listed(), "40") << "asked for again";
}

TEST_F(S3Quarantine, GoesToAnotherBucketOfTheSameServer) {
  ASSERT_TRUE(shared_rgw()) << to_text(shared_rgw().error());
  const S3Server server = *shared_rgw();
  S3TestClient client(server);
  const std::string bucket = new_bucket_name(), other = new_bucket_name();
  ASSERT_TRUE(client.create_bucket(bucket));
  ASSERT_TRUE(client.create_bucket(other));
  ASSERT_TRUE(client.put_object(bucket, "a/1 +%", "some bytes"));
  environment_ = server.environment();
  const std::string url = "s3://" + other + "/.flotsam-kept/";
  const auto opened = open_s3_remover(server.options(bucket), url, context(), {.connections = 2});
  ASSERT_TRUE(opened) << to_text(opened.error());
  ASSERT_TRUE((*opened)->prepare(by(DeleteMethod::quarantine)));
  const auto head = client.send("HEAD", bucket, "a/1 +%", {}, "");
  const Object object{Key(std::string("a/1 +%")), 10, *parse_http_date(*head->header("last-modified")),
                      std::string(head->header("etag")->substr(1, 32)), ""};
  EXPECT_EQ(names((*opened)->remove(std::span(&object, 1), by(DeleteMethod::quarantine))), Names{"removed"});
  EXPECT_EQ(client.send("GET", bucket, "a/1 +%", {}, "")->status, 404);
  EXPECT_EQ(client.send("GET", other, ".flotsam-kept/" + std::string(kRun) + "/a/1 +%", {}, "")->body,
            "some bytes");
  const auto back = open_s3_restorer(server.options(bucket), url, context(), {.connections = 2});
  const Remains remains = quarantined(object);
  EXPECT_EQ((*back)->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
            RestoreResult::restored);
  EXPECT_EQ(client.send("GET", bucket, "a/1 +%", {}, "")->body, "some bytes");
  EXPECT_EQ(client.send("GET", other, ".flotsam-kept/" + std::string(kRun) + "/a/1 +%", {}, "")->status, 404);
}

TEST_F(S3Quarantine, CopiesInPartsOnARealGateway) {
  auto made = make_rgw_bucket("");
  ASSERT_TRUE(made) << to_text(made.error());
  BucketUnderRemoval& bucket = **made;
  const std::string bytes = std::string(6'000'000, 'x') + std::string(6'000'000, 'y') + "z";
  ASSERT_TRUE(bucket.put_rich("a/large", bytes));
  const std::string before = bucket.properties_of("a/large");
  const auto head = bucket.client().send("HEAD", bucket.bucket(), "a/large", {}, "");
  const Object object{Key(std::string("a/large")), bytes.size(),
                      *parse_http_date(*head->header("last-modified")),
                      std::string(head->header("etag")->substr(1, 32)), ""};
  const S3Tuning tuning{.connections = 2, .copy_bytes_max = 7'000'000, .copy_part_bytes = 5U << 20U};
  const auto opened = open_s3_remover(bucket.options(), bucket.quarantine_url(), bucket.context(), tuning);
  const auto outcomes = (*opened)->remove(std::span(&object, 1), by(DeleteMethod::quarantine));
  ASSERT_EQ(names(outcomes), Names{"removed"}) << outcomes[0].message;
  EXPECT_EQ(bucket.bytes_of("a/large"), std::nullopt);
  const auto back = open_s3_restorer(bucket.options(), bucket.quarantine_url(), bucket.context(), tuning);
  const Remains remains = quarantined(object);
  const auto restored = (*back)->restore(std::span(&remains, 1), Restorer::Mode::really).front();
  EXPECT_EQ(restored.result, RestoreResult::restored) << restored.message;
  EXPECT_TRUE(bucket.bytes_of("a/large") == bytes);
  EXPECT_EQ(bucket.properties_of("a/large"), before);
  EXPECT_EQ(bucket.keys(), std::vector<std::string>{"a/large"});
}

}  // namespace
}  // namespace flotsam::test
