// The contract of a state, held by one in a bucket.

#include <gtest/gtest.h>

#include "store/s3/s3_state.h"
#include "store/store_contract.h"
#include "support/fake_s3.h"
#include "support/rgw.h"
#include "support/state_contract.h"

namespace flotsam::test {
namespace {

class FakeS3State final : public StateUnderTest {
 public:
  std::unique_ptr<State> open() override {
    auto state =
        open_s3_state("s3://bucket/ops/.flotsam-state", s3_.options(), {&environment_, &clock_, &log_});
    EXPECT_TRUE(state.has_value()) << failure_of(state);
    return std::move(*state);
  }

 private:
  FakeS3 s3_{{.versioning = "Enabled"}};
  Environment environment_ = s3_.environment();
  WakefulClock clock_;
  NullLog log_;
};

class RgwState final : public StateUnderTest {
 public:
  RgwState() {
    const auto& server = shared_rgw();
    EXPECT_TRUE(server.has_value()) << failure_of(server);
    if (!server) return;
    server_ = *server;
    environment_ = server_.environment();
    const auto made = S3TestClient(server_).create_bucket(bucket_);
    EXPECT_TRUE(made.has_value()) << failure_of(made);
  }
  std::unique_ptr<State> open() override {
    auto state = open_s3_state("s3://" + bucket_ + "/.flotsam-state/", server_.options(bucket_),
                               {&environment_, &clock_, &log_});
    EXPECT_TRUE(state.has_value()) << failure_of(state);
    return std::move(*state);
  }

 private:
  S3Server server_;
  std::string bucket_ = new_bucket_name();
  Environment environment_;
  SystemClock clock_;
  NullLog log_;
};

template <typename T>
std::unique_ptr<StateUnderTest> make() {
  return std::make_unique<T>();
}

INSTANTIATE_TEST_SUITE_P(Buckets, StateContract,
                         testing::Values(StateImplementation{"FakeS3", make<FakeS3State>},
                                         StateImplementation{"Rgw", make<RgwState>}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace flotsam::test
