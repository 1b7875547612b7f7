// The contract of removal over buckets: a real server, and the fake S3 in several guises.

#include <fmt/format.h>

#include "store/s3_removal_stores.h"

namespace flotsam::test {
namespace {

template <typename Bucket>
Result<std::unique_ptr<RemovalStore>> as_store(Result<std::unique_ptr<Bucket>> made) {
  if (!made) return std::unexpected<Error>(std::move(made).error());
  return std::unique_ptr<RemovalStore>(*std::move(made));
}

Result<std::unique_ptr<RemovalStore>> make_versioned() {
  return as_store(make_server_bucket("Enabled"));
}
Result<std::unique_ptr<RemovalStore>> make_plain() {
  return as_store(make_server_bucket(""));
}

/// The fake, whose own put() makes every object a second younger than the one before.
class FakeBucket final : public BucketUnderRemoval {
 public:
  explicit FakeBucket(std::unique_ptr<FakeS3> s3)
      : BucketUnderRemoval(s3->server(), "bucket"), s3_(std::move(s3)) {}
  bool put(const std::string& key, const std::string& bytes) override {
    if (key.find('\0') != std::string::npos) return false;
    const int second = ++seconds_;
    FakeObject object;
    object.body = bytes;
    object.last_modified =
        fmt::format("2024-01-02T{:02}:{:02}:{:02}.678Z", second / 3600, second / 60 % 60, second % 60);
    s3_->put(key, object);
    return true;
  }

 private:
  std::unique_ptr<FakeS3> s3_;
  int seconds_ = 0;
};

template <typename Edit>
Result<std::unique_ptr<RemovalStore>> make_fake(Edit edit) {
  FakeS3Settings settings;
  edit(settings);
  return std::make_unique<FakeBucket>(std::make_unique<FakeS3>(settings));
}
Result<std::unique_ptr<RemovalStore>> make_versioned_fake() {
  return make_fake([](FakeS3Settings& settings) { settings.versioning = "Enabled"; });
}
Result<std::unique_ptr<RemovalStore>> make_plain_fake() {
  return make_fake([](FakeS3Settings&) {});
}
/// Swift: batches tell no markers.
Result<std::unique_ptr<RemovalStore>> make_hiding_fake() {
  return make_fake([](FakeS3Settings& settings) {
    settings.versioning = "Enabled";
    settings.batch_hides_markers = true;
    settings.batch_reversed = true;
  });
}
/// A store that knows no batches, no conditions and no tags.
Result<std::unique_ptr<RemovalStore>> make_poor_fake() {
  return make_fake([](FakeS3Settings& settings) {
    settings.not_implemented = {Operation::delete_batch, Operation::list_versions};
    settings.delete_if_match = settings.copy_source_if_match = Condition::ignored;
    settings.copy_if_none_match = Condition::not_implemented;
    settings.start_after = StartAfter::ignored;
  });
}

/// The Ceph gateway; or, where FLOTSAM_TEST_S3_ENDPOINT names a server, that one.
INSTANTIATE_TEST_SUITE_P(Server, RemovalContract,
                         testing::Values(RemovalImplementation{.name = "Version",
                                                               .method = DeleteMethod::version,
                                                               .make = make_versioned,
                                                               .tells_rewrites = false,
                                                               .removes_by_identity = false},
                                         RemovalImplementation{.name = "Quarantine",
                                                               .method = DeleteMethod::quarantine,
                                                               .make = make_plain,
                                                               .tells_rewrites = false},
                                         RemovalImplementation{.name = "Permanent",
                                                               .method = DeleteMethod::permanent,
                                                               .make = make_plain,
                                                               .tells_rewrites = false,
                                                               .removes_by_identity = false}),
                         name_of_removal);

INSTANTIATE_TEST_SUITE_P(FakeS3, RemovalContract,
                         testing::Values(RemovalImplementation{.name = "Version",
                                                               .method = DeleteMethod::version,
                                                               .make = make_versioned_fake,
                                                               .removes_by_identity = false},
                                         RemovalImplementation{.name = "VersionIfMatch",
                                                               .method = DeleteMethod::version,
                                                               .make = make_versioned_fake,
                                                               .condition = DeleteCondition::single},
                                         RemovalImplementation{.name = "VersionIfMatchInBatch",
                                                               .method = DeleteMethod::version,
                                                               .make = make_versioned_fake,
                                                               .condition = DeleteCondition::batch},
                                         RemovalImplementation{.name = "HiddenMarkers",
                                                               .method = DeleteMethod::version,
                                                               .make = make_hiding_fake,
                                                               .removes_by_identity = false},
                                         RemovalImplementation{.name = "Quarantine",
                                                               .method = DeleteMethod::quarantine,
                                                               .make = make_plain_fake},
                                         RemovalImplementation{.name = "QuarantineIfMatch",
                                                               .method = DeleteMethod::quarantine,
                                                               .make = make_plain_fake,
                                                               .condition = DeleteCondition::single},
                                         RemovalImplementation{.name = "QuarantineOfAPoorStore",
                                                               .method = DeleteMethod::quarantine,
                                                               .make = make_poor_fake},
                                         RemovalImplementation{.name = "Permanent",
                                                               .method = DeleteMethod::permanent,
                                                               .make = make_plain_fake,
                                                               .condition = DeleteCondition::batch}),
                         name_of_removal);

}  // namespace
}  // namespace flotsam::test
