#include "store/s3_fixture.h"

namespace flotsam::test {
namespace {

using namespace std::chrono_literals;
using S3Facts = S3Fixture;

struct VersioningCase {
  const char* status;
  Versioning versioning;
};
TEST_F(S3Facts, ReadsTheVersioning) {
  for (const VersioningCase& row : {VersioningCase{"", Versioning::none},
                                    {"Enabled", Versioning::enabled},
                                    {"Suspended", Versioning::suspended},
                                    {"Perhaps", Versioning::unknown}}) {
    s3_.change([&](FakeS3Settings& settings) { settings.versioning = row.status; });
    const auto facts = open()->facts();
    ASSERT_TRUE(facts) << to_text(facts.error());
    EXPECT_EQ(facts->versioning, row.versioning) << row.status;
    EXPECT_EQ(facts->warnings.empty(), row.versioning != Versioning::unknown) << row.status;
  }
}

TEST_F(S3Facts, SaysWhoAndWhereItIs) {
  const auto facts = open()->facts();
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->identity, fmt::format("s3://127.0.0.1:{}/bucket", s3_.port()));
  EXPECT_EQ(facts->region, "us-east-1");
  EXPECT_NE(facts->credentials.find("environment"), std::string::npos) << facts->credentials;
  EXPECT_EQ(facts->credentials.find("secret"), std::string::npos);
  EXPECT_FALSE(facts->object_lock);
  ASSERT_TRUE(facts->lifecycle) << "no configuration is an answer";
  EXPECT_TRUE(facts->lifecycle->empty());
  EXPECT_EQ(s3_.listings(), 0U) << "readable settings are proof enough";
}

TEST_F(S3Facts, ReadsLifecycleAndLock) {
  s3_.change([](FakeS3Settings& settings) {
    settings.object_lock = true;
    settings.lifecycle =
        "<LifecycleConfiguration><Rule><ID>old "
        "versions</ID><Status>Enabled</Status><Filter><Prefix>p/</Prefix></Filter>"
        "<NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays></NoncurrentVersionExpiration></Rule>"
        "</LifecycleConfiguration>";
  });
  const auto facts = open()->facts();
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->object_lock);
  ASSERT_TRUE(facts->lifecycle);
  ASSERT_EQ(facts->lifecycle->size(), 1U);
  EXPECT_EQ(facts->lifecycle->front().noncurrent_expiration_days, 7);
}

TEST_F(S3Facts, TreatsSettingsThatCannotBeReadAsUnknown) {
  struct Kind {
    std::function<void(FakeS3Settings&)> make_unreadable;
    bool proves_no_lock;
  };
  const Kind kinds[] = {{[](FakeS3Settings& s) { s.settings_denied = true; }, false},
                        {[](FakeS3Settings& s) { s.settings_missing = true; }, true},
                        {[](FakeS3Settings& s) { s.settings_as_listing = true; }, false}};
  for (const auto& [make_unreadable, proves_no_lock] : kinds) {
    s3_.change([&](FakeS3Settings& settings) {
      settings.settings_denied = settings.settings_missing = settings.settings_as_listing = false;
      settings.versioning = "Enabled";
      settings.object_lock = true;
      make_unreadable(settings);
    });
    const auto facts = open()->facts();
    ASSERT_TRUE(facts) << to_text(facts.error());
    EXPECT_EQ(facts->versioning, Versioning::unknown);
    EXPECT_FALSE(facts->lifecycle) << "not readable is not: no rules";
    EXPECT_FALSE(facts->object_lock);
    ASSERT_EQ(facts->warnings.size(), proves_no_lock ? 1U : 2U);
    EXPECT_NE(facts->warnings[0].find("versioning"), std::string::npos);
    if (proves_no_lock) continue;
    EXPECT_NE(facts->warnings[1].find("object lock"), std::string::npos);
  }
}

TEST_F(S3Facts, APolicyThatAllowsNothingButListingBelowThePrefixIsEnough) {
  s3_.change([](FakeS3Settings& settings) {
    settings.settings_denied = true;
    settings.listing_allowed_below = "books%2F";
  });
  StoreOptions options = s3_.options();
  options.listable_prefix = "books/";
  const auto facts = (*open(options, {}))->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  EXPECT_EQ(facts->versioning, Versioning::unknown);
  EXPECT_FALSE((*open(s3_.options(), {}))->facts()) << "without the prefix it would be denied";
}

TEST_F(S3Facts, FailsWhereNeitherSettingsNorAListingAreAllowed) {
  s3_.change([](FakeS3Settings& settings) { settings.settings_denied = settings.listing_denied = true; });
  const auto facts = open()->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(facts.error().http_status, 403);
  EXPECT_EQ(facts.error().service_code, "AccessDenied");
  EXPECT_EQ(facts.error().request_id, "FAKE0001");
  EXPECT_NE(facts.error().hint.find("s3:ListBucket"), std::string::npos);
}

