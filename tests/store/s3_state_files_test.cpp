// Files into and out of a state in a bucket.

#include <filesystem>

#include "store/s3_state_fixture.h"
#include "support/rgw.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

TEST_F(S3StateTest, PutsLargeFilesInPartsOnceAnswersAreLost) {
  const TemporaryFolder folder;
  std::string content(40U << 20U, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761U >> 13U);
  const auto file = folder.write("large", content);
  const auto state = open();
  s3_.misbehave(Operation::multipart_part, Fault::lost_answer, 2);
  s3_.misbehave(Operation::multipart_complete, Fault::lost_answer);
  const auto taken = state->take_file("plans/a", file);
  ASSERT_TRUE(taken.has_value()) << to_text(taken.error());
  EXPECT_TRUE(body("plans/a") == content);
  EXPECT_EQ(s3_.uploads(), 0U);
  const auto copy = state->local_copy("plans/a");
  ASSERT_TRUE(copy.has_value() && copy->has_value()) << to_text(copy.error());
  EXPECT_TRUE(content_of(**copy) == content);
  s3_.misbehave(Operation::multipart_part, Fault::denied, 2);
  EXPECT_EQ(state->take_file("plans/b", file).error().code, ErrorCode::permission_denied);
  EXPECT_EQ(s3_.uploads(), 0U) << "what was begun is given up";
  EXPECT_FALSE(s3_.stands(kPrefix + "plans/b"));
  s3_.on_request([&](Operation operation, unsigned) {
    if (operation == Operation::get) s3_.put(kPrefix + "plans/a", {.body = "other"});
  });
  EXPECT_EQ(state->local_copy("plans/a").error().code, ErrorCode::unavailable) << "not half of each";
}

TEST_F(S3StateTest, LocalCopiesGoWithTheState) {
  auto state = open();
  ASSERT_TRUE(state->put("plans/a.ndjson", "1").has_value());
  const auto first = state->local_copy("plans/a.ndjson"), second = state->local_copy("plans/a.ndjson");
  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_NE(**first, **second);
  EXPECT_EQ((*first)->filename(), "a.ndjson");
  state.reset();
  EXPECT_FALSE(std::filesystem::exists((*first)->parent_path().parent_path()));
}

TEST_F(S3StateTest, ALogHasALocalCopyToo) {
  const auto state = open();
  auto log = *state->open_log("journals/a");
  for (const char* line : {"one", "two"})
    ASSERT_TRUE(log->append(line).has_value() && log->sync().has_value());
  const auto copy = state->local_copy("journals/a");
  ASSERT_TRUE(copy && *copy);
  EXPECT_EQ(content_of(**copy), "one\ntwo\n");
}

TEST(S3StateOnRgw, PutsAndBringsLargeFiles) {
  const auto& server = shared_rgw();
  ASSERT_TRUE(server) << to_text(server.error());
  const std::string bucket = new_bucket_name();
  ASSERT_TRUE(S3TestClient(*server).create_bucket(bucket));
  const Environment environment = server->environment();
  SystemClock clock;
  NullLog log;
  const auto state = *open_s3_state("s3://" + bucket + "/.flotsam-state/", server->options(bucket),
                                    {&environment, &clock, &log});
  const TemporaryFolder folder;
  const std::string content(20U << 20U, 'p');
  const auto taken = state->take_file("plans/a", folder.write("large", content));
  ASSERT_TRUE(taken.has_value()) << to_text(taken.error());
  const auto copy = state->local_copy("plans/a");
  ASSERT_TRUE(copy.has_value() && copy->has_value()) << to_text(copy.error());
  EXPECT_TRUE(content_of(**copy) == content);
  const auto list = state->list("plans");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(*list, (std::vector<std::string>{"plans/a"}));
}

TEST(S3StateOnRgw, RefusesABucketWithVersionsWhereItIgnoresConditions) {
  const auto& server = shared_rgw();
  ASSERT_TRUE(server) << to_text(server.error());
  const std::string bucket = new_bucket_name();
  S3TestClient client(*server);
  ASSERT_TRUE(client.create_bucket(bucket));
  ASSERT_TRUE(client.set_versioning(bucket, "Enabled"));
  const Environment environment = server->environment();
  SystemClock clock;
  NullLog log;
  const auto state = *open_s3_state("s3://" + bucket + "/.flotsam-state/", server->options(bucket),
                                    {&environment, &clock, &log});
  const auto made = state->create("locks/a", "1");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::refused) << to_text(made.error());
  const auto left = client.send("GET", bucket, "", {{"versions", ""}}, "");
  ASSERT_TRUE(left);
  EXPECT_EQ(left->body.find("<Key>"), std::string::npos) << left->body;
}

}  // namespace
}  // namespace flotsam::test
