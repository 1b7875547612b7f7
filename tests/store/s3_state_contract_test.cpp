// The contract of a state, held by one in a bucket.

#include <cstdlib>
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

class ServerState : public StateUnderTest {
 public:
  explicit ServerState(const Result<S3Server>& server) {
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

class RgwState final : public ServerState {
 public:
  RgwState() : ServerState(shared_rgw()) {}
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

class GivenState final : public ServerState {
 public:
  GivenState()
      : ServerState(S3Server{.endpoint = variable("FLOTSAM_TEST_S3_ENDPOINT"),
                             .access_key = variable("FLOTSAM_TEST_S3_ACCESS_KEY"),
                             .secret_key = variable("FLOTSAM_TEST_S3_SECRET_KEY")}) {}
};

template <typename T>
std::unique_ptr<StateUnderTest> make() {
  return std::make_unique<T>();
}

/// The fake S3 and the Ceph gateway; or, where FLOTSAM_TEST_S3_ENDPOINT names a server, that one alone.
std::vector<StateImplementation> implementations() {
  if (!variable("FLOTSAM_TEST_S3_ENDPOINT").empty()) return {{"GivenServer", make<GivenState>}};
  return {{"FakeS3", make<FakeS3State>}, {"Rgw", make<RgwState>}};
}

INSTANTIATE_TEST_SUITE_P(Buckets, StateContract, testing::ValuesIn(implementations()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace flotsam::test
