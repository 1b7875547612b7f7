#include "store/s3/s3_address.h"

#include <gtest/gtest.h>

#include "store/s3/s3_request.h"

namespace flotsam {
namespace {

StoreOptions bucket(const std::string& url, std::optional<std::string> endpoint = {}) {
  StoreOptions options;
  options.url = url;
  options.endpoint = std::move(endpoint);
  return options;
}

struct PlaceCase {
  const char* name;
  const char* url;
  const char* endpoint;  ///< null: none
  const char* region;
  const char* addressing;
  std::map<std::string, std::string> variables;
  const char* authority;
  const char* target;
  const char* identity;
};
const PlaceCase kPlaces[] = {
    {"AWS",
     "s3://my-bucket",
     nullptr,
     "eu-west-1",
     nullptr,
     {},
     "my-bucket.s3.eu-west-1.amazonaws.com",
     "/?list-type=2",
     "arn:aws:s3:::my-bucket"},
    {"AWS without a region",
     "s3://my-bucket/",
     nullptr,
     nullptr,
     nullptr,
     {},
     "my-bucket.s3.us-east-1.amazonaws.com",
     "/?list-type=2",
     "arn:aws:s3:::my-bucket"},
    {"AWS, dots in the name",
     "s3://my.bucket",
     nullptr,
     "eu-west-1",
     nullptr,
     {},
     "s3.eu-west-1.amazonaws.com",
     "/my.bucket?list-type=2",
     "arn:aws:s3:::my.bucket"},
    {"AWS in China",
     "s3://b-1",
     nullptr,
     "cn-north-1",
     nullptr,
     {},
     "b-1.s3.cn-north-1.amazonaws.com.cn",
     "/?list-type=2",
     "arn:aws-cn:s3:::b-1"},
    {"AWS for governments",
     "s3://b-1",
     nullptr,
     "us-gov-west-1",
     nullptr,
     {},
     "b-1.s3.us-gov-west-1.amazonaws.com",
     "/?list-type=2",
     "arn:aws-us-gov:s3:::b-1"},
    {"AWS, path wished",
     "s3://my-bucket",
     nullptr,
     "eu-west-1",
     "path",
     {},
     "s3.eu-west-1.amazonaws.com",
     "/my-bucket?list-type=2",
     "arn:aws:s3:::my-bucket"},
    {"AWS, dual stack",
     "s3://my-bucket",
     nullptr,
     "eu-west-1",
     nullptr,
     {{"AWS_USE_DUALSTACK_ENDPOINT", "true"}},
     "my-bucket.s3.dualstack.eu-west-1.amazonaws.com",
     "/?list-type=2",
     "arn:aws:s3:::my-bucket"},
    {"AWS, FIPS",
     "s3://my-bucket",
     nullptr,
     "us-east-2",
     nullptr,
     {{"AWS_USE_FIPS_ENDPOINT", "TRUE"}},
     "my-bucket.s3-fips.us-east-2.amazonaws.com",
     "/?list-type=2",
     "arn:aws:s3:::my-bucket"},
    {"an endpoint of AWS",
     "s3://my-bucket",
     "https://s3.eu-west-1.amazonaws.com",
     nullptr,
     nullptr,
     {},
     "s3.eu-west-1.amazonaws.com",
     "/my-bucket?list-type=2",
     "arn:aws:s3:::my-bucket"},
    {"endpoint",
     "s3://b",
     "http://127.0.0.1:8000",
     nullptr,
     nullptr,
     {},
     "127.0.0.1:8000",
     "/b?list-type=2",
     "s3://127.0.0.1:8000/b"},
    {"endpoint with the usual port",
     "s3://b",
     "https://S3.Example.com:443/",
     nullptr,
     nullptr,
     {},
     "s3.example.com",
     "/b?list-type=2",
     "s3://s3.example.com/b"},
    {"endpoint with a path",
     "s3://b",
     "https://example.com/storage/v1/s3/",
     nullptr,
     nullptr,
     {},
     "example.com",
     "/storage/v1/s3/b?list-type=2",
     "s3://example.com/storage/v1/s3/b"},
    {"endpoint, virtual",
     "s3://my-bucket",
     "https://s3.example.com",
     nullptr,
     "virtual",
     {},
     "my-bucket.s3.example.com",
     "/?list-type=2",
     "s3://s3.example.com/my-bucket"},
    {"IPv6",
     "s3://b",
     "http://[::1]:9000",
     nullptr,
     nullptr,
     {},
     "[::1]:9000",
     "/b?list-type=2",
     "s3://[::1]:9000/b"},
    {"underscore in the name",
     "s3://my_Bucket",
     "http://localhost:1",
     nullptr,
     nullptr,
     {},
     "localhost:1",
     "/my_Bucket?list-type=2",
     "s3://localhost:1/my_Bucket"},
};

TEST(S3Address, SaysWhereABucketIs) {
  for (const PlaceCase& row : kPlaces) {
    SCOPED_TRACE(row.name);
    StoreOptions options = bucket(row.url);
    if (row.endpoint != nullptr) options.endpoint = row.endpoint;
    if (row.region != nullptr) options.region = row.region;
    if (row.addressing != nullptr) options.addressing = row.addressing;
    const auto address = make_s3_address(options, AwsSettings{}, Environment(row.variables));
    ASSERT_TRUE(address) << to_text(address.error());
    const HttpRequest request = make_bucket_get(*address, address->region, {{"list-type", "2"}});
    EXPECT_EQ(request.authority(), row.authority);
    EXPECT_EQ(request.target, row.target);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(identity_of(*address), row.identity);
  }
}

struct BadCase {
  const char* name;
  const char* url;
  const char* endpoint;
  ErrorCode code;
  const char* says;
};
const BadCase kBad[] = {
    {"no bucket", "s3://", nullptr, ErrorCode::invalid_argument, "names no bucket"},
    {"a key", "s3://bucket/books/", nullptr, ErrorCode::invalid_argument, "more than a bucket"},
    {"an ARN", "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/x", nullptr, ErrorCode::invalid_argument,
     "ARN"},
    {"another scheme", "gs://bucket", nullptr, ErrorCode::invalid_argument, "s3://"},
    {"odd characters", "s3://buck?et", nullptr, ErrorCode::invalid_argument, "no bucket's name"},
    {"dots only", "s3://..", nullptr, ErrorCode::invalid_argument, "no bucket's name"},
    {"directory bucket", "s3://base--usw2-az1--x-s3", nullptr, ErrorCode::refused, "directory bucket"},
    {"no scheme", "s3://b", "127.0.0.1:9000", ErrorCode::invalid_argument, "no scheme"},
    {"ftp", "s3://b", "ftp://host", ErrorCode::invalid_argument, "neither http nor https"},
    {"user name", "s3://b", "https://user:pw@host", ErrorCode::invalid_argument, "user name"},
    {"user name without scheme", "s3://b", "user:pw@host", ErrorCode::invalid_argument, "user name"},
    {"query", "s3://b", "https://host/?a=b", ErrorCode::invalid_argument, "query"},
    {"no host", "s3://b", "https://:9000", ErrorCode::invalid_argument, "no host"},
    {"bad port", "s3://b", "https://host:99999", ErrorCode::invalid_argument, "port"},
    {"line break", "s3://b", "https://ho\r\nst", ErrorCode::invalid_argument, "character"},
    {"plain http to AWS", "s3://b", "http://s3.amazonaws.com", ErrorCode::invalid_argument, "without TLS"},
    {"EC2 metadata", "s3://b", "http://169.254.169.254", ErrorCode::refused, "metadata"},
    {"metadata by name", "s3://b", "http://instance-data", ErrorCode::refused, "metadata"},
    {"link-local by NAT64", "s3://b", "https://[64:ff9b::a9fe:1]", ErrorCode::refused, "metadata"},
};

TEST(S3Address, RefusesWhatIsNone) {
  for (const BadCase& row : kBad) {
    SCOPED_TRACE(row.name);
    StoreOptions options = bucket(row.url);
    if (row.endpoint != nullptr) options.endpoint = row.endpoint;
    const auto address = make_s3_address(options, AwsSettings{}, Environment());
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().code, row.code);
    EXPECT_NE(address.error().message.find(row.says), std::string::npos) << address.error().message;
    EXPECT_EQ(to_text(address.error()).find("pw"), std::string::npos) << "a secret in a message";
  }
}

TEST(S3Address, TakesTheSettingsOfTheAwsCliWhereOursAreSilent) {
  AwsSettings settings;
  settings.endpoint = "http://10.0.0.1:9000";
  settings.endpoint_origin = "AWS_ENDPOINT_URL_S3";
  settings.region = "eu-north-1";
  settings.addressing = "virtual";
  const auto theirs = make_s3_address(bucket("s3://my-bucket"), settings, Environment());
  ASSERT_TRUE(theirs);
  EXPECT_EQ(make_bucket_get(*theirs, theirs->region, {}).authority(), "my-bucket.10.0.0.1:9000");
  EXPECT_EQ(theirs->region, "eu-north-1");
  StoreOptions options = bucket("s3://my-bucket", "https://ours.example.com");
  options.region = "auto";
  options.addressing = "path";
  const auto ours = make_s3_address(options, settings, Environment());
  ASSERT_TRUE(ours);
  EXPECT_EQ(make_bucket_get(*ours, ours->region, {}).authority(), "ours.example.com");
  EXPECT_EQ(ours->region, "auto");
  settings.endpoint = "http://169.254.169.254";
  const auto refused = make_s3_address(bucket("s3://b"), settings, Environment());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("AWS_ENDPOINT_URL_S3"), std::string::npos);
}

