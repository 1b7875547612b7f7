// A state in a bucket whose store loses answers, ignores conditions or permits less.

#include "store/open_state.h"
#include "store/s3_state_fixture.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

TEST_F(S3StateTest, RefusesAStoreThatIgnoresConditions) {
  struct Row {
    const char* name;
    void (*edit)(FakeS3Settings&);
    const char* says;
  };
  const Row rows[] = {
      {"If-None-Match ignored", [](FakeS3Settings& s) { s.put_if_none_match = Condition::ignored; },
       "ignores If-None-Match"},
      {"If-None-Match unknown", [](FakeS3Settings& s) { s.put_if_none_match = Condition::not_implemented; },
       "does not take If-None-Match"},
      {"If-Match ignored", [](FakeS3Settings& s) { s.put_if_match = Condition::ignored; },
       "ignores If-Match"},
      {"If-Match always refused", [](FakeS3Settings& s) { s.put_if_match = Condition::always_412; },
       "refuses a right If-Match"},
      {"If-Match unknown", [](FakeS3Settings& s) { s.put_if_match = Condition::not_implemented; },
       "refuses a right If-Match"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    FakeS3 s3;
    s3.change(row.edit);
    const Environment environment = s3.environment();
    const auto state = *open_s3_state(kUrl, s3.options(), {&environment, &clock_, &log_});
    const auto made = state->create("locks/a", "1");
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::refused);
    EXPECT_NE(made.error().message.find(row.says), std::string::npos) << to_text(made.error());
    EXPECT_NE(made.error().hint.find("[state] dir"), std::string::npos);
    EXPECT_TRUE(s3.keys().empty()) << "nothing is left behind";
    const auto requests = s3.requests();
    EXPECT_EQ(state->replace("locks/a", "2", "tag").error().code, ErrorCode::refused);
    auto log = state->open_log("journals/a");
    ASSERT_TRUE(log.has_value());
    EXPECT_TRUE((*log)->append("line").has_value());
    EXPECT_EQ((*log)->sync().error().code, ErrorCode::refused);
    EXPECT_EQ(s3.requests(), requests + 1) << "the store is not tried again: a listing opened the log";
    EXPECT_TRUE(s3.keys().empty());
  }
}

TEST_F(S3StateTest, ProvesOnceAndRemovesEveryVersionOfIt) {
  s3_.change([](FakeS3Settings& settings) { settings.versioning = "Enabled"; });
  const auto state = open();
  EXPECT_TRUE(state->create("a", "1").value());
  const auto requests = s3_.requests();
  EXPECT_TRUE(state->create("b", "1").value());
  EXPECT_EQ(s3_.requests(), requests + 1);
  EXPECT_EQ(s3_.keys(), (std::vector<std::string>{kPrefix + "a", kPrefix + "b"}));
}

TEST_F(S3StateTest, LeavesNoMarkerOfTheProofWhereVersioningIsSuspended) {
  s3_.change([](FakeS3Settings& settings) { settings.versioning = "Suspended"; });
  EXPECT_TRUE(open()->create("a", "1").value());
  EXPECT_EQ(s3_.keys(), (std::vector<std::string>{kPrefix + "a"}));
}

TEST_F(S3StateTest, WorksWhereVersionsMayNotBeDeleted) {
  s3_.change([](FakeS3Settings& settings) {
    settings.versioning = "Enabled";
    settings.denied = {Operation::delete_version};
  });
  EXPECT_TRUE(open()->create("a", "1").value());
  EXPECT_EQ(s3_.objects().size(), 1U) << "what is left of the proof is under a marker";
}

TEST_F(S3StateTest, ProvesAgainWhereAnAnswerOfTheProofWasLost) {
  for (const unsigned number : {1U, 2U, 3U, 4U}) {
    FakeS3 s3;
    s3.misbehave(Operation::put, Fault::lost_answer, number);
    const Environment environment = s3.environment();
    const auto state = *open_s3_state(kUrl, s3.options(), {&environment, &clock_, &log_});
    const auto made = state->create("a", "1");
    ASSERT_TRUE(made.has_value()) << number << to_text(made.error());
    EXPECT_TRUE(*made);
    EXPECT_EQ(s3.keys(), (std::vector<std::string>{kPrefix + "a"})) << number;
  }
}

struct LostRow {
  const char* name;
  Fault fault;
};

void PrintTo(const LostRow& row, std::ostream* out) {
  *out << row.name;
}

class S3StateLost : public S3StateTest, public testing::WithParamInterface<LostRow> {};

