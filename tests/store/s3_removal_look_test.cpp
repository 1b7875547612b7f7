// Looking at objects just before they are deleted: few requests, and nothing taken for proof that is none.

#include "store/s3_removal_fixture.h"

namespace flotsam::test {
namespace {

using Names = std::vector<std::string>;

class S3Looks : public S3Removal {
 protected:
  static Names names_of(const Result<std::vector<Look>>& looks) {
    if (!looks) return {"error: " + to_text(looks.error())};
    Names found;
    for (const Look& look : *looks) found.emplace_back(to_string(look.state));
    return found;
  }
  Names look(const std::vector<Object>& objects, const S3Tuning& tuning = {.connections = 4}) {
    return names_of(remover(tuning)->look(objects));
  }
  /// "a/000" to "a/NNN".
  std::vector<Object> row_of(unsigned count) {
    std::vector<std::string> keys;
    for (unsigned i = 0; i < count; ++i) keys.push_back(fmt::format("a/{:03}", i));
    std::sort(keys.begin(), keys.end());
    return put_and_plan(keys);
  }
};

TEST_F(S3Looks, TakesPagesWhereManyStandTogether) {
  start();
  const auto objects = row_of(500);
  EXPECT_EQ(look(objects), Names(500, "same"));
  EXPECT_EQ(s3().listings(), 1U);
  EXPECT_EQ(s3().requests(Operation::head), 1U) << "the first, which no page behind it shows";
}

TEST_F(S3Looks, TakesHeadWhereFewStandTogether) {
  start();
  const auto objects = row_of(500);
  std::vector<Object> far_apart;
  for (std::size_t i = 0; i < objects.size(); i += 25) far_apart.push_back(objects[i]);
  EXPECT_EQ(look(far_apart, {.page_keys = 100, .connections = 4}), Names(20, "same"));
  EXPECT_EQ(s3().listings(), 1U) << "one page shows that pages do not pay";
  EXPECT_EQ(look({objects[0], objects[1]}), Names(2, "same"));
  EXPECT_EQ(s3().listings(), 1U) << "nor is one worth it for two";
}

TEST_F(S3Looks, GoesOnWithPagesBehindGaps) {
  start();
  auto objects = row_of(60);
  for (int i = 0; i < 400; ++i) put(fmt::format("b/{:03}", i));
  for (const Object& object : [&] {
         std::vector<std::string> keys;
         for (unsigned i = 0; i < 60; ++i) keys.push_back(fmt::format("c/{:03}", i));
         return put_and_plan(keys);
       }())
    objects.push_back(object);
  EXPECT_EQ(look(objects, {.page_keys = 100, .connections = 4}), Names(120, "same"));
  EXPECT_LE(s3().listings(), 3U);
  EXPECT_LE(s3().requests(Operation::head), 4U);
}

TEST_F(S3Looks, TellsChangesInPagesAsByHead) {
  start();
  const auto objects = row_of(100);
  Names expected(100, "same");
  for (const std::size_t i : {0U, 1U, 50U, 99U}) {
    put(objects[i].key.bytes(), "other bytes");
    expected[i] = "changed";
  }
  for (const std::size_t i : {2U, 51U, 98U}) {
    s3().remove(objects[i].key.bytes());
    expected[i] = "gone";
  }
  FakeObject later;
  later.body = objects[60].key.bytes() + "\n";
  later.last_modified = "2024-01-02T03:04:06.000Z";
  s3().put(objects[60].key.bytes(), later);
  expected[60] = "changed";
  FakeObject same_second = later;
  same_second.last_modified = "2024-01-02T03:04:05.000Z";
  s3().put(objects[61].key.bytes(),
           {.last_modified = "2024-01-02T03:04:05.000Z", .body = objects[61].key.bytes() + "\n"});
  EXPECT_EQ(look(objects), expected);
  EXPECT_EQ(s3().listings(), 1U);
  const auto looks = remover()->look(objects);
  EXPECT_EQ((*looks)[50].now.size_bytes, 11U);
  EXPECT_EQ((*looks)[50].now.key, objects[50].key);
}

TEST_F(S3Looks, AnswersAlikeHoweverTheStoreListsAndFails) {
  const auto expect_right = [&](const std::string& what, const char* absent = "gone") {
    const auto objects = row_of(40);
    put("a/007", "other bytes");
    s3().erase("a/030");
    Names expected(40, "same");
    expected[7] = "changed";
    expected[30] = absent;
    EXPECT_EQ(look(objects, {.page_keys = 16, .connections = 4}), expected) << what;
  };
  for (const auto mode : {StartAfter::exclusive, StartAfter::inclusive, StartAfter::ignored,
                          StartAfter::decoded_twice, StartAfter::skips_one}) {
    start({.start_after = mode});
    expect_right(fmt::format("start-after {}", static_cast<int>(mode)));
  }
  for (const Fault fault : {Fault::status_500, Fault::unordered, Fault::duplicate_key, Fault::out_of_prefix,
                            Fault::wrong_name, Fault::not_xml, Fault::truncated_without_token, Fault::denied,
                            Fault::empty_page, Fault::huge_size, Fault::no_date}) {
    start();
    s3().misbehave(fault, 1, FakeS3::kForever);
    // A page of one key shows nothing wrong of these; any other leaves open whether the bucket is there.
    const bool is_proved = fault == Fault::unordered || fault == Fault::out_of_prefix ||
                           fault == Fault::empty_page || fault == Fault::no_date;
    expect_right(fmt::format("fault {}", static_cast<int>(fault)), is_proved ? "gone" : "unknown");
  }
}

TEST_F(S3Looks, TakesARefusalForNoProofOfAbsence) {
  start();
  const auto objects = row_of(3);
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::head}; });
  const auto looks = remover()->look(objects);
  EXPECT_EQ(names_of(looks), Names(3, "unknown"));
  EXPECT_NE((*looks)[0].reason.find("403"), std::string::npos) << (*looks)[0].reason;
  s3().behave();
  s3().change([](FakeS3Settings& settings) { settings.denied.clear(); });
  s3().misbehave(Operation::head, Fault::status_500, 1, FakeS3::kForever);
  EXPECT_EQ(look(objects), Names(3, "unknown"));
  s3().behave();
  s3().misbehave(Operation::head, Fault::status_500, 1, 2);
  EXPECT_EQ(look(objects), Names(3, "same")) << "a look is asked for again";
}