TEST(S3Address, RefusesAddressingThatCannotWork) {
  StoreOptions options = bucket("s3://Not_Dns", "https://host");
  options.addressing = "virtual";
  EXPECT_FALSE(make_s3_address(options, AwsSettings{}, Environment()));
  options.addressing = "sideways";
  EXPECT_FALSE(make_s3_address(options, AwsSettings{}, Environment()));
}

TEST(S3Address, LetsOnlyARegionsNameIntoAHost) {
  for (const char* good : {"eu-west-1", "auto", "us-gov-west-1"}) EXPECT_TRUE(is_region_name(good)) << good;
  for (const char* bad : {"", "evil.com/", "a b", "EU", "x\r\ny", "eu_west"})
    EXPECT_FALSE(is_region_name(bad)) << bad;
  StoreOptions options = bucket("s3://b-1");
  options.region = "evil.example.com/?";
  EXPECT_FALSE(make_s3_address(options, AwsSettings{}, Environment()));
}

TEST(S3Request, AsksForAPageOfKeys) {
  EXPECT_EQ(
      make_query(list_objects_parameters(
          {.prefix = "a b/+%é", .start_after = "a b/x&y", .token = "", .delimiter = "/", .max_keys = 7})),
      "delimiter=%2F&encoding-type=url&list-type=2&max-keys=7&prefix=a%20b%2F%2B%25%C3%A9&start-after=a%20b%"
      "2Fx%26y");
  EXPECT_EQ(
      make_query(list_objects_parameters(
          {.prefix = "", .start_after = "ignored", .token = "t/1+=", .delimiter = "", .max_keys = 1000})),
      "continuation-token=t%2F1%2B%3D&encoding-type=url&list-type=2&max-keys=1000&prefix=");
  EXPECT_EQ(make_query(sub_resource_parameters("versioning")), "versioning=");
}

TEST(S3Request, NamesTheExpectedOwner) {
  StoreOptions options = bucket("s3://b-1");
  const auto without = make_s3_address(options, AwsSettings{}, Environment());
  EXPECT_TRUE(make_bucket_get(*without, "", {}).headers.empty());
  options.expected_bucket_owner = "123456789012";
  const auto with = make_s3_address(options, AwsSettings{}, Environment());
  EXPECT_EQ(make_bucket_get(*with, "", {}).headers,
            (HttpHeaders{{"x-amz-expected-bucket-owner", "123456789012"}}));
}

}  // namespace
}  // namespace flotsam
