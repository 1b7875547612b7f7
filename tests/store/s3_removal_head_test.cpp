// What HEAD says of an object, and whether it is the planned one.

#include <gtest/gtest.h>

#include "store/s3/object_head.h"

namespace flotsam::test {
namespace {

Object object(const std::string& key, const std::string& etag = "0cc175b9c0f1b6a831c399e269772661",
              std::uint64_t size = 7, const std::string& time = "2026-01-02T03:04:05Z") {
  return {Key(key), size, *parse_rfc3339(time), etag, ""};
}

HttpResponse head_answer(const HttpHeaders& more) {
  HttpResponse response;
  response.status = 200;
  response.headers = {{"content-length", "7"},
                      {"etag", "\"0cc175b9c0f1b6a831c399e269772661\""},
                      {"last-modified", "Fri, 02 Jan 2026 03:04:05 GMT"},
                      {"date", "Tue, 24 Nov 2026 12:00:00 GMT"}};
  response.headers.insert(response.headers.end(), more.begin(), more.end());
  return response;
}

TEST(ObjectHead, IsReadFromAnAnswer) {
  const auto head =
      read_object_head(KeyView("a"), head_answer({{"x-amz-version-id", "v1"},
                                                  {"content-type", "image/webp"},
                                                  {"x-amz-meta-owner", "somebody"},
                                                  {"server", "none of ours"},
                                                  {"x-amz-tagging-count", "2"},
                                                  {"x-amz-storage-class", "STANDARD_IA"},
                                                  {"x-amz-server-side-encryption", "aws:kms"}}));
  ASSERT_TRUE(head) << to_text(head.error());
  Object expected = object("a");
  expected.version_id = "v1";
  EXPECT_EQ(head->object, expected);
  EXPECT_EQ(head->asked_at, *parse_rfc3339("2026-11-24T12:00:00Z"));
  EXPECT_EQ(head->carried, (HttpHeaders{{"content-type", "image/webp"}, {"x-amz-meta-owner", "somebody"}}));
  EXPECT_EQ(head->tag_count, 2U);
  EXPECT_EQ(head->storage_class, "STANDARD_IA");
  EXPECT_FALSE(are_comparable(*head, *head)) << "the etag of a key service is no digest";
  EXPECT_FALSE(head->is_archived || head->lock_shown);
  EXPECT_TRUE(are_comparable(*read_object_head(KeyView("a"), head_answer({})),
                             *read_object_head(KeyView("a"), head_answer({}))));
  EXPECT_EQ(read_object_head(KeyView("a"), head_answer({{"x-amz-storage-class", "STANDARD"}}))->storage_class,
            "");
  for (const char* missing : {"content-length", "etag", "last-modified"}) {
    HttpResponse without = head_answer({});
    std::erase_if(without.headers, [&](const auto& header) { return header.first == missing; });
    EXPECT_FALSE(read_object_head(KeyView("a"), without)) << missing;
  }
}

TEST(ObjectHead, TellsWhatIsArchivedAndWhatIsHeld) {
  struct Row {
    const char* name;
    HttpHeaders headers;
    bool archived, held;
  };
  for (const Row& row :
       {Row{"plain", {}, false, false},
        {"instant retrieval", {{"x-amz-storage-class", "GLACIER_IR"}}, false, false},
        {"archived", {{"x-amz-storage-class", "GLACIER"}}, true, false},
        {"coming back",
         {{"x-amz-storage-class", "DEEP_ARCHIVE"}, {"x-amz-restore", "ongoing-request=\"true\""}},
         true,
         false},
        {"back for a while",
         {{"x-amz-storage-class", "GLACIER"},
          {"x-amz-restore", "ongoing-request=\"false\", expiry-date=\"…\""}},
         false,
         false},
        {"tiered away",
         {{"x-amz-storage-class", "INTELLIGENT_TIERING"}, {"x-amz-archive-status", "ARCHIVE_ACCESS"}},
         true,
         false},
        {"legal hold", {{"x-amz-object-lock-legal-hold", "ON"}}, false, true},
        {"no hold", {{"x-amz-object-lock-legal-hold", "OFF"}}, false, false},
        {"retention",
         {{"x-amz-object-lock-mode", "GOVERNANCE"},
          {"x-amz-object-lock-retain-until-date", "2026-11-24T12:00:01Z"}},
         false,
         true},
        {"over",
         {{"x-amz-object-lock-mode", "GOVERNANCE"},
          {"x-amz-object-lock-retain-until-date", "2026-11-24T11:59:59Z"}},
         false,
         false},
        {"unreadable date", {{"x-amz-object-lock-retain-until-date", "soon"}}, false, true},
        {"no date", {{"x-amz-object-lock-mode", "COMPLIANCE"}}, false, true}}) {
    const auto head = read_object_head(KeyView("a"), head_answer(row.headers));
    ASSERT_TRUE(head) << row.name;
    EXPECT_EQ(head->is_archived, row.archived) << row.name;
    EXPECT_EQ(head->lock_shown, row.held) << row.name;
  }
}

TEST(ObjectIdentity, IsEtagSizeTimeAndVersionWhereKnown) {
  const Object planned = object("a");
  EXPECT_TRUE(is_same_object(planned, planned));
  Object now = planned;
  now.last_modified = *planned.last_modified + std::chrono::milliseconds(999);
  EXPECT_TRUE(is_same_object(planned, now)) << "HEAD tells whole seconds";
  now.last_modified = *planned.last_modified + std::chrono::seconds(1);
  EXPECT_FALSE(is_same_object(planned, now));
  now = planned;
  now.last_modified.reset();
  EXPECT_FALSE(is_same_object(planned, now));
  now = planned;
  now.size_bytes = 8;
  EXPECT_FALSE(is_same_object(planned, now));
  now = planned;
  now.etag = "";
  EXPECT_FALSE(is_same_object(planned, now));
  EXPECT_FALSE(is_same_object(now, now)) << "without an etag nothing is known";
  now = planned;
  now.version_id = "v2";
  EXPECT_TRUE(is_same_object(planned, now));
  Object versioned = planned;
  versioned.version_id = "v1";
  EXPECT_FALSE(is_same_object(versioned, now));
}

}  // namespace
}  // namespace flotsam::test
