#include "store/s3_removal_stores.h"

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
                                    {"x-amz-tagging", "project=books&odd%20tag=a%26b%3Dc"}});
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
  if (tags) {
    const std::size_t set = tags->body.find("<TagSet");
    text += set == std::string::npos ? "(no tags)" : tags->body.substr(set);
  }
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

Result<std::unique_ptr<BucketUnderRemoval>> make_rgw_bucket(const std::string& versioning) {
  if (!shared_rgw()) return std::unexpected<Error>(shared_rgw().error());
  auto bucket = std::make_unique<BucketUnderRemoval>(*shared_rgw(), new_bucket_name());
  FLOTSAM_TRY(bucket->client().create_bucket(bucket->bucket()));
  if (!versioning.empty()) FLOTSAM_TRY(bucket->client().set_versioning(bucket->bucket(), versioning));
  return bucket;
}

}  // namespace flotsam::test