TEST_P(S3StateLost, KnowsItsOwnWriteAgain) {
  const auto state = open();
  ASSERT_TRUE(state->create("proof-is-done", "").value());
  s3_.misbehave(Operation::put, GetParam().fault);
  const auto made = state->create("a", "1");
  ASSERT_TRUE(made.has_value()) << to_text(made.error());
  EXPECT_TRUE(*made);
  EXPECT_EQ(body("a"), "1");
  s3_.misbehave(Operation::put, GetParam().fault);
  const auto replaced = state->replace("a", "2", tag(*state, "a"));
  ASSERT_TRUE(replaced.has_value()) << to_text(replaced.error());
  EXPECT_TRUE(*replaced);
  EXPECT_EQ(body("a"), "2");
  s3_.misbehave(Operation::delete_one, GetParam().fault);
  const auto removed = state->remove("a", tag(*state, "a"));
  ASSERT_TRUE(removed.has_value()) << to_text(removed.error());
  EXPECT_TRUE(*removed);
  EXPECT_FALSE(s3_.stands(kPrefix + "a"));
}

TEST_P(S3StateLost, DoesNotTakeAnothersWriteForItsOwn) {
  const auto state = open(), other = open();
  ASSERT_TRUE(state->create("proof-is-done", "").value());
  ASSERT_TRUE(other->create("proof-of-other", "").value());
  bool meddled = false;
  const auto puts = s3_.requests(Operation::put);
  s3_.on_request([&](Operation operation, unsigned number) {
    // The same bytes, by somebody else, before the first try and before what follows it.
    if (operation != Operation::put || number != puts + 1 || meddled) return;
    meddled = true;
    FakeObject theirs;
    theirs.body = "1";
    theirs.metadata["flotsam-write"] = "someone else";
    s3_.put(kPrefix + "a", theirs);
  });
  s3_.misbehave(Operation::put, GetParam().fault);
  const auto made = state->create("a", "1");
  ASSERT_TRUE(made.has_value()) << to_text(made.error());
  EXPECT_FALSE(*made);
  EXPECT_EQ(s3_.object(kPrefix + "a").metadata.at("flotsam-write"), "someone else");
}

INSTANTIATE_TEST_SUITE_P(
    Faults, S3StateLost,
    testing::Values(LostRow{"LostAnswer", Fault::lost_answer}, LostRow{"LostRequest", Fault::cut_connection},
                    LostRow{"DoneThen500", Fault::done_then_500}, LostRow{"InternalError", Fault::status_500},
                    LostRow{"SlowDown", Fault::slow_down}, LostRow{"Conflict", Fault::conflict}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(S3StateTest, ComparesBytesWhereTheStoreDropsMetadata) {
  const auto state = open();
  ASSERT_TRUE(state->create("proof-is-done", "").value());
  s3_.on_request([&](Operation operation, unsigned) {
    if (operation != Operation::head || !s3_.stands(kPrefix + "a")) return;
    FakeObject bare = s3_.object(kPrefix + "a");
    bare.metadata.clear();
    s3_.put(kPrefix + "a", bare);
  });
  s3_.misbehave(Operation::put, Fault::lost_answer);
  EXPECT_TRUE(state->create("a", "1").value());
  s3_.erase(kPrefix + "a");
  s3_.put(kPrefix + "a", {.body = "2"});
  s3_.misbehave(Operation::put, Fault::lost_answer);
  EXPECT_FALSE(state->create("a", "1").value());
}

TEST_F(S3StateTest, SaysSoWhereAWriteIsNotKnownToBeDone) {
  const auto state = open();
  ASSERT_TRUE(state->create("a", "1").value());
  s3_.misbehave(Operation::put, Fault::cut_connection, 1, FakeS3::kForever);
  const auto made = state->create("b", "1");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::unavailable);
  const auto replaced = state->replace("a", "2", tag(*state, "a"));
  ASSERT_FALSE(replaced.has_value());
  EXPECT_EQ(replaced.error().code, ErrorCode::unavailable);
  EXPECT_EQ(body("a"), "1");
}

TEST_F(S3StateTest, LooksBeforeItRemoves) {
  s3_.change([](FakeS3Settings& settings) { settings.delete_if_match = Condition::ignored; });
  const auto state = open();
  ASSERT_TRUE(state->create("a", "1").value());
  const std::string old = tag(*state, "a");
  ASSERT_TRUE(state->replace("a", "2", old).value());
  const auto deletes = s3_.deletes();
  EXPECT_FALSE(state->remove("a", old).value());
  EXPECT_EQ(s3_.deletes(), deletes) << "it is not even asked for";
  EXPECT_EQ(body("a"), "2");
}

TEST_F(S3StateTest, RemovesWithAConditionWhereTheStoreTakesIt) {
  const auto state = open();
  ASSERT_TRUE(state->create("a", "1").value());
  const std::string seen = tag(*state, "a");
  const auto deletes = s3_.requests(Operation::delete_one);
  s3_.on_request([&](Operation operation, unsigned number) {
    if (operation == Operation::delete_one && number == deletes + 1)
      s3_.put(kPrefix + "a", {.body = "newer"});
  });
  EXPECT_FALSE(state->remove("a", seen).value());
  EXPECT_EQ(body("a"), "newer");
}

TEST_F(S3StateTest, RemovesWithoutAConditionWhereTheStoreRefusesARightOne) {
  for (const Condition condition : {Condition::always_412, Condition::not_implemented}) {
    FakeS3 s3({.delete_if_match = condition});
    const Environment environment = s3.environment();
    const auto state = *open_s3_state(kUrl, s3.options(), {&environment, &clock_, &log_});
    ASSERT_TRUE(state->create("a", "1").value());
    EXPECT_TRUE(state->remove("a", tag(*state, "a")).value());
    EXPECT_TRUE(s3.keys().empty());
  }
}

TEST_F(S3StateTest, ALogOnceWrittenIsNotWrittenTwice) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  ASSERT_TRUE(log->append("one").has_value() && log->sync().has_value());
  for (const Fault fault : {Fault::lost_answer, Fault::done_then_500, Fault::cut_connection}) {
    s3_.misbehave(Operation::put, fault);
    ASSERT_TRUE(log->append("two").has_value());
    const auto synced = log->sync();
    ASSERT_TRUE(synced.has_value()) << to_text(synced.error());
  }
  EXPECT_EQ(lines(*state, "journals/a"), (std::vector<std::string>{"one", "two", "two", "two"}));
  EXPECT_EQ(body("journals/a/00000004"), "two\n");
}

