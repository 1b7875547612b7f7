// Deletions, versions and locks of the fake S3.

#include "store/fake_s3_fixture.h"

namespace flotsam::test {
namespace {

struct DeleteRow {
  const char* name;
  Condition condition;
  int wrong, right;
  bool wrong_deletes, right_deletes;
};

TEST_F(FakeS3Test, DeletesOnConditionAsToldTo) {
  const DeleteRow rows[] = {{"honoured", Condition::honoured, 412, 204, false, true},
                            {"ignored", Condition::ignored, 204, 204, true, true},
                            {"always 412", Condition::always_412, 412, 412, false, false},
                            {"not implemented", Condition::not_implemented, 501, 501, false, false}};
  for (const DeleteRow& row : rows) {
    SCOPED_TRACE(row.name);
    start({.delete_if_match = row.condition});
    std::string etag = put("k", "1");
    EXPECT_EQ(status("DELETE", "k", {{"if-match", "\"0123\""}}), row.wrong);
    EXPECT_EQ(s3().stands("k"), !row.wrong_deletes);
    etag = put("k", "1");
    EXPECT_EQ(status("DELETE", "k", {{"if-match", etag}}), row.right);
    EXPECT_EQ(s3().stands("k"), !row.right_deletes);
    EXPECT_EQ(s3().deletes(), 2U);
  }
  EXPECT_EQ(status("DELETE", "k", {{"x-amz-if-match-size", "1"}}), 501);
}

TEST_F(FakeS3Test, AnswersToDeletionsOfWhatIsMissingAsToldTo) {
  EXPECT_EQ(status("DELETE", "none"), 204);
  EXPECT_EQ(status("DELETE", "none", {{"if-match", "\"0\""}}), 404);
  s3().change([](FakeS3Settings& settings) {
    settings.missing_delete_status = 404;
    settings.missing_conditional_status = 412;
  });
  EXPECT_EQ(status("DELETE", "none"), 404);
  EXPECT_EQ(status("DELETE", "none", {{"if-match", "\"0\""}}), 412);
}

TEST_F(FakeS3Test, KeepsVersionsAndMarkers) {
  start({.versioning = "Enabled"});
  put("k", "1");
  const HttpResponse second = ask("PUT", "k", {}, {}, "2");
  const std::string version = header(second, "x-amz-version-id");
  const HttpResponse deleted = ask("DELETE", "k");
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(header(deleted, "x-amz-delete-marker"), "true");
  const std::string marker = header(deleted, "x-amz-version-id");
  ASSERT_EQ(s3().versions("k").size(), 3U);
  EXPECT_TRUE(s3().versions("k")[0].is_marker);
  EXPECT_TRUE(s3().versions("k")[0].is_latest);
  EXPECT_EQ(s3().versions("k")[0].version_id, marker);
  EXPECT_EQ(s3().versions("k")[1].version_id, version);
  EXPECT_FALSE(s3().versions("k")[1].is_latest);
  EXPECT_FALSE(s3().stands("k"));
  const HttpResponse head = ask("HEAD", "k");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(header(head, "x-amz-delete-marker"), "true");
  EXPECT_EQ(status("HEAD", "k", {}, {{"versionId", marker}}), 405);
  EXPECT_EQ(ask("GET", "k", {}, {{"versionId", version}}).body, "2");
  EXPECT_EQ(ask("GET", "", {}, {{"list-type", "2"}}).body.find("<Key>"), std::string::npos);
  EXPECT_EQ(status("DELETE", "k", {{"if-match", "\"0\""}}, {{"versionId", marker}}), 501);
  const HttpResponse undone = ask("DELETE", "k", {}, {{"versionId", marker}});
  EXPECT_EQ(header(undone, "x-amz-delete-marker"), "true");
  EXPECT_EQ(s3().body("k"), "2");
  EXPECT_EQ(status("DELETE", "k", {}, {{"versionId", version}}), 204);
  EXPECT_EQ(s3().body("k"), "1");
  s3().change([](FakeS3Settings& settings) { settings.denied = {Operation::delete_version}; });
  EXPECT_EQ(status("DELETE", "k", {}, {{"versionId", s3().versions("k")[0].version_id}}), 403);
}

TEST_F(FakeS3Test, PutsAMarkerOverAMarkerUnlessItIsCeph) {
  start({.versioning = "Enabled"});
  put("k", "1");
  ask("DELETE", "k");
  ask("DELETE", "k");
  EXPECT_EQ(s3().versions("k").size(), 3U);
  s3().change([](FakeS3Settings& settings) { settings.marker_over_marker = false; });
  EXPECT_EQ(header(ask("DELETE", "k"), "x-amz-version-id"), "(none)");
  EXPECT_EQ(s3().versions("k").size(), 3U);
}

TEST_F(FakeS3Test, DestroysTheNullVersionWhileSuspended) {
  start({.versioning = "Enabled"});
  put("k", "old");
  s3().change([](FakeS3Settings& settings) { settings.versioning = "Suspended"; });
  put("k", "1");
  put("k", "2");
  ASSERT_EQ(s3().versions("k").size(), 2U);
  EXPECT_EQ(s3().versions("k")[0].version_id, "null");
  EXPECT_EQ(header(ask("DELETE", "k"), "x-amz-version-id"), "null");
  ASSERT_EQ(s3().versions("k").size(), 2U);
  EXPECT_TRUE(s3().versions("k")[0].is_marker);
  EXPECT_EQ(s3().versions("k")[1].object.body, "old");
  EXPECT_EQ(status("DELETE", "k", {}, {{"versionId", "null"}}), 204);
  EXPECT_EQ(s3().body("k"), "old");
}

TEST_F(FakeS3Test, ProtectsHeldVersions) {
  start({.versioning = "Enabled", .object_lock = true});
  const std::string held = s3().put("held"), retained = s3().put("retained"), past = s3().put("past");
  s3().hold("held");
  s3().retain("retained", "2100-01-01T00:00:00Z");
  s3().retain("past", "2001-01-01T00:00:00Z");
  EXPECT_EQ(status("DELETE", "held", {}, {{"versionId", held}}), 403);
  EXPECT_EQ(status("DELETE", "retained", {}, {{"versionId", retained}}), 403);
  EXPECT_EQ(status("DELETE", "past", {}, {{"versionId", past}}), 204);
  EXPECT_NE(batch("<Object><Key>held</Key><VersionId>" + held + "</VersionId></Object>")
                .body.find("<Code>AccessDenied</Code>"),
            std::string::npos);
  EXPECT_EQ(header(ask("HEAD", "held"), "x-amz-object-lock-legal-hold"), "ON");
  EXPECT_EQ(header(ask("HEAD", "retained"), "x-amz-object-lock-mode"), "GOVERNANCE");
  EXPECT_NE(ask("GET", "held", {}, {{"legal-hold", ""}}).body.find("<Status>ON</Status>"), std::string::npos);
  EXPECT_EQ(status("GET", "held", {}, {{"retention", ""}}), 404);
  EXPECT_NE(ask("GET", "retained", {}, {{"retention", ""}}).body.find("2100-01-01"), std::string::npos);
  s3().change([](FakeS3Settings& settings) {
    settings.denied = {Operation::get_legal_hold, Operation::get_retention};
  });
  EXPECT_EQ(status("GET", "held", {}, {{"legal-hold", ""}}), 403);
  EXPECT_EQ(header(ask("HEAD", "held"), "x-amz-object-lock-legal-hold"), "(none)");
  EXPECT_EQ(status("DELETE", "held"), 204) << "a marker is put over it";
  EXPECT_EQ(s3().versions("held").size(), 2U);
}

TEST_F(FakeS3Test, DeletesBatches) {
  start({.versioning = "Enabled"});
  const std::string etag = put("a", "1");
  put("b", "2");
  const HttpResponse answer = batch("<Quiet>false</Quiet><Object><Key>a</Key><ETag>" + etag +
                                    "</ETag></Object><Object><Key>b</Key><ETag>0</ETag></Object>"
                                    "<Object><Key>c\r\n&#13;&#9;d</Key></Object>");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("<Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>" +
                             s3().versions("a")[0].version_id),
            std::string::npos)
      << answer.body;
  EXPECT_NE(answer.body.find("<Error><Key>b</Key><Code>PreconditionFailed</Code>"), std::string::npos);
  EXPECT_NE(answer.body.find("<Deleted><Key>c\n&#13;\td</Key>"), std::string::npos) << answer.body;
  EXPECT_FALSE(s3().stands("a"));
  EXPECT_TRUE(s3().stands("b"));
  EXPECT_EQ(s3().deletes(), 3U);
  EXPECT_EQ(batch("<Quiet>true</Quiet><Object><Key>b</Key></Object>").body.find("<Deleted>"),
            std::string::npos);
  EXPECT_FALSE(s3().stands("b"));
}

TEST_F(FakeS3Test, RefusesBatchesAsAwsDoes) {
  put("a", "1");
  const std::string object = "<Object><Key>a</Key></Object>";
  std::string many;
  for (int i = 0; i < 1001; ++i) many += object;
  const std::pair<const char*, std::string> bodies[] = {
      {"a control character", "<Object><Key>a\x01</Key></Object>" + object},
      {"a numeric one", "<Object><Key>&#1;</Key></Object>" + object},
      {"no UTF-8", "<Object><Key>\xFF</Key></Object>" + object},
      {"a noncharacter", "<Object><Key>\xEF\xBF\xBF</Key></Object>" + object},
      {"an unknown entity", "<Object><Key>&nbsp;</Key></Object>" + object},
      {"an unknown element", "<Object><Key>a</Key><Colour/></Object>"},
      {"an empty key", "<Object><Key></Key></Object>"},
      {"nothing", ""},
      {"1,001 keys", many}};
  for (const auto& [name, body] : bodies) {
    const HttpResponse answer = batch(body);
    EXPECT_EQ(answer.status, 400) << name;
    EXPECT_NE(answer.body.find("MalformedXML"), std::string::npos) << name << answer.body;
  }
  EXPECT_EQ(batch(object, {{"x-amz-request-payer", "requester"}}).status, 400) << "no digest";
  EXPECT_NE(batch(object, {{"content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="}}).body.find("BadDigest"),
            std::string::npos);
  EXPECT_NE(batch(object, {{"content-md5", "AAAA"}}).body.find("InvalidDigest"), std::string::npos);
  EXPECT_TRUE(s3().stands("a"));
}

TEST_F(FakeS3Test, AnswersBatchesAsToldTo) {
  start({.versioning = "Enabled",
         .batch_condition = BatchCondition::ignored,
         .batch_errors = {{"b", {.code = "InternalError", .times = 1}}},
         .batch_hides_markers = true});
  s3().put_all({"a", "b"});
  const std::string both = "<Object><Key>a</Key><ETag>0</ETag></Object><Object><Key>b</Key></Object>";
  const HttpResponse answer = batch(both);
  EXPECT_NE(answer.body.find("<Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker></Deleted>"),
            std::string::npos)
      << answer.body;
  EXPECT_NE(answer.body.find("<Error><Key>b</Key><Code>InternalError</Code>"), std::string::npos);
  EXPECT_TRUE(s3().stands("b"));
  batch(both);
  EXPECT_FALSE(s3().stands("b"));
  s3().change([](FakeS3Settings& settings) { settings.batch_condition = BatchCondition::malformed_xml; });
  EXPECT_EQ(batch(both).status, 400);
  s3().change([](FakeS3Settings& settings) { settings.not_implemented = {Operation::delete_batch}; });
  EXPECT_EQ(batch(both).status, 501);
}

}  // namespace
}  // namespace flotsam::test