TEST_F(S3Looks, SeesADeleteMarkerAsGone) {
  start_versioned();
  const auto objects = row_of(20);
  s3().remove("a/000");
  s3().remove("a/011");
  Names expected(20, "same");
  expected[0] = expected[11] = "gone";
  EXPECT_EQ(look(objects), expected);
}

TEST_F(S3Looks, StopsWhereTheCredentialsAreRefused) {
  start();
  const auto objects = row_of(20);
  const auto opened = remover();
  ASSERT_TRUE(opened->prepare(by(DeleteMethod::permanent)));
  s3().change([](FakeS3Settings& settings) { settings.access_key = "AKIDANOTHERKEY000000"; });
  const auto looks = opened->look(objects);
  ASSERT_FALSE(looks);
  EXPECT_EQ(looks.error().service_code, "InvalidAccessKeyId");
}

TEST_F(S3Looks, HoldsBackWhatTheStoreHolds) {
  start({.versioning = "Enabled", .object_lock = true});
  const auto objects = row_of(5);
  s3().hold("a/001");
  s3().retain("a/002", "2999-01-01T00:00:00Z");
  s3().retain("a/003", "2020-01-01T00:00:00Z");
  put("a/004", "other bytes");
  s3().hold("a/004");
  const auto looks = remover()->look(objects);
  EXPECT_EQ(names_of(looks), (Names{"same", "held", "held", "same", "changed"}));
  EXPECT_FALSE((*looks)[1].reason.empty());
  EXPECT_EQ((*looks)[1].now.key.bytes(), "a/001");
  EXPECT_EQ(s3().listings(), 0U) << "no page shows a hold";
}

TEST_F(S3Looks, HoldsBackWhatCannotBeReadOfALock) {
  for (const Operation hidden : {Operation::get_retention, Operation::get_legal_hold}) {
    for (const bool knows_it : {true, false}) {
      start({.versioning = "Enabled", .object_lock = true});
      s3().change([&](FakeS3Settings& settings) {
        (knows_it ? settings.denied : settings.not_implemented) = {hidden};
      });
      const auto looks = remover()->look(row_of(1));
      EXPECT_EQ(names_of(looks), Names{"held"});
      EXPECT_NE((*looks)[0].reason.find("cannot be read"), std::string::npos);
    }
  }
}

TEST_F(S3Looks, ALockThatRefusesTheDeletionHolds) {
  start({.versioning = "Enabled", .object_lock = true});
  const auto objects = row_of(1);
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::delete_one}; });
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::version))), Names{"held"});
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::version, DeleteCondition::single))),
            Names{"held"});
}

TEST_F(S3Looks, AHoldThatHeadShowsCountsWhereTheBucketsLockCannotBeRead) {
  start({.versioning = "Enabled", .object_lock = true, .settings_denied = true});
  const auto objects = row_of(2);
  s3().hold("a/001");
  EXPECT_EQ(look(objects), (Names{"same", "held"}));
}

