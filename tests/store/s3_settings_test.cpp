#include <gtest/gtest.h>

#include "store/open.h"
#include "store/s3/bucket_settings.h"
#include "store/s3/s3_error.h"
#include "store/store_contract.h"
#include "support/rgw.h"

namespace flotsam::test {
namespace {

const Timestamp kNow = *parse_rfc3339("2026-11-24T12:00:00Z");

TEST(BucketSettings, ReadVersioning) {
  EXPECT_EQ(parse_versioning("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
            Versioning::enabled);
  EXPECT_EQ(
      parse_versioning(
          "<VersioningConfiguration xmlns=\"x\"><Status>Suspended</Status><MfaDelete>Enabled</MfaDelete>"
          "</VersioningConfiguration>"),
      Versioning::suspended);
  EXPECT_EQ(parse_versioning("<VersioningConfiguration/>"), Versioning::none);
  EXPECT_EQ(
      parse_versioning("<GetBucketVersioningResponse><Status>Enabled</Status></GetBucketVersioningResponse>"),
      Versioning::enabled);
  for (const char* odd :
       {"", "<ListBucketResult/>", "<VersioningConfiguration><Status/></VersioningConfiguration>", "Enabled",
        "<VersioningConfiguration><Status>Enabled</Status>", "<!DOCTYPE x><VersioningConfiguration/>",
        "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>"})
    EXPECT_EQ(parse_versioning(odd), Versioning::unknown) << odd;
}

std::string rules(const std::string& text) {
  return "<LifecycleConfiguration>" + text + "</LifecycleConfiguration>";
}
std::string rule(const std::string& text) {
  return rules("<Rule><ID>r</ID><Status>Enabled</Status>" + text + "</Rule>");
}

struct RuleCase {
  const char* name;
  std::string xml;
  const char* prefix;
  bool has_other_filter;
  std::optional<int> days, noncurrent;
};
TEST(BucketSettings, ReadLifecycleRulesThatRemoveSomething) {
  const std::string expires = "<Expiration><Days>30</Days></Expiration>";
  const RuleCase rows[] = {
      {"whole bucket", rule("<Filter/>" + expires), "", false, 30, {}},
      {"filter", rule("<Filter><Prefix>a/</Prefix></Filter>" + expires), "a/", false, 30, {}},
      {"old form", rule("<Prefix>a/</Prefix>" + expires), "a/", false, 30, {}},
      {"tag", rule("<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>" + expires), "", true, 30, {}},
      {"and",
       rule(
           "<Filter><And><Prefix>a/</Prefix><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter>" +
           expires),
       "a/",
       true,
       30,
       {}},
      {"versions",
       rule("<NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>"),
       "",
       false,
       {},
       3},
      {"past date", rule("<Expiration><Date>2020-01-01T00:00:00Z</Date></Expiration>"), "", false, 0, {}},
      {"coming date", rule("<Expiration><Date>2026-12-01T00:00:00Z</Date></Expiration>"), "", false, 6, {}},
  };
  for (const RuleCase& row : rows) {
    const auto read = parse_lifecycle(row.xml, kNow);
    ASSERT_TRUE(read && read->size() == 1) << row.name;
    EXPECT_EQ(read->front().id, "r") << row.name;
    EXPECT_EQ(read->front().prefix, row.prefix) << row.name;
    EXPECT_EQ(read->front().has_other_filter, row.has_other_filter) << row.name;
    EXPECT_EQ(read->front().expiration_days, row.days) << row.name;
    EXPECT_EQ(read->front().noncurrent_expiration_days, row.noncurrent) << row.name;
  }
}

TEST(BucketSettings, LeaveOutRulesThatRemoveNothing) {
  for (const std::string& xml :
       {rules(""), rules("<Rule><Status>Disabled</Status><Expiration><Days>1</Days></Expiration></Rule>"),
        rule("<Transition><Days>3</Days></Transition>"),
        rule("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"),
        rule("<AbortIncompleteMultipartUpload/>")}) {
    const auto read = parse_lifecycle(xml, kNow);
    ASSERT_TRUE(read) << xml;
    EXPECT_TRUE(read->empty()) << xml;
  }
}

TEST(BucketSettings, ReadNoLifecycleWhereAnythingIsOdd) {
  for (const std::string& xml :
       {std::string(), std::string("<ListBucketResult/>"), rules("<Rule><ID>r</ID></Rule>"),
        rule("<Expiration><Days>many</Days></Expiration>"),
        rule("<Expiration><Date>soon</Date></Expiration>"),
        rule("<NoncurrentVersionExpiration><NoncurrentDays>-1</NoncurrentDays></"
             "NoncurrentVersionExpiration>")})
    EXPECT_FALSE(parse_lifecycle(xml, kNow)) << xml;
}

TEST(BucketSettings, ReadTheObjectLock) {
  EXPECT_EQ(parse_object_lock("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
                              "</ObjectLockConfiguration>"),
            ObjectLock::on);
  EXPECT_EQ(parse_object_lock("<ObjectLockConfiguration/>"), ObjectLock::none);
  for (const char* odd :
       {"", "<broken", "<ListBucketResult><ObjectLockEnabled>Enabled</ObjectLockEnabled></ListBucketResult>"})
    EXPECT_EQ(parse_object_lock(odd), ObjectLock::unknown) << odd;
}

TEST(BucketSettings, TakeNoRefusalForABucketWithoutObjectLock) {
  struct Row {
    int status;
    const char* code;
    ObjectLock lock;
  };
  for (const Row& row : {Row{404, "ObjectLockConfigurationNotFoundError", ObjectLock::none},
                         {404, "NoSuchObjectLockConfiguration", ObjectLock::none},
                         {501, "", ObjectLock::none},
                         {400, "NotImplemented", ObjectLock::none},
                         {403, "AccessDenied", ObjectLock::unknown},
                         {403, "ObjectLockConfigurationNotFoundError", ObjectLock::unknown},
                         {404, "", ObjectLock::unknown},
                         {404, "NoSuchKey", ObjectLock::unknown},
                         {405, "MethodNotAllowed", ObjectLock::unknown},
                         {400, "InvalidRequest", ObjectLock::unknown}}) {
    Error error;
    error.http_status = row.status;
    error.service_code = row.code;
    EXPECT_EQ(object_lock_of(error), row.lock) << row.status << row.code;
  }
}

TEST(BucketSettings, AreReadFromARealServer) {
  const auto& rgw = shared_rgw();
  ASSERT_TRUE(rgw) << to_text(rgw.error());
  S3TestClient client(*rgw);
  const std::string bucket = new_bucket_name();
  ASSERT_TRUE(client.create_bucket(bucket));
  const Environment environment = rgw->environment();
  WakefulClock clock;
  NullLog log;
  const auto store = open_store(rgw->options(bucket), {&environment, &clock, &log});
  ASSERT_TRUE(store) << to_text(store.error());
  auto facts = (*store)->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  EXPECT_EQ(facts->versioning, Versioning::none);
  ASSERT_TRUE(facts->lifecycle);
  EXPECT_TRUE(facts->lifecycle->empty());
  EXPECT_TRUE(facts->warnings.empty());
  const auto versioned = client.set_versioning(bucket, "Enabled");
  ASSERT_TRUE(versioned) << to_text(versioned.error());
  const auto ruled = client.put_lifecycle(
      bucket, rule("<Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>9</Days></Expiration>"));
  ASSERT_TRUE(ruled) << to_text(ruled.error());
  facts = (*store)->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  EXPECT_EQ(facts->versioning, Versioning::enabled);
  ASSERT_TRUE(facts->lifecycle && facts->lifecycle->size() == 1);
  EXPECT_EQ(facts->lifecycle->front().prefix, "tmp/");
  EXPECT_EQ(facts->lifecycle->front().expiration_days, 9);
  ASSERT_TRUE(client.set_versioning(bucket, "Suspended"));
  EXPECT_EQ((*store)->facts()->versioning, Versioning::suspended);
}

TEST(BucketSettings, OfARealServerNeedTheRightSecret) {
  const auto& rgw = shared_rgw();
  ASSERT_TRUE(rgw) << to_text(rgw.error());
  Environment environment = rgw->environment();
  environment.set("AWS_SECRET_ACCESS_KEY", "wrong");
  WakefulClock clock;
  NullLog log;
  const auto store = open_store(rgw->options("any-bucket"), {&environment, &clock, &log});
  const auto facts = (*store)->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(facts.error().service_code, "SignatureDoesNotMatch");
}

struct AnswerCase {
  int status;
  const char* code;
  ErrorCode means;
  RetryClass retry;
};
TEST(S3Error, SaysWhatTheCallerCanDo) {
  const AnswerCase rows[] = {
      {404, "NoSuchBucket", ErrorCode::not_found, RetryClass::final_},
      {403, "AccessDenied", ErrorCode::permission_denied, RetryClass::final_},
      {403, "SomethingNew", ErrorCode::permission_denied, RetryClass::final_},
      {401, "", ErrorCode::permission_denied, RetryClass::final_},
      {400, "ExpiredToken", ErrorCode::permission_denied, RetryClass::final_},
      {403, "RequestTimeTooSkewed", ErrorCode::permission_denied, RetryClass::final_},
      {400, "InvalidBucketName", ErrorCode::invalid_argument, RetryClass::final_},
      {400, "InvalidArgument", ErrorCode::refused, RetryClass::final_},
      {400, "RequestTimeout", ErrorCode::unavailable, RetryClass::transient},
      {404, "", ErrorCode::corrupt, RetryClass::final_},
      {200, "", ErrorCode::unavailable, RetryClass::transient},
      {200, "InternalError", ErrorCode::unavailable, RetryClass::transient},
      {500, "", ErrorCode::unavailable, RetryClass::transient},
      {502, "", ErrorCode::unavailable, RetryClass::transient},
      {504, "", ErrorCode::unavailable, RetryClass::transient},
      {503, "SlowDown", ErrorCode::unavailable, RetryClass::throttled},
      {503, "", ErrorCode::unavailable, RetryClass::throttled},
      {429, "", ErrorCode::unavailable, RetryClass::throttled},
      {501, "NotImplemented", ErrorCode::refused, RetryClass::final_},
      {405, "", ErrorCode::refused, RetryClass::final_},
      {301, "PermanentRedirect", ErrorCode::invalid_argument, RetryClass::final_},
      {204, "", ErrorCode::corrupt, RetryClass::final_},
  };
  S3Address address;
  address.bucket = "b";
  for (const AnswerCase& row : rows) {
    HttpResponse response;
    response.status = row.status;
    if (*row.code != '\0')
      response.body = std::string("<Error><Code>") + row.code + "</Code><Message>m</Message></Error>";
    const S3Failure failure = failure_of_answer(response, address);
    EXPECT_EQ(failure.error.code, row.means) << row.status << row.code;
    EXPECT_EQ(failure.retry, row.retry) << row.status << row.code;
    EXPECT_EQ(failure.error.http_status, row.status);
    EXPECT_EQ(failure.error.service_code, row.code);
  }
}

TEST(S3Error, HonoursRetryAfterAndNamesARegionThatCanBeOne) {
  S3Address address;
  address.bucket = "b";
  HttpResponse response;
  response.status = 503;
  response.headers = {{"retry-after", "7"}};
  EXPECT_EQ(failure_of_answer(response, address).retry_after, std::chrono::seconds(7));
  response.headers = {{"retry-after", "Tue, 24 Nov 2026 14:25:45 GMT"}};
  EXPECT_FALSE(failure_of_answer(response, address).retry_after);
  response.status = 301;
  response.headers = {{"x-amz-bucket-region", "eu-west-3"}};
  EXPECT_EQ(failure_of_answer(response, address).region, "eu-west-3");
  response.headers = {{"x-amz-bucket-region", "evil.example.com/"}};
  EXPECT_EQ(failure_of_answer(response, address).region, "");
  EXPECT_TRUE(failure_of_answer(response, address).wrong_region);
}

TEST(S3Error, EscapesAndBlanksWhatAServerSays) {
  HttpResponse response;
  response.status = 403;
  response.body = "<Error><Code>Acc\x1b[31m</Code><Message>key AKIAIOSFODNN7EXAMPLE is bad</Message></Error>";
  S3Address address;
  address.bucket = "b";
  const Error error = failure_of_answer(response, address).error;
  EXPECT_EQ((error.service_code + error.message).find('\x1b'), std::string::npos);
  EXPECT_EQ(error.message.find("AKIAIOSFODNN7EXAMPLE"), std::string::npos) << error.message;
}

TEST(OpenStore, ChoosesByTheScheme) {
  const Environment environment({{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "b"}});
  WakefulClock clock;
  NullLog log;
  const StoreContext context{&environment, &clock, &log};
  StoreOptions options;
  for (const char* bad : {"", "bucket", "https://bucket", "file://relative/path"}) {
    options.url = bad;
    const auto store = open_store(options, context);
    ASSERT_FALSE(store) << bad;
    EXPECT_EQ(store.error().code, ErrorCode::invalid_argument) << bad;
  }
  options.url = "file:///srv";
  options.region = "eu-west-1";
  const auto foreign = open_store(options, context);
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("region"), std::string::npos);
  options.url = "s3://bucket";
  EXPECT_TRUE(open_store(options, context));
}

TEST(Versioning, HasNames) {
  EXPECT_EQ(to_string(Versioning::enabled), "enabled");
  EXPECT_EQ(to_string(Versioning::suspended), "suspended");
  EXPECT_EQ(to_string(Versioning::none), "none");
  EXPECT_EQ(to_string(Versioning::unknown), "unknown");
}

}  // namespace
}  // namespace flotsam::test