TEST_F(S3Facts, AStoreThatEchoesOurSecretsDoesNotGetThemShown) {
  s3_.change([](FakeS3Settings& settings) {
    settings.session_token = "CANARYTOKEN0123";
    settings.settings_denied = settings.listing_denied = true;
    settings.denied_message = "token CANARYTOKEN0123 of " + settings.secret_key;
  });
  const auto facts = open()->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(to_text(facts.error()).find("CANARYTOKEN0123"), std::string::npos) << to_text(facts.error());
  EXPECT_EQ(to_text(facts.error()).find("odd=characters"), std::string::npos) << to_text(facts.error());
  EXPECT_NE(to_text(facts.error()).find("***"), std::string::npos) << "the rest of the message is shown";
}

TEST_F(S3Facts, SendsTheExpectedOwnerWithEveryRequest) {
  StoreOptions options = s3_.options();
  options.expected_bucket_owner = "999999999999";
  const auto wrong = open(options, {});
  ASSERT_TRUE(wrong);
  const auto facts = (*wrong)->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::permission_denied);
  EXPECT_NE(facts.error().hint.find("expected_bucket_owner"), std::string::npos);
  EXPECT_FALSE(list(**wrong, 1).proof);
  options.expected_bucket_owner = "111122223333";
  const auto right = open(options, {});
  EXPECT_TRUE((*right)->facts());
  EXPECT_EQ(list(**right, 1).keys, keys_);
}

TEST_F(S3Facts, FollowsTheBucketToItsRegionOnceWithoutFollowingALocation) {
  for (const bool redirects : {false, true}) {
    s3_.change([&](FakeS3Settings& settings) {
      settings.region = "eu-north-1";
      settings.redirects = redirects;
    });
    const auto lister = open();
    const auto facts = lister->facts();
    ASSERT_TRUE(facts) << to_text(facts.error());
    EXPECT_EQ(facts->region, "eu-north-1");
    const std::uint64_t refused = s3_.refused();
    EXPECT_EQ(list(*lister, 4, keys_).keys, keys_);
    EXPECT_EQ(s3_.refused(), refused) << "the right region is remembered";
    EXPECT_EQ(list(*open(), 4, keys_).keys, keys_) << "a listing finds it by itself";
  }
  EXPECT_NE(log_.text().find("eu-north-1"), std::string::npos);
}

TEST_F(S3Facts, FailsWhereTheRightRegionIsNotNamed) {
  for (const bool redirects : {false, true}) {
    s3_.change([&](FakeS3Settings& settings) {
      settings.region = "eu-north-1";
      settings.names_region = false;
      settings.redirects = redirects;
    });
    const auto facts = open()->facts();
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(facts.error().hint.find("region"), std::string::npos);
    EXPECT_EQ(list(*open(), 2).proof.error().code, ErrorCode::invalid_argument);
  }
}

TEST_F(S3Facts, ARegionThatIsWrongAgainIsAnError) {
  s3_.change([](FakeS3Settings& settings) { settings.region = "eu-north-1"; });
  const auto lister = open();
  ASSERT_TRUE(lister->facts());
  s3_.change([](FakeS3Settings& settings) { settings.region = "eu-south-1"; });
  const auto facts = lister->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::invalid_argument);
}

TEST_F(S3Facts, SurvivesALocalClockThatIsWrongByAnHour) {
  for (const auto offset : {3600s, -3600s}) {
    s3_.change([&](FakeS3Settings& settings) { settings.clock_offset = offset; });
    const auto lister = open();
    const auto facts = lister->facts();
    ASSERT_TRUE(facts) << to_text(facts.error());
    EXPECT_LT(std::chrono::abs(facts->clock - (clock_.now() + offset)), 1min)
        << "the store's clock, not ours";
    EXPECT_LT(std::chrono::abs(facts->local_clock - clock_.now()), 1min);
    ASSERT_EQ(facts->warnings.size(), 1U);
    EXPECT_NE(facts->warnings[0].find(offset > 0s ? "behind" : "ahead of"), std::string::npos)
        << facts->warnings[0];
    const std::uint64_t refused = s3_.refused();
    EXPECT_EQ(list(*lister, 4, keys_).keys, keys_);
    EXPECT_EQ(s3_.refused(), refused) << "the correction is remembered";
    EXPECT_EQ(list(*open(), 4, keys_).keys, keys_);
  }
  EXPECT_NE(log_.text().find("this machine's clock"), std::string::npos);
}

TEST_F(S3Facts, CorrectsTheClockOnlyOnce) {
  s3_.change([](FakeS3Settings& settings) { settings.clock_offset = 3600s; });
  const auto lister = open();
  ASSERT_TRUE(lister->facts());
  s3_.change([](FakeS3Settings& settings) { settings.clock_offset = -7200s; });
  const auto facts = lister->facts();
  ASSERT_FALSE(facts) << "a server whose clock jumps is not believed";
  EXPECT_EQ(facts.error().service_code, "RequestTimeTooSkewed");
  EXPECT_NE(facts.error().hint.find("clock"), std::string::npos);
}

