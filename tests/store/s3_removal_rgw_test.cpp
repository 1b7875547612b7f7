// Removal on a real gateway, where it differs from what every store does: object lock, several markers,
// deletions over markers, and what a person did by other means.

#include "base/bytes.h"
#include "base/md5.h"
#include "store/s3_removal_fixture.h"
#include "store/s3_removal_stores.h"
#include "support/rgw.h"

namespace flotsam::test {
namespace {

using Names = std::vector<std::string>;

class RgwRemoval : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(shared_rgw()) << to_text(shared_rgw().error()); }

  void make(const std::string& versioning) {
    auto made = make_rgw_bucket(versioning);
    ASSERT_TRUE(made) << to_text(made.error());
    bucket_ = *std::move(made);
  }
  Object planned(const std::string& key) {
    const auto head = bucket_->client().send("HEAD", bucket_->bucket(), key, {}, "");
    EXPECT_TRUE(head && head->status == 200);
    return {Key(key), *parse_unsigned(*head->header("content-length")),
            *parse_http_date(*head->header("last-modified")),
            std::string(head->header("etag")->substr(1, 32)), ""};
  }
  static RemoveOptions by(DeleteMethod method) { return {.method = method, .run_id = "run"}; }
  static Names names(const std::vector<RemoveOutcome>& outcomes) {
    Names found;
    for (const RemoveOutcome& outcome : outcomes) found.emplace_back(to_string(outcome.result));
    return found;
  }
  std::string send(const std::string& method, const std::string& key, QueryParameters parameters,
                   std::string body, HttpHeaders headers = {}) {
    if (!body.empty()) headers.emplace_back("content-md5", to_base64(*md5(body)));
    const auto answer = bucket_->client().send(method, bucket_->bucket(), key, std::move(parameters),
                                               std::move(body), std::move(headers));
    return answer ? fmt::format("{}", answer->status) : to_text(answer.error());
  }

  std::unique_ptr<BucketUnderRemoval> bucket_;
};

TEST_F(RgwRemoval, HoldsBackWhatItsLockHolds) {
  make("");
  bucket_ = std::make_unique<BucketUnderRemoval>(*shared_rgw(), new_bucket_name());
  ASSERT_EQ(send("PUT", "", {}, "", {{"x-amz-bucket-object-lock-enabled", "true"}}), "200");
  ASSERT_EQ(send("PUT", "a/free", {}, "bytes"), "200");
  ASSERT_EQ(send("PUT", "b/hold", {}, "bytes"), "200");
  ASSERT_EQ(
      send("PUT", "b/hold", {{"legal-hold", ""}},
           "<LegalHold xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>ON</Status></LegalHold>"),
      "200");
  ASSERT_EQ(send("PUT", "c/retained", {}, "bytes",
                 {{"x-amz-object-lock-mode", "GOVERNANCE"},
                  {"x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z"}}),
            "200");
  const std::vector<Object> objects = {planned("a/free"), planned("b/hold"), planned("c/retained")};
  auto remover = *bucket_->open_remover();
  const auto facts = remover->facts();
  ASSERT_TRUE(facts && facts->object_lock);
  ASSERT_TRUE(remover->prepare(by(DeleteMethod::version)));
  const auto looks = remover->look(objects);
  ASSERT_TRUE(looks) << to_text(looks.error());
  EXPECT_EQ((*looks)[0].state, LookState::same) << (*looks)[0].reason;
  EXPECT_EQ((*looks)[1].state, LookState::held) << (*looks)[1].reason;
  EXPECT_EQ((*looks)[2].state, LookState::held) << (*looks)[2].reason;
  const auto outcomes = remover->remove(std::span(objects).first(1), by(DeleteMethod::version));
  EXPECT_EQ(names(outcomes), Names{"removed"});
  const Remains remains{Remains::Place::marker, objects[0], outcomes[0].marker_id, "", ""};
  EXPECT_EQ(
      (*bucket_->open_restorer())->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
      RestoreResult::restored);
  EXPECT_EQ(bucket_->bytes_of("a/free"), "bytes");
}

TEST_F(RgwRemoval, ADeletionOverAMarkerIsNoneOfOurs) {
  make("Enabled");
  ASSERT_TRUE(bucket_->put("a/1", "bytes"));
  const Object object = planned("a/1");
  bucket_->erase("a/1");
  const auto outcomes = (*bucket_->open_remover())->remove(std::span(&object, 1), by(DeleteMethod::version));
  // Ceph makes no second marker. The one that is there was made within the slack of clocks.
  EXPECT_EQ(names(outcomes), Names{"removed"});
  const Remains remains{Remains::Place::marker, object, outcomes[0].marker_id, "", ""};
  EXPECT_EQ(
      (*bucket_->open_restorer())->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
      RestoreResult::restored);
}

TEST_F(RgwRemoval, AVersionComesForwardWithAllThatBelongsToIt) {
  make("Enabled");
  ASSERT_TRUE(bucket_->put_rich("a/1 +%?", "first bytes"));
  const std::string properties = bucket_->properties_of("a/1 +%?");
  const Object object = planned("a/1 +%?");
  bucket_->erase("a/1 +%?");
  const std::vector<Key> keys = {object.key};
  auto restorer = *bucket_->open_restorer();
  const auto found = restorer->find(keys);
  ASSERT_TRUE(found && found->front());
  Remains remains = *found->front();
  EXPECT_EQ(remains.place, Remains::Place::marker);
  EXPECT_EQ(remains.object.etag, object.etag);
  remains.place = Remains::Place::version;  // as where markers may not be removed
  const auto outcome = restorer->restore(std::span(&remains, 1), Restorer::Mode::really).front();
  EXPECT_EQ(outcome.result, RestoreResult::restored) << outcome.code << ": " << outcome.message;
  EXPECT_EQ(bucket_->bytes_of("a/1 +%?"), "first bytes");
  EXPECT_EQ(bucket_->properties_of("a/1 +%?"), properties);
  EXPECT_EQ(restorer->restore(std::span(&remains, 1), Restorer::Mode::really).front().result,
            RestoreResult::standing);
}

TEST_F(RgwRemoval, ASuspendedBucketIsRefusedAndItsMarkersAreReadRight) {
  make("Enabled");
  ASSERT_TRUE(bucket_->put("a/1", "kept"));
  ASSERT_TRUE(bucket_->client().set_versioning(bucket_->bucket(), "Suspended"));
  auto remover = *bucket_->open_remover();
  EXPECT_FALSE(remover->prepare(by(DeleteMethod::version)));
  const Object object = planned("a/1");
  EXPECT_EQ(names(remover->remove(std::span(&object, 1), by(DeleteMethod::version))), Names{"failed"});
  EXPECT_EQ(bucket_->bytes_of("a/1"), "kept");
  bucket_->erase("a/1");  // by other means: a marker with the id "null"
  auto restorer = *bucket_->open_restorer();
  const std::vector<Key> keys = {object.key};
  const auto found = restorer->find(keys);
  ASSERT_TRUE(found && found->front());
  EXPECT_EQ(found->front()->place, Remains::Place::version);
  EXPECT_EQ(restorer->restore(std::span(&*found->front(), 1), Restorer::Mode::really).front().result,
            RestoreResult::restored);
  EXPECT_EQ(bucket_->bytes_of("a/1"), "kept");
}

}  // namespace
}  // namespace flotsam::test
