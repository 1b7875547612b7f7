// What is sent to delete and to bring back, and what the answers are taken for: all that needs no store.

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/md5.h"
#include "store/s3/bucket_settings.h"
#include "store/s3/delete_batch.h"
#include "store/s3/object_head.h"
#include "store/s3/removal_outcome.h"
#include "store/s3/s3_copy.h"
#include "store/s3/s3_holdings.h"

namespace flotsam::test {
namespace {

using namespace std::string_literals;

S3Address path_address() {
  S3Address address;
  address.bucket = "bucket";
  address.scheme = "http";
  address.host = "127.0.0.1";
  address.port = 9000;
  address.addressing = Addressing::path;
  address.expected_bucket_owner = "123456789012";
  return address;
}

std::string header_of(const HttpRequest& request, std::string_view name) {
  for (const auto& [known, value] : request.headers)
    if (known == name) return value;
  return "(none)";
}

TEST(S3Requests, NameTheObjectByteForByte) {
  struct Row {
    const char* name;
    std::string key;
    std::string target;
  };
  for (const Row& row : {Row{"plain", "books/1.webp", "/bucket/books/1.webp"},
                         {"space and plus", "a b+c", "/bucket/a%20b%2Bc"},
                         {"percent", "a%2Fb", "/bucket/a%252Fb"},
                         {"question mark", "a?versionId=x&b#c", "/bucket/a%3FversionId%3Dx%26b%23c"},
                         {"slashes", "/a//b/../c/.", "/bucket//a//b/../c/."},
                         {"dots alone", "..", "/bucket/.."},
                         {"no UTF-8", "\xFF\x01", "/bucket/%FF%01"}}) {
    const HttpRequest request = ask_delete(KeyView(row.key)).request_to(path_address(), "us-east-1");
    EXPECT_EQ(request.target, row.target) << row.name;
    EXPECT_EQ(request.method, "DELETE") << row.name;
    EXPECT_EQ(header_of(request, "x-amz-expected-bucket-owner"), "123456789012") << row.name;
    EXPECT_EQ(header_of(request, "if-match"), "(none)") << row.name;
  }
  S3Address virtual_one = path_address();
  virtual_one.addressing = Addressing::virtual_host;
  virtual_one.host.clear();
  const HttpRequest request = ask_delete(KeyView("/a b")).request_to(virtual_one, "eu-west-1");
  EXPECT_EQ(request.host, "bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(request.target, "//a%20b");
}

TEST(S3Requests, CarryTheConditionInQuotes) {
  const HttpRequest request = ask_delete(KeyView("a"), "abc-2").request_to(path_address(), "us-east-1");
  EXPECT_EQ(header_of(request, "if-match"), "\"abc-2\"");
  EXPECT_EQ(request.target, "/bucket/a");
}

TEST(S3Requests, NameAMarkerOnlyByItsOwnId) {
  const HttpRequest request =
      ask_remove_marker(KeyView("a"), "id/1+").request_to(path_address(), "us-east-1");
  EXPECT_EQ(request.target, "/bucket/a?versionId=id%2F1%2B");
  EXPECT_DEATH(ask_remove_marker(KeyView("a"), "null"), "marker_id");
  EXPECT_DEATH(ask_remove_marker(KeyView("a"), ""), "marker_id");
}

TEST(S3Requests, CannotBeAboutABucketByAccident) {
  EXPECT_DEATH(ask_delete(KeyView()), "key");
  EXPECT_DEATH(S3Ask::of_object("PUT", KeyView("")), "key");
  EXPECT_EQ(S3Ask::of_bucket({}).method(), "GET");
  EXPECT_EQ(S3Ask::of_bucket({}).request_to(path_address(), "").target, "/bucket?");
}

TEST(S3Requests, NameACopysSourceEncoded) {
  EXPECT_EQ(copy_source_of("bucket", KeyView("a b/c+d%/\xC3\xA9?"), ""), "bucket/a%20b/c%2Bd%25/%C3%A9%3F");
  EXPECT_EQ(copy_source_of("bucket", KeyView("/a"), "v&1"), "bucket//a?versionId=v%261");
}

TEST(DeleteBatch, WritesKeysSoThatXmlKeepsThem) {
  const std::string odd = "<&>\"'\t\n\r \xC3\xA9";
  const std::vector<BatchDeletion> batch = {{KeyView("plain"), ""}, {KeyView(odd), "e&1"}};
  const HttpRequest request = ask_delete_batch(batch).request_to(path_address(), "us-east-1");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/bucket?delete=");
  EXPECT_EQ(request.body,
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>false</Quiet>"
            "<Object><Key>plain</Key></Object>"
            "<Object><Key>&lt;&amp;&gt;&quot;&apos;&#9;&#10;&#13; \xC3\xA9</Key>"
            "<ETag>&quot;e&amp;1&quot;</ETag></Object></Delete>");
  EXPECT_EQ(header_of(request, "content-md5"), to_base64(*md5(request.body)));
  EXPECT_EQ(header_of(request, "x-amz-expected-bucket-owner"), "123456789012");
  EXPECT_EQ(to_hex(*md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(DeleteBatch, TakesOnlyKeysThatXmlCanCarry) {
  struct Row {
    const char* name;
    std::string key;
    bool fits;
  };
  for (const Row& row : {Row{"plain", "a/b.webp", true},
                         {"line break", "a\nb\r\tc", true},
                         {"DEL", "a\x7F", true},
                         {"emoji", "\xF0\x9F\x90\xA2", true},
                         {"U+FFFD", "\xEF\xBF\xBD", true},
                         {"NUL", "a\0b"s, false},
                         {"U+0001", "a\x01", false},
                         {"escape", "a\x1B[0m", false},
                         {"U+FFFE", "a\xEF\xBF\xBE", false},
                         {"U+FFFF", "a\xEF\xBF\xBF", false},
                         {"no UTF-8", "a\xFF", false},
                         {"surrogate", "\xED\xA0\x80", false}})
    EXPECT_EQ(is_xml_key(KeyView(row.key)), row.fits) << row.name;
  const std::vector<BatchDeletion> bad = {{KeyView("a\x01"), ""}};
  EXPECT_DEATH(ask_delete_batch(bad), "is_xml_key");
  EXPECT_DEATH(ask_delete_batch({}), "empty");
}

TEST(DeleteBatch, ReadsWhatTheStoreSaysOfEachKey) {
  std::string body =
      "<?xml version=\"1.0\"?><DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Deleted><Key>a&amp;&#13;&#10;</Key><DeleteMarker>true</DeleteMarker>"
      "<DeleteMarkerVersionId>m1</DeleteMarkerVersionId></Deleted>"
      "<Error><Key> b </Key><Code>AccessDenied</Code><Message>no</Message></Error>"
      "<Deleted/></DeleteResult>";
  const auto entries = parse_batch_answer(body);
  ASSERT_TRUE(entries) << to_text(entries.error());
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].key, "a&\r\n");
  EXPECT_TRUE((*entries)[0].deleted);
  EXPECT_TRUE((*entries)[0].is_marker);
  EXPECT_EQ((*entries)[0].marker_id, "m1");
  EXPECT_EQ((*entries)[1].key, " b ");
  EXPECT_FALSE((*entries)[1].deleted);
  EXPECT_EQ((*entries)[1].code, "AccessDenied");
  EXPECT_EQ((*entries)[1].message, "no");
  for (const char* broken : {"", "<DeleteResult>", "<Error><Code>x</Code></Error>", "<html></html>",
                             "<!DOCTYPE x><DeleteResult/>", "<ListBucketResult/>"}) {
    std::string text = broken;
    EXPECT_FALSE(parse_batch_answer(text)) << broken;
  }
}

S3Sent sent(S3Sent::Fate fate, int status, const std::string& code) {
  S3Sent answer;
  answer.fate = fate;
  answer.error.http_status = status;
  answer.error.service_code = code;
  answer.error.message = "said";
  return answer;
}

TEST(RemovalOutcome, IsReadFromASingleAnswer) {
  using Fate = S3Sent::Fate;
  struct Row {
    const char* name;
    S3Sent answer;
    RemoveResult plain, locked;
    const char* code;
  };
  for (const Row& row :
       {Row{"done", sent(Fate::done, 204, ""), RemoveResult::removed, RemoveResult::removed, ""},
        {"condition", sent(Fate::refused, 412, "PreconditionFailed"), RemoveResult::changed,
         RemoveResult::changed, "PreconditionFailed"},
        {"conflict", sent(Fate::refused, 409, "ConditionalRequestConflict"), RemoveResult::changed,
         RemoveResult::changed, "ConditionalRequestConflict"},
        {"aborted", sent(Fate::refused, 409, "OperationAborted"), RemoveResult::failed, RemoveResult::failed,
         "OperationAborted"},
        {"missing", sent(Fate::refused, 404, "NoSuchKey"), RemoveResult::gone, RemoveResult::gone,
         "NoSuchKey"},
        {"no bucket", sent(Fate::refused, 404, "NoSuchBucket"), RemoveResult::failed, RemoveResult::failed,
         "NoSuchBucket"},
        {"denied", sent(Fate::refused, 403, "AccessDenied"), RemoveResult::failed, RemoveResult::held,
         "AccessDenied"},
        {"denied, no code", sent(Fate::refused, 403, ""), RemoveResult::failed, RemoveResult::failed,
         "HTTP 403"},
        {"not sent", sent(Fate::not_sent, 0, "CURLE_COULDNT_CONNECT"), RemoveResult::failed,
         RemoveResult::failed, "CURLE_COULDNT_CONNECT"},
        {"lost", sent(Fate::unknown, 0, "CURLE_GOT_NOTHING"), RemoveResult::unknown, RemoveResult::unknown,
         "CURLE_GOT_NOTHING"},
        {"500", sent(Fate::unknown, 500, "InternalError"), RemoveResult::unknown, RemoveResult::unknown,
         "InternalError"}}) {
    const RemoveOutcome plain = outcome_of_sent(row.answer, BucketLock::none);
    EXPECT_EQ(plain.result, row.plain) << row.name;
    EXPECT_EQ(plain.code, row.code) << row.name;
    EXPECT_EQ(outcome_of_sent(row.answer, BucketLock::on).result, row.locked) << row.name;
  }
}

TEST(RemovalOutcome, IsReadFromAnEntryOfABatch) {
  struct Row {
    const char* code;
    RemoveResult plain, locked;
    bool throttled, retryable;
  };
  for (const Row& row : {Row{"AccessDenied", RemoveResult::failed, RemoveResult::held, false, false},
                         {"PreconditionFailed", RemoveResult::changed, RemoveResult::changed, false, false},
                         {"NoSuchKey", RemoveResult::gone, RemoveResult::gone, false, false},
                         {"NoSuchVersion", RemoveResult::gone, RemoveResult::gone, false, false},
                         {"SlowDown", RemoveResult::failed, RemoveResult::failed, true, true},
                         {"ServiceUnavailable", RemoveResult::failed, RemoveResult::failed, true, true},
                         {"OperationAborted", RemoveResult::failed, RemoveResult::failed, false, true},
                         {"InternalError", RemoveResult::unknown, RemoveResult::unknown, false, false},
                         {"", RemoveResult::unknown, RemoveResult::unknown, false, false},
                         {"NeverHeardOf", RemoveResult::failed, RemoveResult::failed, false, false}}) {
    BatchEntry entry;
    entry.code = row.code;
    entry.message = "password=hunter2";
    const RemoveOutcome outcome = outcome_of_entry(entry, BucketLock::none);
    EXPECT_EQ(outcome.result, row.plain) << row.code;
    EXPECT_EQ(outcome.throttled, row.throttled) << row.code;
    EXPECT_EQ(outcome.retryable, row.retryable) << row.code;
    EXPECT_EQ(outcome.code, row.code);
    EXPECT_EQ(outcome.message.find("hunter2"), std::string::npos) << outcome.message;
    EXPECT_EQ(outcome_of_entry(entry, BucketLock::on).result, row.locked) << row.code;
  }
}

TEST(RemovalOutcome, OfABatchAreFittedByteForByte) {
  const auto outcomes_of = [](const std::string& inside, const std::vector<std::string>& asked) {
    std::string body = "<DeleteResult>" + inside + "</DeleteResult>";
    std::vector<KeyView> keys;
    for (const std::string& key : asked) keys.emplace_back(key);
    std::vector<std::string> names;
    for (const RemoveOutcome& outcome : outcomes_of_batch(body, keys, BucketLock::none))
      names.push_back(std::string(to_string(outcome.result)) + " " + outcome.code);
    return names;
  };
  using Names = std::vector<std::string>;
  const std::string a = "<Deleted><Key>a</Key></Deleted>", b = "<Deleted><Key>b</Key></Deleted>";
  EXPECT_EQ(outcomes_of(b + a, {"a", "b"}), (Names{"removed ", "removed "}));
  EXPECT_EQ(outcomes_of(a, {"a", "b"}), (Names{"removed ", "unknown NoAnswer"}));
  EXPECT_EQ(outcomes_of(a + a + b, {"a", "b"}), (Names{"unknown TwoAnswers", "removed "}));
  EXPECT_EQ(outcomes_of(a + "<Error><Key>a</Key><Code>AccessDenied</Code></Error>", {"a"}),
            Names{"unknown TwoAnswers"});
  EXPECT_EQ(outcomes_of("<Deleted><Key>A</Key></Deleted><Deleted><Key>a </Key></Deleted>", {"a"}),
            Names{"unknown NoAnswer"});
  EXPECT_EQ(outcomes_of("<Deleted><Key>e\xCC\x81</Key></Deleted>", {"\xC3\xA9"}), Names{"unknown NoAnswer"});
  EXPECT_EQ(outcomes_of("<Deleted><Key>a\nb</Key></Deleted>", {"a\rb"}), Names{"unknown NoAnswer"});
  EXPECT_EQ(outcomes_of(b, {"a"}), Names{"unknown NoAnswer"});
  EXPECT_EQ(outcomes_of("", {"a", "b"}), Names(2, "unknown NoAnswer"));
  EXPECT_EQ(outcomes_of("<broken", {"a", "b"}), Names(2, "unknown Unreadable"));
}

TEST(S3Errors, ProveThatNothingWasDoneOnlyWhereTheyDo) {
  struct Row {
    int status;
    const char* code;
    bool proves;
  };
  for (const Row& row : {Row{301, "PermanentRedirect", true},
                         {400, "MalformedXML", true},
                         {403, "", true},
                         {404, "NoSuchKey", true},
                         {408, "", false},
                         {412, "", true},
                         {429, "", true},
                         {500, "InternalError", false},
                         {501, "NotImplemented", true},
                         {502, "", false},
                         {503, "", false},
                         {503, "SlowDown", true},
                         {503, "ServiceUnavailable", true},
                         {504, "", false},
                         {200, "InternalError", false},
                         {200, "SlowDown", false}})
    EXPECT_EQ(proves_nothing_done(row.status, row.code), row.proves) << row.status << row.code;
  for (const auto& [code, before] : {std::pair("CURLE_COULDNT_CONNECT", true),
                                     {"CURLE_COULDNT_RESOLVE_HOST", true},
                                     {"CURLE_GOT_NOTHING", false},
                                     {"CURLE_OPERATION_TIMEDOUT", false},
                                     {"CURLE_RECV_ERROR", false},
                                     {"CURLE_SEND_ERROR", false},
                                     {"CURLE_ABORTED_BY_CALLBACK", false}}) {
    Error error;
    error.code = ErrorCode::unavailable;
    error.service_code = code;
    EXPECT_EQ(is_before_sending(error), before) << code;
  }
}

TEST(QuarantineUrl, IsABucketAndAFolderOfFlotsamsOwn) {
  const auto parsed = parse_quarantine_url("s3://other-bucket/a/.flotsam-q/b/");
  ASSERT_TRUE(parsed) << to_text(parsed.error());
  EXPECT_EQ(parsed->bucket, "other-bucket");
  EXPECT_EQ(parsed->prefix, "a/.flotsam-q/b/");
  for (const char* bad : {"", "file:///srv/.flotsam-q/", "s3://bucket", "s3://bucket/", "s3:///.flotsam-q/",
                          "s3://bucket/.flotsam-q", "s3://bucket/trash/", "s3://bucket/x.flotsam-q/"}) {
    const auto refused = parse_quarantine_url(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << bad;
    EXPECT_FALSE(refused.error().hint.empty());
  }
}

TEST(BucketSettings, TellMfaDelete) {
  EXPECT_TRUE(
      parse_mfa_delete("<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
                       "</VersioningConfiguration>"));
  EXPECT_FALSE(
      parse_mfa_delete("<VersioningConfiguration><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>"));
  EXPECT_FALSE(parse_mfa_delete("<VersioningConfiguration/>"));
  EXPECT_FALSE(parse_mfa_delete("no XML"));
}

}  // namespace
}  // namespace flotsam::test
