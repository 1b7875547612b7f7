// The fake S3 itself: what other tests rely on when they say that something was not lost.

#include "store/fake_s3_fixture.h"

namespace flotsam::test {
namespace {

TEST_F(FakeS3Test, GivesBackWhatWasPut) {
  const std::string etag = put("a/b", "hello",
                               {{"content-type", "image/webp"},
                                {"cache-control", "max-age=5"},
                                {"x-amz-meta-who", "me"},
                                {"x-amz-tagging", "k=v&a%20b=c+d"},
                                {"x-amz-storage-class", "STANDARD_IA"}});
  EXPECT_EQ(etag, "\"5d41402abc4b2a76b9719d911017c592\"");
  const HttpResponse got = ask("GET", "a/b");
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(header(got, "content-type"), "image/webp");
  EXPECT_EQ(header(got, "cache-control"), "max-age=5");
  EXPECT_EQ(header(got, "x-amz-meta-who"), "me");
  EXPECT_EQ(header(got, "x-amz-tagging-count"), "2");
  EXPECT_EQ(header(got, "x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(header(got, "x-amz-version-id"), "(none)");
  const HttpResponse head = ask("HEAD", "a/b");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(header(head, "content-length"), "5");
  EXPECT_EQ(header(head, "etag"), etag);
  EXPECT_TRUE(head.header("last-modified"));
  EXPECT_EQ(s3().object("a/b").tags, (std::map<std::string, std::string>{{"k", "v"}, {"a b", "c d"}}));
  EXPECT_EQ(ask("GET", "a/b", {}, {{"tagging", ""}}).body.find("<Key>a b</Key><Value>c d</Value>") ==
                std::string::npos,
            false);
  EXPECT_EQ(status("PUT", "a/b", {}, {{"tagging", ""}},
                   "<Tagging><TagSet><Tag><Key>n</Key><Value>&amp;</Value></Tag></TagSet></Tagging>"),
            200);
  EXPECT_EQ(s3().object("a/b").tags.at("n"), "&");
  EXPECT_EQ(ask("GET", "a/b", {{"range", "bytes=1-2"}}).body, "el");
  EXPECT_EQ(status("GET", "a/b", {{"range", "bytes=5-9"}}), 416);
  EXPECT_EQ(status("GET", "a/b", {{"if-match", "\"0\""}}), 412);
  EXPECT_EQ(status("GET", "a/c"), 404);
  EXPECT_EQ(status("PUT", "a/c", {{"x-amz-misspelt", "1"}}), 501);
  EXPECT_EQ(status("PUT", "a/c", {{"content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="}}), 400);
  EXPECT_EQ(s3().writes(), 4U);
}

TEST_F(FakeS3Test, HonoursConditionsOnPut) {
  const std::string etag = put("k", "1");
  EXPECT_EQ(status("PUT", "k", {{"if-none-match", "*"}}), 412);
  EXPECT_EQ(status("PUT", "new", {{"if-none-match", "*"}}), 200);
  EXPECT_EQ(status("PUT", "k", {{"if-match", "\"0123\""}}, {}, "2"), 412);
  EXPECT_EQ(status("PUT", "gone", {{"if-match", etag}}), 404);
  EXPECT_EQ(status("PUT", "k", {{"if-match", etag}}, {}, "2"), 200);
  EXPECT_EQ(s3().body("k"), "2");
  s3().change([](FakeS3Settings& settings) {
    settings.put_if_none_match = Condition::ignored;
    settings.put_if_match = Condition::ignored;
  });
  EXPECT_EQ(status("PUT", "k", {{"if-none-match", "*"}}, {}, "3"), 200);
  EXPECT_EQ(status("PUT", "k", {{"if-match", "\"0123\""}}, {}, "4"), 200);
  s3().change([](FakeS3Settings& settings) { settings.put_if_none_match = Condition::not_implemented; });
  EXPECT_EQ(status("PUT", "k", {{"if-none-match", "*"}}, {}, "5"), 501);
  EXPECT_EQ(s3().body("k"), "4");
}

TEST_F(FakeS3Test, CopiesWithWhatBelongsToTheObject) {
  const std::string etag = put("a b", "hello",
                               {{"content-type", "image/webp"},
                                {"x-amz-meta-who", "me"},
                                {"x-amz-tagging", "k=v"},
                                {"x-amz-storage-class", "STANDARD_IA"}});
  const HttpResponse copied = ask("PUT", "c", {{"x-amz-copy-source", "bucket/a%20b"}});
  EXPECT_NE(copied.body.find("<CopyObjectResult>"), std::string::npos) << copied.body;
  EXPECT_NE(copied.body.find("5d41402abc4b2a76b9719d911017c592"), std::string::npos);
  const FakeObject copy = s3().object("c");
  EXPECT_EQ(copy.headers.at("content-type"), "image/webp");
  EXPECT_EQ(copy.metadata.at("who"), "me");
  EXPECT_EQ(copy.tags.at("k"), "v");
  EXPECT_EQ(copy.storage_class, "STANDARD");
  EXPECT_EQ(s3().body("c"), "hello");
  EXPECT_EQ(
      status("PUT", "d", {{"x-amz-copy-source", "/bucket/a%20b"}, {"x-amz-copy-source-if-match", "\"0\""}}),
      412);
  EXPECT_EQ(
      status("PUT", "d", {{"x-amz-copy-source", "/bucket/a%20b"}, {"x-amz-copy-source-if-match", etag}}),
      200);
  EXPECT_EQ(status("PUT", "d", {{"x-amz-copy-source", "bucket/a%20b"}, {"if-none-match", "*"}}), 412);
  EXPECT_EQ(status("PUT", "e", {{"x-amz-copy-source", "bucket/none"}}), 404);
  EXPECT_EQ(status("PUT", "e", {{"x-amz-copy-source", "other/c"}}), 404);
  EXPECT_EQ(status("PUT", "c", {{"x-amz-copy-source", "bucket/c"}}), 400) << "onto itself";
  EXPECT_EQ(status("PUT", "e",
                   {{"x-amz-copy-source", "bucket/a%20b"},
                    {"x-amz-metadata-directive", "REPLACE"},
                    {"x-amz-tagging-directive", "REPLACE"},
                    {"x-amz-meta-new", "1"}}),
            200);
  EXPECT_EQ(s3().object("e").metadata, (std::map<std::string, std::string>{{"new", "1"}}));
  EXPECT_TRUE(s3().object("e").tags.empty());
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::put_tags}; });
  EXPECT_EQ(status("PUT", "f", {{"x-amz-copy-source", "bucket/a%20b"}}), 403);
  s3().change([](FakeS3Settings& settings) {
    settings.denied = {};
    settings.not_implemented = {Operation::put_tags};
    settings.copy_answer = CopyAnswer::without_etag;
  });
  EXPECT_EQ(ask("PUT", "f", {{"x-amz-copy-source", "bucket/a%20b"}}).body.find("ETag"), std::string::npos);
  EXPECT_TRUE(s3().object("f").tags.empty());
  s3().change([](FakeS3Settings& settings) { settings.copy_answer = CopyAnswer::error_in_200; });
  EXPECT_NE(ask("PUT", "g", {{"x-amz-copy-source", "bucket/a%20b"}}).body.find("<Error>"), std::string::npos);
  EXPECT_FALSE(s3().stands("g"));
}

TEST_F(FakeS3Test, CopiesAnOldVersionForward) {
  start({.versioning = "Enabled"});
  const std::string old = s3().put("k", {.body = "old"});
  const std::string marker = s3().remove("k");
  EXPECT_EQ(status("PUT", "k", {{"x-amz-copy-source", "bucket/k"}}), 404);
  EXPECT_EQ(status("PUT", "k", {{"x-amz-copy-source", "bucket/k?versionId=" + marker}}), 400);
  const HttpResponse copied = ask("PUT", "k", {{"x-amz-copy-source", "bucket/k?versionId=" + old}});
  EXPECT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(header(copied, "x-amz-copy-source-version-id"), old);
  EXPECT_EQ(s3().body("k"), "old");
  EXPECT_EQ(s3().versions("k").size(), 3U);
}

TEST_F(FakeS3Test, RefusesCopiesThatAwsRefuses) {
  s3().put("large", {.size = (5ULL << 30U) + 1});
  s3().put("cold", {.storage_class = "GLACIER"});
  EXPECT_EQ(status("PUT", "x", {{"x-amz-copy-source", "bucket/large"}}), 400);
  EXPECT_EQ(status("PUT", "x", {{"x-amz-copy-source", "bucket/cold"}}), 403);
  EXPECT_EQ(status("GET", "cold"), 403);
}

TEST_F(FakeS3Test, JoinsParts) {
  s3().put("large", {.size = 6ULL << 30U, .etag = "0123-9"});
  const HttpResponse created =
      ask("POST", "target", {{"content-type", "image/png"}, {"x-amz-meta-a", "b"}}, {{"uploads", ""}});
  const auto from = created.body.find("<UploadId>") + 10;
  const std::string id = created.body.substr(from, created.body.find('<', from) - from);
  EXPECT_EQ(s3().uploads(), 1U);
  const auto part = [&](int number, const std::string& range) {
    const HttpResponse answer =
        ask("PUT", "target", {{"x-amz-copy-source", "bucket/large"}, {"x-amz-copy-source-range", range}},
            {{"partNumber", std::to_string(number)}, {"uploadId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto at = answer.body.find("&quot;") + 6;
    return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>\"" +
           answer.body.substr(at, 32) + "\"</ETag></Part>";
  };
  const std::string first = part(1, "bytes=0-5368709119"), second = part(2, "bytes=5368709120-6442450943");
  const auto complete = [&](const std::string& parts) {
    return ask("POST", "target", {}, {{"uploadId", id}},
               "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>");
  };
  EXPECT_EQ(complete(second + first).status, 400);
  const HttpResponse completed = complete(first + second);
  EXPECT_EQ(completed.status, 200) << completed.body;
  const FakeObject object = s3().object("target");
  EXPECT_EQ(object.size, 6ULL << 30U);
  EXPECT_TRUE(object.etag.ends_with("-2")) << object.etag;
  EXPECT_EQ(object.headers.at("content-type"), "image/png");
  EXPECT_EQ(object.metadata.at("a"), "b");
  EXPECT_EQ(s3().uploads(), 0U);
  EXPECT_EQ(complete(first).status, 404);
  EXPECT_EQ(ask("PUT", "copy", {{"x-amz-copy-source", "bucket/target"}}).status, 400) << "above 5 GiB";
  const HttpResponse again = ask("POST", "target", {}, {{"uploads", ""}});
  const auto start_of_id = again.body.find("<UploadId>") + 10;
  const std::string other = again.body.substr(start_of_id, again.body.find('<', start_of_id) - start_of_id);
  EXPECT_EQ(status("DELETE", "target", {}, {{"uploadId", other}}), 204);
  EXPECT_EQ(s3().uploads(), 0U);
}

TEST_F(FakeS3Test, ListsVersionsByPages) {
  start({.versioning = "Enabled"});
  for (int i = 0; i < 3; ++i) s3().put("p/a b");
  s3().remove("p/a b");
  s3().put("p/c");
  s3().put("q");
  QueryParameters asked = {{"versions", ""}, {"prefix", "p/"}, {"max-keys", "2"}, {"encoding-type", "url"}};
  const HttpResponse first = ask("GET", "", {}, asked);
  EXPECT_NE(first.body.find("<IsTruncated>true</IsTruncated><DeleteMarker><Key>p/a+b</Key><VersionId>" +
                            s3().versions("p/a b")[0].version_id + "</VersionId><IsLatest>true</IsLatest>"),
            std::string::npos)
      << first.body;
  EXPECT_NE(first.body.find("<NextKeyMarker>p/a+b</NextKeyMarker><NextVersionIdMarker>" +
                            s3().versions("p/a b")[1].version_id),
            std::string::npos);
  asked.emplace_back("key-marker", "p/a b");
  asked.emplace_back("version-id-marker", s3().versions("p/a b")[1].version_id);
  s3().erase("p/a b", s3().versions("p/a b")[1].version_id);
  const HttpResponse second = ask("GET", "", {}, asked);
  EXPECT_NE(second.body.find(s3().versions("p/a b")[1].version_id), std::string::npos);
  EXPECT_NE(second.body.find(s3().versions("p/a b")[2].version_id), std::string::npos);
  EXPECT_EQ(second.body.find("p/c"), std::string::npos);
  asked.pop_back();
  EXPECT_NE(ask("GET", "", {}, asked).body.find("<Version><Key>p/c</Key>"), std::string::npos);
  EXPECT_EQ(status("GET", "", {}, {{"versions", ""}, {"version-id-marker", "x"}}), 400);
  EXPECT_EQ(status("GET", "", {}, {{"versions", ""}, {"key-marker", "p/c"}, {"version-id-marker", "x"}}),
            400);
}

TEST_F(FakeS3Test, HidesWhatIsMissingFromWhoMayNotList) {
  start({.listing_denied = true});
  s3().put("a");
  EXPECT_EQ(status("HEAD", "a"), 200);
  EXPECT_EQ(status("HEAD", "b"), 403);
}

struct FaultRow {
  Fault fault;
  int status;  ///< -1: no answer
  bool is_done;
};

TEST_F(FakeS3Test, GoesWrongAsToldTo) {
  const FaultRow rows[] = {
      {Fault::cut_connection, -1, false}, {Fault::lost_answer, -1, true}, {Fault::status_500, 500, false},
      {Fault::status_503, 503, false},    {Fault::slow_down, 503, false}, {Fault::denied, 403, false},
      {Fault::done_then_500, 500, true},  {Fault::conflict, 409, false},  {Fault::error_in_200, 200, false}};
  for (const FaultRow& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.fault));
    start({});
    s3().put("a");
    s3().misbehave(Operation::delete_one, row.fault, 2);
    s3().put("first");
    EXPECT_EQ(status("DELETE", "first"), 204);
    EXPECT_EQ(status("DELETE", "a"), row.status);
    EXPECT_EQ(s3().stands("a"), !row.is_done);
    EXPECT_EQ(status("DELETE", "a"), 204);
    EXPECT_EQ(s3().requests(Operation::delete_one), 3U);
  }
}

TEST_F(FakeS3Test, SpoilsBatches) {
  s3().put_all({"a", "b", "c", "d"});
  const std::string all =
      "<Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>c</Key></Object>"
      "<Object><Key>d</Key></Object>";
  s3().misbehave(Operation::delete_batch, Fault::half_done);
  s3().misbehave(Operation::delete_batch, Fault::drops_one, 2);
  s3().misbehave(Operation::delete_batch, Fault::echoes_other_key, 3);
  EXPECT_EQ(batch(all).status, -1);
  EXPECT_EQ(s3().keys(), (std::vector<std::string>{"c", "d"}));
  EXPECT_EQ(batch(all).body.find("<Key>d</Key>"), std::string::npos);
  EXPECT_TRUE(s3().keys().empty());
  EXPECT_NE(batch(all).body.find("<Key>d-other</Key>"), std::string::npos);
}

TEST_F(FakeS3Test, LetsATestActBeforeARequest) {
  s3().put("a");
  s3().on_request([&](Operation operation, unsigned number) {
    if (operation == Operation::delete_one && number == 2) s3().put("a", {.body = "newer"});
  });
  EXPECT_EQ(status("DELETE", "a", {{"if-match", FakeObject().etag}}), 204);
  s3().put("a");
  EXPECT_EQ(status("DELETE", "a", {{"if-match", FakeObject().etag}}), 412);
  EXPECT_EQ(s3().body("a"), "newer");
}

TEST_F(FakeS3Test, CutsBodies) {
  s3().put("a", {.body = "0123456789"});
  s3().misbehave(Operation::get, Fault::cut_body);
  EXPECT_EQ(status("GET", "a"), -1);
  EXPECT_EQ(status("GET", "a"), 200);
}

TEST_F(FakeS3Test, LimitsKeysASecond) {
  start({.keys_per_second = 2});
  s3().put_all({"a", "b", "c"});
  // Whatever the machine's speed: three keys at once are more than two a second allow.
  EXPECT_EQ(
      batch("<Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>c</Key></Object>").status,
      200);
  EXPECT_EQ(status("DELETE", "a"), 503);
}

TEST_F(FakeS3Test, TakesKeysForOneAnotherAsToldTo) {
  start({.folding = KeyFolding::slashes});
  put("a//b", "1");
  put("a/./b", "2");
  EXPECT_EQ(s3().keys(), (std::vector<std::string>{"a/b"}));
  start({.folding = KeyFolding::composed});
  put("e\xCC\x81", "1");
  EXPECT_EQ(s3().keys(), (std::vector<std::string>{"\xC3\xA9"}));
  start({.folding = KeyFolding::refuses});
  EXPECT_EQ(status("PUT", "a//b"), 400);
  start({.folding = KeyFolding::loses_from_list});
  put("a//b", "1");
  EXPECT_NE(ask("GET", "", {}, {{"list-type", "2"}}).body.find("<Key>a/b</Key>"), std::string::npos);
}

TEST_F(FakeS3Test, RefusesKeysThatAreTooLong) {
  EXPECT_EQ(status("PUT", std::string(1024, 'k')), 200);
  EXPECT_EQ(status("PUT", std::string(1025, 'k')), 400);
}

}  // namespace
}  // namespace flotsam::test