TEST_F(S3StateTest, ALogOfManySegmentsKeepsItsOrder) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  std::vector<std::string> expected;
  for (int i = 0; i < 70; ++i) {
    expected.push_back(std::to_string(i));
    ASSERT_TRUE(log->append(expected.back()).has_value() && log->sync().has_value());
  }
  EXPECT_EQ(lines(*state, "journals/a"), expected);
}

TEST_F(S3StateTest, ALogCutsWhatIsLongAtTheEndOfALine) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  const std::vector<std::string> expected = {std::string(5U << 20U, 'a'), std::string((3U << 20U) - 2, 'b'),
                                             std::string(5U << 20U, 'c'), std::string(9U << 20U, 'd'), "e"};
  for (const std::string& line : expected) ASSERT_TRUE(log->append(line).has_value());
  ASSERT_TRUE(log->sync().has_value());
  EXPECT_TRUE(lines(*state, "journals/a") == expected);
  std::vector<std::size_t> sizes;
  for (const auto& [key, object] : s3_.objects()) sizes.push_back(object.size);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{8U << 20U, (5U << 20U) + 1, (9U << 20U) + 1, 2}));
}

TEST_F(S3StateTest, ALogThatLacksASegmentIsCorrupt) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  for (const char* line : {"one", "two", "three"})
    ASSERT_TRUE(log->append(line).has_value() && log->sync().has_value());
  for (const char* missing : {"00000001", "00000002"}) {
    const FakeObject kept = s3_.object(kPrefix + "journals/a/" + missing);
    s3_.erase(kPrefix + "journals/a/" + missing);
    const auto read = state->read_log("journals/a", [](std::string_view) -> Result<void> { return {}; });
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_NE(read.error().message.find(missing), std::string::npos) << read.error().message;
    EXPECT_EQ(state->open_log("journals/a").error().code, ErrorCode::corrupt);
    s3_.put(kPrefix + "journals/a/" + missing, kept);
  }
  s3_.put(kPrefix + "journals/a/00000002", {.body = "torn"});
  EXPECT_NE(lines(*state, "journals/a").back().find("ends inside a line"), std::string::npos);
}

TEST_F(S3StateTest, ALogWhoseSegmentGoesAwayMeanwhileIsCorrupt) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  for (const char* line : {"one", "two"})
    ASSERT_TRUE(log->append(line).has_value() && log->sync().has_value());
  s3_.on_listing([&](unsigned) {
    s3_.on_request([&](Operation operation, unsigned) {
      if (operation == Operation::get) s3_.erase(kPrefix + "journals/a/00000002");
    });
  });
  EXPECT_NE(lines(*state, "journals/a").back().find("was listed and is gone"), std::string::npos);
}