TEST_F(S3Looks, NothingIsSentToABucketOfAnotherOwner) {
  start();
  const auto objects = row_of(2);
  put(place_of("a/000"), "a/000\n");
  s3().change([](FakeS3Settings& settings) { settings.owner = "999999999999"; });
  StoreOptions options = s3().options();
  options.expected_bucket_owner = "111122223333";
  const std::string url = "s3://bucket/" + std::string(kPrefix);
  const auto opened = open_s3_remover(options, url, context(), {.connections = 2});
  ASSERT_TRUE(opened);
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
    EXPECT_FALSE((*opened)->prepare(by(method)));
    EXPECT_EQ(names((*opened)->remove(objects, by(method))), Names(2, "failed"));
  }
  EXPECT_EQ(names_of((*opened)->look(objects))[0].substr(0, 5), "error");
  const Remains remains = quarantined(objects[0]);
  s3().erase("a/000");
  const auto back = open_s3_restorer(options, url, context(), {.connections = 2});
  EXPECT_EQ((*back)->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
            RestoreResult::failed);
  EXPECT_TRUE(s3().stands("a/001"));
  EXPECT_TRUE(s3().stands(place_of("a/000")));
  EXPECT_EQ(s3().objects().size(), 2U);
}

TEST_F(S3Looks, SendsNoMoreThanAThousandKeysAtOnce) {
  start_versioned();
  const auto objects = row_of(1001);
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::version))), Names(1001, "removed"));
  EXPECT_EQ(s3().requests(Operation::delete_batch), 2U);
}

TEST_F(S3Looks, FindsTheRegionBeforeItAsksWhatCannotTellIt) {
  start({.region = "eu-west-9"});
  const auto objects = row_of(1);
  put(place_of("a/000"), "a/000\n");
  EXPECT_EQ(restore(quarantined(objects[0])).result, RestoreResult::standing);
  EXPECT_EQ(look(objects), Names{"same"});
  EXPECT_EQ(names(remover()->remove(objects, by(DeleteMethod::permanent))), Names{"removed"});
}

TEST_F(S3Looks, SaysThatMarkersNeedAnMfaDevice) {
  start({.versioning = "Suspended</Status><MfaDelete>Enabled</MfaDelete><Status>"});
  const auto facts = remover()->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  ASSERT_EQ(facts->warnings.size(), 1U);
  EXPECT_NE(facts->warnings[0].find("MFA device"), std::string::npos);
}

struct PrepareRow {
  const char* name;
  DeleteMethod method;
  FakeS3Settings settings;
  bool fits;
};

TEST_F(S3Looks, PreparesOnlyWhatCanBeDone) {
  for (const PrepareRow& row :
       {PrepareRow{"version, enabled", DeleteMethod::version, {.versioning = "Enabled"}, true},
        {"version, suspended", DeleteMethod::version, {.versioning = "Suspended"}, false},
        {"version, never", DeleteMethod::version, {}, false},
        {"version, unreadable",
         DeleteMethod::version,
         {.versioning = "Enabled", .settings_denied = true},
         false},
        {"version, as a listing",
         DeleteMethod::version,
         {.versioning = "Enabled", .settings_as_listing = true},
         false},
        {"quarantine, never", DeleteMethod::quarantine, {}, true},
        {"quarantine, enabled", DeleteMethod::quarantine, {.versioning = "Enabled"}, true},
        {"quarantine, not to be listed", DeleteMethod::quarantine, {.listing_denied = true}, false},
        {"permanent, never", DeleteMethod::permanent, {}, true},
        {"permanent, suspended", DeleteMethod::permanent, {.versioning = "Suspended"}, true},
        {"permanent, enabled", DeleteMethod::permanent, {.versioning = "Enabled"}, false},
        {"permanent, unreadable", DeleteMethod::permanent, {.settings_missing = true}, false},
        {"none", DeleteMethod::none, {}, false},
        {"wrong clock", DeleteMethod::permanent, {.clock_offset = std::chrono::minutes(16)}, false}}) {
    start(row.settings);
    const auto prepared = remover()->prepare(by(row.method));
    EXPECT_EQ(prepared.has_value(), row.fits) << row.name << (prepared ? "" : to_text(prepared.error()));
    if (!prepared) {
      EXPECT_FALSE(prepared.error().hint.empty()) << row.name;
    }
    EXPECT_EQ(s3().writes(), 0U) << row.name;
  }
  start();
  const auto without = open_s3_remover(s3().options(), std::nullopt, context());
  ASSERT_TRUE(without);
  EXPECT_FALSE((*without)->prepare(by(DeleteMethod::quarantine)));
}

TEST_F(S3Looks, PreparesAQuarantineUnderAPolicyForItsPrefixAlone) {
  start({.listing_allowed_below = ".flotsam-quarantine"});
  const auto prepared = remover()->prepare(by(DeleteMethod::quarantine));
  EXPECT_TRUE(prepared) << to_text(prepared.error());
}

}  // namespace
}  // namespace flotsam::test
