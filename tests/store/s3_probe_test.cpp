// What a probe finds, in every kind of store.

#include "store/s3/s3_probe.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>

#include "store/store_contract.h"
#include "support/fake_s3.h"
#include "support/rgw.h"

namespace flotsam::test {
namespace {

std::string to_string(const std::optional<bool>& finding) {
  if (!finding) return "?";
  return *finding ? "yes" : "no";
}

/// create replace delete batch versions distinct owner
std::string summary_of(const ProbeFindings& found) {
  std::string text;
  for (const auto& finding :
       {found.create_if_absent, found.replace_if_match, found.delete_if_match, found.batch_if_match,
        found.versions_kept, found.distinct_keys, found.owner_checked})
    text += (text.empty() ? "" : " ") + to_string(finding);
  return text;
}

std::string story_of(const ProbeFindings& found) {
  std::string text;
  for (const ProbeFindings::Step& step : found.steps) text += step.name + ": " + step.outcome + "\n";
  return text;
}

class S3ProbeTest : public testing::Test {
 protected:
  Result<ProbeFindings> probe(FakeS3& s3, const std::string& prefix = "books/") {
    const Environment environment = s3.environment();
    return probe_s3(s3.options(), prefix, {&environment, &clock_, &log_}, cancel_);
  }
  WakefulClock clock_;
  NullLog log_;
  Cancel cancel_;
};

using Edit = void (*)(FakeS3Settings&);

struct Personality {
  const char* name;
  Edit edit;
  const char* findings;  ///< create replace delete batch versions distinct owner
  const char* says;      ///< what one of the steps says
};
void PrintTo(const Personality& row, std::ostream* out) {
  *out << row.name;
}

const Personality kPersonalities[] = {
    {"Aws", [](FakeS3Settings&) {}, "yes yes yes yes no yes yes", "deleted without a marker"},
    {"AwsWithVersions", [](FakeS3Settings& s) { s.versioning = "Enabled"; }, "yes yes yes yes yes yes yes",
     "without it the object is back"},
    {"AwsWithVersionsSuspended", [](FakeS3Settings& s) { s.versioning = "Suspended"; },
     "yes yes yes yes no yes yes", "the marker has no id of its own"},
    {"IgnoresConditionsOnDelete",
     [](FakeS3Settings& s) {
       s.delete_if_match = Condition::ignored;
       s.batch_condition = BatchCondition::ignored;
     },
     "yes yes no no no yes yes", "a wrong etag: deleted, the condition was ignored"},
    {"IgnoresThemWithVersions",
     [](FakeS3Settings& s) {
       s.versioning = "Enabled";
       s.delete_if_match = Condition::ignored;
       s.batch_condition = BatchCondition::ignored;
     },
     "yes yes no no yes yes yes", "a wrong etag: deleted, the condition was ignored"},
    {"RefusesEveryConditionOnDelete", [](FakeS3Settings& s) { s.delete_if_match = Condition::always_412; },
     "yes yes no yes no yes yes", "the right etag was refused, too"},
    {"DoesNotKnowConditionsOnDelete",
     [](FakeS3Settings& s) { s.delete_if_match = Condition::not_implemented; }, "yes yes no yes no yes yes",
     "a wrong etag: refused: NotImplemented"},
    {"BatchWithoutConditions", [](FakeS3Settings& s) { s.batch_condition = BatchCondition::malformed_xml; },
     "yes yes yes no no yes yes", "the batch was refused: MalformedXML"},
    {"WithoutBatch", [](FakeS3Settings& s) { s.not_implemented = {Operation::delete_batch}; },
     "yes yes yes no no yes yes", "the batch was refused: NotImplemented"},
    {"IgnoresIfNoneMatch", [](FakeS3Settings& s) { s.put_if_none_match = Condition::ignored; },
     "no yes yes yes no yes yes", "done: the condition was ignored"},
    {"DoesNotKnowIfNoneMatch", [](FakeS3Settings& s) { s.put_if_none_match = Condition::not_implemented; },
     "no yes yes yes no yes yes", "a new object was refused, too: NotImplemented"},
    {"IgnoresIfMatchOnPut", [](FakeS3Settings& s) { s.put_if_match = Condition::ignored; },
     "yes no yes yes no yes yes", "a wrong etag: done, the condition was ignored"},
    {"RefusesIfMatchOnPut", [](FakeS3Settings& s) { s.put_if_match = Condition::always_412; },
     "yes no yes yes no yes yes", "the right etag was refused, too"},
    {"FoldsSlashes", [](FakeS3Settings& s) { s.folding = KeyFolding::slashes; }, "yes yes yes yes no no yes",
     "another key's object is under"},
    {"FoldsUnicode", [](FakeS3Settings& s) { s.folding = KeyFolding::composed; }, "yes yes yes yes no no yes",
     "another key's object is under"},
    {"RefusesOddKeys", [](FakeS3Settings& s) { s.folding = KeyFolding::refuses; },
     "yes yes yes yes no no yes", "the store refuses 'a//b', 'a/./b'"},
    {"ListsOtherKeys", [](FakeS3Settings& s) { s.folding = KeyFolding::loses_from_list; },
     "yes yes yes yes no no yes", "the listing shows other keys than were written"},
    {"IgnoresTheOwner", [](FakeS3Settings& s) { s.owner_ignored = true; }, "yes yes yes yes no yes no",
     "a wrong owner was not noticed"},
    {"MarkersWithoutIds",
     [](FakeS3Settings& s) {
       s.versioning = "Enabled";
       s.deletes_hide_markers = true;
     },
     "yes yes yes yes no yes yes", "deleted without a marker"},
    {"MarkersMayNotBeRemoved",
     [](FakeS3Settings& s) {
       s.versioning = "Enabled";
       s.denied = {Operation::delete_version};
     },
     "yes yes yes yes ? yes yes", "a marker was made, and could not be removed: AccessDenied"},
    {"NothingMayBeDeleted",
     [](FakeS3Settings& s) { s.denied = {Operation::delete_one, Operation::delete_batch}; },
     "yes yes ? ? ? yes yes", "left behind: s3://bucket/books/.flotsam-probe-"},
    {"NothingMayBeListed", [](FakeS3Settings& s) { s.denied = {Operation::list}; },
     "yes yes yes yes no ? yes", "could not be tried: AccessDenied"}};

class S3ProbePersonality : public S3ProbeTest, public testing::WithParamInterface<Personality> {};

TEST_P(S3ProbePersonality, IsFoundOut) {
  FakeS3 s3;
  s3.change(GetParam().edit);
  s3.put("books/1");
  s3.put("books/.flotsam-other");
  const auto found = probe(s3);
  ASSERT_TRUE(found.has_value()) << to_text(found.error());
  EXPECT_EQ(summary_of(*found), GetParam().findings) << story_of(*found);
  EXPECT_NE(story_of(*found).find(GetParam().says), std::string::npos) << story_of(*found);
  if (story_of(*found).find("clean up: done") == std::string::npos) return;
  EXPECT_EQ(s3.keys(), (std::vector<std::string>{"books/.flotsam-other", "books/1"}))
      << "not a version is left";
}

INSTANTIATE_TEST_SUITE_P(Stores, S3ProbePersonality, testing::ValuesIn(kPersonalities),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_F(S3ProbeTest, TouchesNothingBelowOtherKeys) {
  FakeS3 s3({.versioning = "Enabled"});
  s3.put("books/1");
  ASSERT_TRUE(probe(s3));
  for (const std::string& line : s3.request_lines()) {
    if (line.starts_with("GET /bucket?")) continue;
    EXPECT_TRUE(line.find(" /bucket/books/.flotsam-probe-") != std::string::npos ||
                line.starts_with("POST /bucket?delete"))
        << line;
  }
}

TEST_F(S3ProbeTest, SaysWhatItLeavesBehind) {
  FakeS3 s3({.versioning = "Enabled", .denied = {Operation::delete_version}});
  const auto found = probe(s3);
  ASSERT_TRUE(found) << to_text(found.error());
  EXPECT_NE(
      found->steps.back().outcome.find("left behind: older versions below s3://bucket/books/.flotsam-probe-"),
      std::string::npos)
      << story_of(*found);
  EXPECT_TRUE(s3.objects().empty()) << "what stays is under markers";
}

TEST_F(S3ProbeTest, FailsWhereNothingCanBeWritten) {
  FakeS3 s3({.denied = {Operation::put}});
  const auto found = probe(s3);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(found.error().message.find("left behind"), std::string::npos) << found.error().message;
  EXPECT_NE(to_text(found.error()).find("while probing s3://bucket/books/.flotsam-probe-"),
            std::string::npos);
}

TEST_F(S3ProbeTest, FailsWhereTheStoreIsNotReached) {
  FakeS3 s3;
  StoreOptions options = s3.options();
  options.url = "s3://no-such-bucket";
  const Environment environment = s3.environment();
  const auto found = probe_s3(options, "", {&environment, &clock_, &log_}, cancel_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
}

TEST_F(S3ProbeTest, CleansUpWhenItIsInterrupted) {
  FakeS3 s3({.versioning = "Enabled"});
  s3.on_request([&](Operation operation, unsigned number) {
    if (operation == Operation::put && number == 4) cancel_.request();
  });
  const auto found = probe(s3);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::interrupted);
  EXPECT_TRUE(s3.keys().empty());
}

TEST_F(S3ProbeTest, FindsTheRegion) {
  FakeS3 s3({.region = "eu-north-1"});
  const auto found = probe(s3);
  ASSERT_TRUE(found) << to_text(found.error());
  EXPECT_EQ(summary_of(*found), "yes yes yes yes no yes yes") << story_of(*found);
}

TEST_F(S3ProbeTest, TriesAgainWhereAnswersAreLost) {
  for (const Operation operation : {Operation::put, Operation::delete_one, Operation::delete_version,
                                    Operation::delete_batch, Operation::head, Operation::list}) {
    for (const Fault fault :
         {Fault::lost_answer, Fault::done_then_500, Fault::slow_down, Fault::cut_connection}) {
      const bool is_listing = operation == Operation::list;
      if (is_listing && fault != Fault::slow_down) continue;
      FakeS3 s3({.versioning = "Enabled"});
      for (unsigned from = 1; from < 40; from += 5) s3.misbehave(operation, fault, from);
      const auto found = probe(s3);
      const std::string where = "operation " + std::to_string(static_cast<int>(operation)) + ", fault " +
                                std::to_string(static_cast<int>(fault)) + "\n";
      ASSERT_TRUE(found) << where << to_text(found.error());
      EXPECT_EQ(summary_of(*found), "yes yes yes yes yes yes yes") << where << story_of(*found);
      EXPECT_TRUE(s3.keys().empty()) << where << s3.keys().front();
    }
  }
}

/// A store whose answers do not say what it does.
struct Lie {
  const char* name;
  const char* part;  ///< of the keys it lies about
  Operation told;    ///< after this many answers of this operation
  unsigned number;
  bool vanishes;  ///< else what was there is there again, as it was or changed
  const char* findings;
  const char* says;
};

TEST_F(S3ProbeTest, BelievesNoAnswerWithoutALook) {
  const Lie lies[] = {
      {"a wrong etag is refused, and the object is gone", "/delete-", Operation::delete_one, 1, true,
       "yes yes no yes no yes yes", "refused, and deleted all the same"},
      {"the right etag is done, and the object stands", "/delete-", Operation::delete_one, 2, false,
       "yes yes no yes no yes yes", "the right etag: done, says the store, and the object stands"},
      {"the batch refuses, and the object is gone", "/batch-kept-", Operation::delete_batch, 1, true,
       "yes yes yes no no yes yes", "a wrong etag: deleted, the condition was ignored"},
      {"the batch is done, and the object stands", "/batch-deleted-", Operation::delete_batch, 1, false,
       "yes yes yes no no yes yes", "the right etag was refused, too"},
      {"a deletion is done, and the object stands", "/version-", Operation::delete_one, 3, false,
       "yes yes yes yes no yes yes", "deleted, says the store, and the object stands"},
      {"an object that stood is overwritten though it was refused", "/create-", Operation::put, 3, false,
       "no yes yes yes no yes yes", "refused, and overwritten all the same"},
      {"a replacement is refused, and made all the same", "/replace-", Operation::put, 6, false,
       "yes no yes yes no yes yes", "refused, and replaced all the same"}};
  for (const Lie& lie : lies) {
    SCOPED_TRACE(lie.name);
    FakeS3 s3;
    std::string key;
    bool told = false;
    s3.on_request([&](Operation operation, unsigned number) {
      for (const std::string& each : s3.keys())
        if (each.find(lie.part) != std::string::npos) key = each;
      // The look that follows the answer is shown the truth.
      if (told && operation == Operation::head) {
        if (lie.vanishes) {
          s3.erase(key);
        } else {
          s3.put(key, {.body = "as it was, or changed"});
        }
        told = false;
      }
      if (operation == lie.told && number == lie.number) told = true;
    });
    const auto found = probe(s3);
    ASSERT_TRUE(found) << to_text(found.error());
    EXPECT_EQ(summary_of(*found), lie.findings) << story_of(*found);
    EXPECT_NE(story_of(*found).find(lie.says), std::string::npos) << story_of(*found);
    EXPECT_TRUE(s3.keys().empty());
  }
}

TEST_F(S3ProbeTest, NeverClaimsWhatItCouldNotSee) {
  FakeS3 s3;
  s3.misbehave(Operation::delete_one, Fault::lost_answer, 1, 6);
  s3.misbehave(Operation::delete_batch, Fault::truncated_xml, 1, FakeS3::kForever);
  const auto found = probe(s3);
  ASSERT_TRUE(found) << to_text(found.error());
  EXPECT_EQ(summary_of(*found), "yes yes ? ? ? yes yes") << story_of(*found);
  EXPECT_TRUE(s3.keys().empty());
}

TEST_F(S3ProbeTest, FindsThatTheCephGatewayIgnoresConditionsOnDeletion) {
  const auto& server = shared_rgw();
  ASSERT_TRUE(server) << to_text(server.error());
  const Environment environment = server->environment();
  S3TestClient client(*server);
  for (const bool with_versions : {false, true}) {
    const std::string bucket = new_bucket_name();
    ASSERT_TRUE(client.create_bucket(bucket));
    if (with_versions) {
      ASSERT_TRUE(client.set_versioning(bucket, "Enabled"));
    }
    const auto found = probe_s3(server->options(bucket), "", {&environment, &clock_, &log_}, cancel_);
    ASSERT_TRUE(found) << to_text(found.error());
    // With versions it ignores conditions on PUT, too.
    EXPECT_EQ(summary_of(*found), with_versions ? "no no no no yes yes no" : "yes yes no no no yes no")
        << story_of(*found);
    EXPECT_EQ(found->steps.back().outcome, "done") << story_of(*found);
    const auto left = client.send("GET", bucket, "", {{"versions", ""}}, "");
    ASSERT_TRUE(left);
    EXPECT_EQ(left->body.find("<Key>"), std::string::npos) << left->body;
  }
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// The server that FLOTSAM_TEST_S3_ENDPOINT names (tests/servers/test_stores.sh), or none.
std::vector<std::string> given_endpoints() {
  const std::string endpoint = variable("FLOTSAM_TEST_S3_ENDPOINT");
  return endpoint.empty() ? std::vector<std::string>() : std::vector<std::string>{endpoint};
}

class S3ProbeOfGivenServer : public S3ProbeTest, public testing::WithParamInterface<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(S3ProbeOfGivenServer);

TEST_P(S3ProbeOfGivenServer, EndsAndLeavesNothing) {
  const S3Server server{.endpoint = GetParam(),
                        .access_key = variable("FLOTSAM_TEST_S3_ACCESS_KEY"),
                        .secret_key = variable("FLOTSAM_TEST_S3_SECRET_KEY")};
  const Environment environment = server.environment();
  S3TestClient client(server);
  for (const bool with_versions : {false, true}) {
    const std::string bucket = new_bucket_name();
    ASSERT_TRUE(client.create_bucket(bucket));
    if (with_versions && !client.set_versioning(bucket, "Enabled")) return;
    const auto found = probe_s3(server.options(bucket), "books/", {&environment, &clock_, &log_}, cancel_);
    ASSERT_TRUE(found) << to_text(found.error());
    std::cout << (with_versions ? "with versions: " : "without versions: ") << summary_of(*found) << "\n"
              << story_of(*found);
    const auto left = client.send("GET", bucket, "", {{"versions", ""}}, "");
    ASSERT_TRUE(left);
    EXPECT_EQ(left->body.find("<Key>"), std::string::npos) << left->body;
    const auto standing = client.send("GET", bucket, "", {{"list-type", "2"}}, "");
    ASSERT_TRUE(standing);
    EXPECT_EQ(standing->body.find("<Key>"), std::string::npos) << standing->body;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, S3ProbeOfGivenServer, testing::ValuesIn(given_endpoints()));

}  // namespace
}  // namespace flotsam::test
