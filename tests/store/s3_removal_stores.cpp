#include "store/s3_removal_stores.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

#include "store/s3/listing_page.h"
#include "support/rgw.h"

namespace flotsam::test {

BucketUnderRemoval::BucketUnderRemoval(S3Server server, std::string bucket)
    : server_(std::move(server)),
      client_(server_),
      bucket_(std::move(bucket)),
      environment_(server_.environment()) {}

bool BucketUnderRemoval::put(const std::string& key, const std::string& bytes) {
  return client_.put_object(bucket_, key, bytes).has_value();
}

bool BucketUnderRemoval::put_rich(const std::string& key, const std::string& bytes) {
  const auto answer = client_.send("PUT", bucket_, key, {}, bytes,
                                   {{"content-type", "image/webp"},
                                    {"cache-control", "max-age=31536000"},
                                    {"content-disposition", "attachment; filename=\"a b.webp\""},
                                    {"x-amz-meta-owner", "somebody"},
                                    {"x-amz-meta-empty", "-"},
                                    {"x-amz-tagging", "project=books&odd%20tag=a%2Bb%3Dc"}});
  return answer && answer->status == 200;
}

std::string BucketUnderRemoval::properties_of(const std::string& key) {
  const auto head = client_.send("HEAD", bucket_, key, {}, "");
  if (!head || head->status != 200) return "(none)";
  std::string text;
  for (const char* name : {"content-type", "cache-control", "content-disposition", "x-amz-meta-owner",
                           "x-amz-meta-empty", "content-length"})
    text += fmt::format("{}={};", name, head->header(name).value_or("(none)"));
  const auto tags = client_.send("GET", bucket_, key, {{"tagging", ""}}, "");
  std::vector<std::string> pairs;  // in any order
  const std::string body = tags ? tags->body : "(no answer)";
  for (std::size_t at = body.find("<Tag>"); at != std::string::npos; at = body.find("<Tag>", at + 1))
    pairs.push_back(body.substr(at, body.find("</Tag>", at) - at));
  std::sort(pairs.begin(), pairs.end());
  for (const std::string& pair : pairs) text += pair;
  return text;
}

void BucketUnderRemoval::erase(const std::string& key) {
  EXPECT_TRUE(client_.delete_object(bucket_, key));
}

std::optional<std::string> BucketUnderRemoval::bytes_of(const std::string& key) {
  auto answer = client_.send("GET", bucket_, key, {}, "");
  EXPECT_TRUE(answer);
  if (!answer || answer->status == 404) return std::nullopt;
  EXPECT_EQ(answer->status, 200);
  return std::move(answer->body);
}

std::vector<std::string> BucketUnderRemoval::keys() {
  std::vector<std::string> keys;
  std::string token;
  do {
    QueryParameters parameters = {{"list-type", "2"}, {"encoding-type", "url"}};
    if (!token.empty()) parameters.emplace_back("continuation-token", token);
    auto answer = client_.send("GET", bucket_, "", parameters, "");
    EXPECT_TRUE(answer && answer->status == 200);
    if (!answer) break;
    ListingPageParser parser(bucket_);
    ListingPage page;
    const auto parsed =
        parser.parse({.prefix = "", .start_after = "", .token = token, .delimiter = ""}, answer->body, page);
    EXPECT_TRUE(parsed);
    for (const ObjectView& object : page.objects) keys.emplace_back(object.key.bytes());
    token = page.token;
  } while (!token.empty());
  return keys;
}

void BucketUnderRemoval::spoil_quarantined(const std::string& run_id, const std::string& key,
                                           const std::string& bytes) {
  EXPECT_TRUE(put(fmt::format("{}{}/{}", kQuarantine, run_id, key), bytes));
}

Result<std::unique_ptr<Lister>> BucketUnderRemoval::open_lister() {
  return open_s3_store(options(), context(), tuning_);
}
Result<std::unique_ptr<Remover>> BucketUnderRemoval::open_remover() {
  return open_s3_remover(options(), quarantine_url(), context(), tuning_);
}
Result<std::unique_ptr<Restorer>> BucketUnderRemoval::open_restorer() {
  return open_s3_restorer(options(), quarantine_url(), context(), tuning_);
}

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::unique_ptr<BucketUnderRemoval>> make_bucket(const S3Server& server,
                                                        const std::string& versioning) {
  auto bucket = std::make_unique<BucketUnderRemoval>(server, new_bucket_name());
  FLOTSAM_TRY(bucket->client().create_bucket(bucket->bucket()));
  if (!versioning.empty()) FLOTSAM_TRY(bucket->client().set_versioning(bucket->bucket(), versioning));
  return bucket;
}

}  // namespace

Result<std::unique_ptr<BucketUnderRemoval>> make_rgw_bucket(const std::string& versioning) {
  if (!shared_rgw()) return std::unexpected<Error>(shared_rgw().error());
  return make_bucket(*shared_rgw(), versioning);
}

Result<std::unique_ptr<BucketUnderRemoval>> make_server_bucket(const std::string& versioning) {
  const std::string endpoint = variable("FLOTSAM_TEST_S3_ENDPOINT");
  if (endpoint.empty()) return make_rgw_bucket(versioning);
  return make_bucket(
      {endpoint, variable("FLOTSAM_TEST_S3_ACCESS_KEY"), variable("FLOTSAM_TEST_S3_SECRET_KEY")}, versioning);
}

}  // namespace flotsam::test