TEST_F(S3Facts, WarnsOfASmallDifferenceOfClocks) {
  s3_.change([](FakeS3Settings& settings) { settings.clock_offset = 120s; });
  const auto facts = open()->facts();
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->warnings.size(), 1U);
  s3_.change([](FakeS3Settings& settings) { settings.clock_offset = 20s; });
  EXPECT_TRUE(open()->facts()->warnings.empty());
}

TEST_F(S3Facts, FailsWhereTheStoreTellsNoTime) {
  s3_.change([](FakeS3Settings& settings) { settings.tells_time = false; });
  const auto facts = open()->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::corrupt);
  EXPECT_NE(facts.error().message.find("time"), std::string::npos);
}

struct CredentialCase {
  const char* name;
  std::function<void(FakeS3Settings&)> server;
  const char* code;
  const char* hint;
};
TEST_F(S3Facts, SaysWhatIsWrongWithCredentials) {
  const CredentialCase rows[] = {
      {"unknown key", [](FakeS3Settings& s) { s.access_key = "AKIDOTHER"; }, "InvalidAccessKeyId",
       "access key"},
      {"wrong secret", [](FakeS3Settings& s) { s.secret_key = "other"; }, "SignatureDoesNotMatch", "secret"},
      {"expired", [](FakeS3Settings& s) { s.token_expired = true; }, "ExpiredToken", "log in again"},
      {"token missing", [](FakeS3Settings& s) { s.session_token = "token"; }, "InvalidToken", "session"},
  };
  for (const CredentialCase& row : rows) {
    const FakeS3Settings usual;
    const auto lister = open();
    s3_.change([&](FakeS3Settings& settings) {
      settings = usual;
      row.server(settings);
    });
    for (const auto& error : {lister->facts().error(), list(*lister, 4, keys_).proof.error()}) {
      EXPECT_EQ(error.code, ErrorCode::permission_denied) << row.name;
      EXPECT_EQ(error.service_code, row.code) << row.name;
      EXPECT_NE(error.hint.find(row.hint), std::string::npos) << row.name << ": " << error.hint;
      EXPECT_EQ(to_text(error).find(usual.secret_key), std::string::npos) << "a secret in a message";
    }
    s3_.change([&](FakeS3Settings& settings) { settings = usual; });
  }
}

TEST_F(S3Facts, SignsWithASessionToken) {
  s3_.change([](FakeS3Settings& settings) { settings.session_token = "session/token+with=odd"; });
  const auto lister = open();
  EXPECT_TRUE(lister->facts());
  EXPECT_EQ(list(*lister, 4, keys_).keys, keys_);
  EXPECT_EQ(s3_.refused(), 0U);
}

TEST_F(S3Facts, ReachesAVirtualHost) {
  StoreOptions options = s3_.options();
  options.endpoint = fmt::format("http://localhost:{}", s3_.port());
  options.addressing = "virtual";
  const auto lister = open(options, {});
  ASSERT_TRUE(lister) << to_text(lister.error());
  const auto facts = (*lister)->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  EXPECT_EQ(list(**lister, 2).keys, keys_);
  EXPECT_TRUE(s3_.request_lines().back().starts_with("GET /?")) << s3_.request_lines().back();
}

TEST_F(S3Facts, ABucketThatIsNotThereIsNotFound) {
  StoreOptions options = s3_.options();
  options.url = "s3://another";
  const auto lister = open(options, {});
  const auto facts = (*lister)->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::not_found);
  EXPECT_NE(to_text(facts.error()).find("another does not exist"), std::string::npos)
      << to_text(facts.error());
  EXPECT_NE(to_text(facts.error()).find("while asking s3://another"), std::string::npos);
}

TEST_F(S3Facts, AServerThatIsNotThereIsUnavailable) {
  StoreOptions options = s3_.options();
  options.endpoint = "http://127.0.0.1:1";
  const auto lister = open(options, {});
  EXPECT_EQ((*lister)->facts().error().code, ErrorCode::unavailable);
  EXPECT_EQ(list(**lister, 4).proof.error().code, ErrorCode::unavailable);
}

TEST_F(S3Facts, WithoutCredentialsNothingIsSent) {
  const Environment bare({{"HOME", "/nonexistent"}, {"AWS_EC2_METADATA_DISABLED", "true"}});
  const auto lister = open_s3_store(s3_.options(), {&bare, &clock_, &log_});
  ASSERT_FALSE(lister);
  EXPECT_EQ(lister.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(s3_.requests(), 0U);
}

}  // namespace
}  // namespace flotsam::test
