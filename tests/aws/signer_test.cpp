#include "aws/signer.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "base/hash.h"

namespace flotsam {
namespace {

AwsCredentials example_credentials(std::string token = "") {
  AwsCredentials credentials;
  credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  credentials.session_token = Secret(std::move(token));
  return credentials;
}

const Timestamp kLastSecondOfADay = *parse_rfc3339("2026-11-24T23:59:59Z");

std::string header_of(const HttpRequest& request, std::string_view name) {
  for (const auto& [known, value] : request.headers) {
    if (known == name) return value;
  }
  return "(none)";
}

std::string signature_of(const HttpRequest& request) {
  const std::string authorization = header_of(request, "authorization");
  return authorization.substr(authorization.find("Signature=") + 10);
}

// The expected signatures of the next four were made with botocore, the AWS CLI's own signer.

TEST(Signer, LeavesAnS3PathAsItIsAndSignsThePort) {
  HttpRequest request{.scheme = "http", .host = "127.0.0.1", .port = 8000};
  request.target = "/b/a%2F..//x/./%20%25%C3%A9?list-type=2&prefix=books%2F&encoding-type=url";
  SigV4Signer({.region = "eu-west-1", .service = "s3"})
      .sign(request, example_credentials(), kLastSecondOfADay);
  EXPECT_EQ(signature_of(request), "193b2acfa074cf6c2b2bbbe5a14112ad03c5e9626c8726b81bbe5a139ccbe7ea");
}

TEST(Signer, SignsABodyItsDigestAndTheSessionToken) {
  HttpRequest request{.method = "POST", .host = "b.s3.eu-west-1.amazonaws.com", .target = "/?delete="};
  request.headers = {{"Content-MD5", "abc="}, {"Content-Type", "application/xml"}};
  request.body = "<Delete/>";
  SigV4Signer({.region = "eu-west-1", .service = "s3"})
      .sign(request, example_credentials("TOKEN//+=="), kLastSecondOfADay);
  EXPECT_EQ(signature_of(request), "0efd2088d01888b1113b5cfbe7e2f1590a5066ae119f3d43016d9630b0f59c56");
  EXPECT_EQ(header_of(request, "x-amz-content-sha256"), sha256_hex("<Delete/>"));
  EXPECT_EQ(header_of(request, "x-amz-security-token"), "TOKEN//+==");
}

TEST(Signer, SignsConditionsAndTheOwnerButNotWhatProxiesRewrite) {
  HttpRequest request{.method = "DELETE", .host = "b.s3.eu-west-1.amazonaws.com", .target = "/.."};
  request.headers = {
      {"If-Match", "\"0123\""}, {"x-amz-expected-bucket-owner", "123456789012"}, {"User-Agent", "x"}};
  SigV4Signer({.region = "eu-west-1", .service = "s3"})
      .sign(request, example_credentials(), kLastSecondOfADay);
  EXPECT_EQ(signature_of(request), "dcb6200db76eed2ba083af8eaae12650674eeac1c0042e47fe37ced0ffd2334c");
}

TEST(Signer, NormalisesAndEncodesThePathOfOtherServicesTwice) {
  HttpRequest request{.host = "example.eu-west-1.amazonaws.com", .target = "/a%20b/../c%2Fd//e/?x=%2B"};
  SigV4Signer({.region = "eu-west-1", .service = "service"})
      .sign(request, example_credentials(), kLastSecondOfADay);
  EXPECT_EQ(signature_of(request), "eec10b0beed4e1aad3ee1a8d57bc608c4a772d7bf1e5d5909a2e5bc49865a618");
}

TEST(Signer, LeavesOutWhatMayChangeOnTheWay) {
  for (const char* name : {"Accept-Encoding", "Authorization", "Connection", "Content-Length", "Expect", "TE",
                           "Transfer-Encoding", "User-Agent", "X-Amzn-Trace-Id"}) {
    HttpRequest request{.host = "h", .headers = {{name, "x"}, {"If-Match", "y"}}};
    std::string signed_headers;
    SigV4Signer::canonical_request(request, "hash", signed_headers);
    EXPECT_EQ(signed_headers, "host;if-match") << name;
  }
}

TEST(Signer, ReadsTheQueryAsTheServiceDoes) {
  struct Row {
    const char* sent;
    const char* canonical;
  };
  for (const Row& row :
       {Row{"", ""}, Row{"?", ""}, Row{"?a", "a="}, Row{"?a=", "a="}, Row{"?a=b=c", "a=b%3Dc"},
        Row{"?&b&&a=1&", "a=1&b="}, Row{"?a+b", "a%2Bb="}, Row{"?a=%2f%2F", "a=%2F%2F"},
        Row{"?x=%00%09%0a%0F%a0%AF%f9%99", "x=%00%09%0A%0F%A0%AF%F9%99"},
        Row{"?a=%41%5A%61%7a%30%39", "a=AZaz09"}, Row{"?a=%", "a=%25"}, Row{"?a=%4", "a=%254"},
        Row{"?a=%g1%1g%/1%:1%@1%`1", "a=%25g1%251g%25%2F1%25%3A1%25%401%25%601"}, Row{"?a=b?c", "a=b%3Fc"},
        Row{"?b=2&a=3&b=1", "a=3&b=1&b=2"}}) {
    const HttpRequest request{.host = "h", .target = std::string("/k") + row.sent};
    std::string signed_headers;
    EXPECT_EQ(SigV4Signer::canonical_request(request, "hash", signed_headers),
              std::string("GET\n/k\n") + row.canonical + "\nhost:h\n\nhost\nhash");
  }
}

TEST(Signer, FoldsThePathOfOtherServicesOnly) {
  struct Row {
    const char* sent;
    const char* canonical;
  };
  for (const Row& row :
       {Row{"/", "/"}, Row{"/a", "/a"}, Row{"/a/", "/a/"}, Row{"/a/.", "/a/"}, Row{"/a/..", "/"},
        Row{"/..", "/"}, Row{"/../../a", "/a"}, Row{"//a///b//", "/a/b/"}, Row{"/a/./b", "/a/b"},
        Row{"/a/b/../c", "/a/c"}, Row{"/a%2F..", "/a%252F.."}, Row{"/...", "/..."}}) {
    const HttpRequest request{.host = "h", .target = row.sent};
    std::string signed_headers;
    EXPECT_EQ(SigV4Signer::canonical_request(request, "hash", signed_headers, CanonicalPath::normalised),
              std::string("GET\n") + row.canonical + "\n\nhost:h\n\nhost\nhash");
    EXPECT_EQ(SigV4Signer::canonical_request(request, "hash", signed_headers, CanonicalPath::as_sent),
              std::string("GET\n") + row.sent + "\n\nhost:h\n\nhost\nhash");
  }
}

TEST(Signer, TrimsTheValuesOfHeadersAndJoinsNamesakes) {
  const HttpRequest request{
      .host = "h", .headers = {{"B", " 2\t "}, {"a", ""}, {"b", "1  \r\n 3"}, {"A", "   "}, {"a-b", "x"}}};
  std::string signed_headers;
  EXPECT_EQ(SigV4Signer::canonical_request(request, "hash", signed_headers),
            "GET\n/\n\na:,\na-b:x\nb:2,1 3\nhost:h\n\na;a-b;b;host\nhash");
}

TEST(Signer, TakesTheHostHeaderWhereItIsGiven) {
  const HttpRequest request{.host = "127.0.0.1", .port = 8000, .headers = {{"Host", "bucket.example.com"}}};
  std::string signed_headers;
  const std::string canonical = SigV4Signer::canonical_request(request, "hash", signed_headers);
  EXPECT_EQ(canonical, "GET\n/\n\nhost:bucket.example.com\n\nhost\nhash");
}

TEST(Signer, GivesAnEmptySessionTokenNoHeader) {
  HttpRequest request{.host = "h", .headers = {{"X-Amz-Security-Token", "of an earlier signature"}}};
  SigV4Signer({.region = "r", .service = "s3"}).sign(request, example_credentials(), kLastSecondOfADay);
  EXPECT_EQ(header_of(request, "X-Amz-Security-Token"), "(none)");
  EXPECT_EQ(header_of(request, "authorization").find("token"), std::string::npos);
}

TEST(Signer, SigningAgainReplacesEveryHeaderOfTheFirstSignature) {
  HttpRequest twice{.host = "h", .target = "/b/k"};
  HttpRequest once = twice;
  SigV4Signer signer({.region = "r", .service = "s3"});
  twice.body = "first";
  signer.sign(twice, example_credentials("old token"), kLastSecondOfADay - std::chrono::hours(30));
  twice.body = once.body = "second";
  signer.sign(twice, example_credentials("new"), kLastSecondOfADay);
  SigV4Signer({.region = "r", .service = "s3"}).sign(once, example_credentials("new"), kLastSecondOfADay);
  std::ranges::sort(twice.headers);
  std::ranges::sort(once.headers);
  EXPECT_EQ(twice.headers, once.headers);
}

// One signer must not sign with the key of another day, id or secret.
TEST(Signer, TakesANewSigningKeyForAnotherDayIdOrSecret) {
  SigV4Signer kept({.region = "r", .service = "s3"});
  AwsCredentials other_secret = example_credentials();
  other_secret.secret_access_key = Secret("another");
  AwsCredentials other_id = other_secret;
  other_id.access_key_id = "AKIAANOTHER";
  struct Step {
    const char* name;
    AwsCredentials credentials;
    Timestamp now;
  };
  for (const Step& step : {Step{"first", example_credentials(), kLastSecondOfADay},
                           Step{"again", example_credentials(), kLastSecondOfADay},
                           Step{"next day", example_credentials(), kLastSecondOfADay + Seconds(1)},
                           Step{"other secret", other_secret, kLastSecondOfADay + Seconds(1)},
                           Step{"other id", other_id, kLastSecondOfADay + Seconds(1)},
                           Step{"back", example_credentials(), kLastSecondOfADay}}) {
    HttpRequest by_kept{.host = "h"};
    HttpRequest by_fresh{.host = "h"};
    kept.sign(by_kept, step.credentials, step.now);
    SigV4Signer({.region = "r", .service = "s3"}).sign(by_fresh, step.credentials, step.now);
    EXPECT_EQ(header_of(by_kept, "authorization"), header_of(by_fresh, "authorization")) << step.name;
  }
}

TEST(Signer, ShowsNeitherSecretNorKeyInTheRequest) {
  HttpRequest request{.host = "h"};
  SigV4Signer({.region = "r", .service = "s3"}).sign(request, example_credentials(), kLastSecondOfADay);
  for (const auto& [name, value] : request.headers)
    EXPECT_EQ(value.find("wJalrXUtnFEMI"), std::string::npos) << name;
}

TEST(UriEncoding, KeepsOnlyUnreservedBytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  const std::string encoded = uri_encoded(all, Slash::encode);
  std::string kept;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%') {
      i += 2;
    } else {
      kept.push_back(encoded[i]);
    }
  }
  EXPECT_EQ(kept, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
  EXPECT_EQ(encoded.size(), 66 + 3 * (256 - 66));
}

TEST(UriEncoding, WritesUpperCaseHexAndTheSlashAsAsked) {
  EXPECT_EQ(uri_encoded("a/b +%\xC3\xA9\n", Slash::keep), "a/b%20%2B%25%C3%A9%0A");
  EXPECT_EQ(uri_encoded("a/b", Slash::encode), "a%2Fb");
}

TEST(Query, IsSortedByEncodedNameThenValueWithEmptyValuesMarked) {
  EXPECT_EQ(
      make_query({{"prefix", "a/b c"}, {"delete", ""}, {"Param-3", "v"}, {"Param", "2"}, {"Param", "10"}}),
      "Param=10&Param=2&Param-3=v&delete=&prefix=a%2Fb%20c");
  EXPECT_EQ(make_query({}), "");
  // By encoded name: "%" stands before letters, though the byte behind it is greater than theirs.
  EXPECT_EQ(make_query({{"a", "1"}, {"\xE1", "2"}}), "%E1=2&a=1");
}

}  // namespace
}  // namespace flotsam