TEST_F(S3StateTest, BelievesNoListingThatCannotBeTrusted) {
  const auto state = open();
  for (const char* name : {"plans/a", "plans/b", "plans/c"}) ASSERT_TRUE(state->put(name, "x").has_value());
  for (const Fault fault : {Fault::unordered, Fault::out_of_prefix, Fault::truncated_without_token,
                            Fault::same_token, Fault::empty_page, Fault::wrong_name}) {
    s3_.misbehave(fault, 1, FakeS3::kForever);
    EXPECT_FALSE(state->list("plans").has_value()) << static_cast<int>(fault);
    EXPECT_FALSE(state->open_log("plans").has_value()) << static_cast<int>(fault);
  }
  s3_.behave();
  s3_.change([](FakeS3Settings& settings) { settings.page_keys_max = 2; });
  EXPECT_EQ(state->list("plans").value(), (std::vector<std::string>{"plans/a", "plans/b", "plans/c"}));
}

TEST_F(S3StateTest, ReadsTheSegmentThatAListingDoesNotShowYet) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  ASSERT_TRUE(log->append("one").has_value() && log->sync().has_value());
  s3_.on_request([&](Operation operation, unsigned) {
    if (operation == Operation::get) s3_.put(kPrefix + "journals/a/00000002", {.body = "two\n"});
  });
  EXPECT_EQ(lines(*state, "journals/a"), (std::vector<std::string>{"one", "two"}));
}

TEST_F(S3StateTest, SaysWhichRightsAreMissing) {
  s3_.change([](FakeS3Settings& settings) { settings.denied = {Operation::put}; });
  const auto made = open()->create("a", "1");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::permission_denied);
  EXPECT_NE(made.error().hint.find("s3:PutObject"), std::string::npos) << made.error().hint;
  EXPECT_NE(made.error().hint.find("bucket/.flotsam-state/*"), std::string::npos) << made.error().hint;
  EXPECT_NE(to_text(made.error()).find("s3://bucket/.flotsam-state/a"), std::string::npos);
}

TEST_F(S3StateTest, NeverTakesAFailureForAbsence) {
  const auto state = open();
  ASSERT_TRUE(state->put("a", "1").has_value());
  s3_.change([](FakeS3Settings& settings) { settings.denied = {Operation::get, Operation::head}; });
  EXPECT_EQ(state->read("a").error().code, ErrorCode::permission_denied);
  EXPECT_EQ(state->local_copy("a").error().code, ErrorCode::permission_denied);
  s3_.change([](FakeS3Settings& settings) { settings.denied = {Operation::list}; });
  EXPECT_EQ(state->list("journals").error().code, ErrorCode::permission_denied);
  EXPECT_EQ(state->open_log("journals/a").error().code, ErrorCode::permission_denied);
  s3_.change([](FakeS3Settings& settings) {
    settings.denied = {};
    settings.listing_denied = true;
  });
  EXPECT_EQ(state->read("missing").error().code, ErrorCode::permission_denied)
      << "without the right to list, what is missing and what is hidden look alike";
}

TEST_F(S3StateTest, FindsTheRegionOfItsBucket) {
  s3_.change([](FakeS3Settings& settings) { settings.region = "eu-north-1"; });
  const auto written = open()->put("a", "1");
  EXPECT_TRUE(written.has_value()) << to_text(written.error());
  EXPECT_TRUE(open()->create("b", "1").value());
  EXPECT_TRUE(open()->read("b").value());
}

TEST_F(S3StateTest, NamesOfSegmentsAreNoNames) {
  const auto state = open();
  for (const char* name : {"journals/00000001", "00000001", "12345678/a"})
    EXPECT_EQ(state->put(name, "x").error().code, ErrorCode::internal) << name;
  EXPECT_TRUE(state->put("journals/000000001", "x").has_value());
}

TEST_F(S3StateTest, UrlsThatNameNoBucketAreRefused) {
  const Environment environment = s3_.environment();
  for (const char* url : {"s3://", "s3:///.flotsam-state/", "file:///x", ""})
    EXPECT_EQ(open_s3_state(url, s3_.options(), {&environment, &clock_, &log_}).error().code,
              ErrorCode::invalid_argument)
        << url;
}

TEST_F(S3StateTest, AFolderOrABucketIsOpenedByItsName) {
  const TemporaryFolder folder;
  const Environment environment = s3_.environment();
  const StoreContext context{&environment, &clock_, &log_};
  const auto disk = open_state((folder / "state").native(), s3_.options(), context);
  ASSERT_TRUE(disk.has_value());
  EXPECT_EQ((*disk)->place_of("a"), (folder / "state/a").native());
  StoreOptions elsewhere = s3_.options();
  elsewhere.url = "s3://another-bucket";
  const auto bucket = open_state("s3://bucket/.flotsam-state", elsewhere, context);
  ASSERT_TRUE(bucket.has_value());
  EXPECT_EQ((*bucket)->place_of("a"), "s3://bucket/.flotsam-state/a");
  EXPECT_TRUE((*bucket)->put("a", "1").has_value());
  EXPECT_EQ(body("a"), "1");
}

}  // namespace
}  // namespace flotsam::test
