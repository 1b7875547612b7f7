// What the contract runs over.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "store/directory/directory_store.h"
#include "store/s3/s3_store.h"
#include "store/store_contract.h"
#include "support/fake_s3.h"
#include "support/rgw.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

class FakeStore final : public StoreUnderTest {
 public:
  bool put(const std::string& key, std::size_t size) override {
    s3_.put(key, {.size = size});
    return true;
  }
  Result<std::unique_ptr<Lister>> open(unsigned page_keys) override {
    return open_s3_store(s3_.options(), {&environment_, &clock_, &log_},
                         {.page_keys = page_keys, .range_pages_min = 0});
  }
  Result<std::unique_ptr<Lister>> open_missing() override {
    StoreOptions options = s3_.options();
    options.url = "s3://no-such-bucket";
    return open_s3_store(options, {&environment_, &clock_, &log_});
  }
  std::uint64_t writes() const override { return s3_.writes(); }

 private:
  FakeS3 s3_;
  Environment environment_ = s3_.environment();
};

class ServerStore final : public StoreUnderTest {
 public:
  explicit ServerStore(S3Server server) : server_(std::move(server)), client_(server_) {}
  Result<void> create() { return client_.create_bucket(bucket_); }
  bool put(const std::string& key, std::size_t size) override {
    return client_.put_object(bucket_, key, std::string(size, 'x')).has_value();
  }
  Result<std::unique_ptr<Lister>> open(unsigned page_keys) override {
    return open_s3_store(server_.options(bucket_), {&environment_, &clock_, &log_},
                         {.page_keys = page_keys, .range_pages_min = 0});
  }
  Result<std::unique_ptr<Lister>> open_missing() override {
    return open_s3_store(server_.options(new_bucket_name()), {&environment_, &clock_, &log_});
  }

 private:
  S3Server server_;
  S3TestClient client_;
  std::string bucket_ = new_bucket_name();
  Environment environment_ = server_.environment();
};

class DirectoryStore final : public StoreUnderTest {
 public:
  bool put(const std::string& key, std::size_t size) override {
    if (!can_hold(key)) return false;
    const std::string path = root_.path().string() + "/" + key;
    std::error_code error;
    std::filesystem::create_directories(path.substr(0, path.rfind('/')), error);
    if (error || std::filesystem::is_directory(path)) return false;
    std::ofstream file(path, std::ios::binary);
    file << std::string(size, 'x');
    return static_cast<bool>(file.flush());
  }
  Result<std::unique_ptr<Lister>> open(unsigned /*page_keys*/) override {
    return open_directory_store(root_.path(), {&environment_, &clock_, &log_});
  }
  Result<std::unique_ptr<Lister>> open_missing() override {
    return open_directory_store(root_.path() / "no such folder", {&environment_, &clock_, &log_});
  }

 private:
  /// Every part of the key can be a file's name.
  static bool can_hold(const std::string& key) {
    std::size_t at = 0;
    while (at <= key.size()) {
      const std::size_t end = std::min(key.find('/', at), key.size());
      const std::string part = key.substr(at, end - at);
      if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
      at = end + 1;
    }
    return true;
  }
  TemporaryFolder root_;
  Environment environment_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::unique_ptr<StoreUnderTest>> make_server(S3Server server) {
  auto store = std::make_unique<ServerStore>(std::move(server));
  FLOTSAM_TRY(store->create());
  return store;
}

Result<std::unique_ptr<StoreUnderTest>> make_fake() {
  return std::make_unique<FakeStore>();
}
Result<std::unique_ptr<StoreUnderTest>> make_directory() {
  return std::make_unique<DirectoryStore>();
}
Result<std::unique_ptr<StoreUnderTest>> make_rgw() {
  if (!shared_rgw()) return std::unexpected<Error>(shared_rgw().error());
  return make_server(*shared_rgw());
}
Result<std::unique_ptr<StoreUnderTest>> make_given() {
  return make_server({variable("FLOTSAM_TEST_S3_ENDPOINT"), variable("FLOTSAM_TEST_S3_ACCESS_KEY"),
                      variable("FLOTSAM_TEST_S3_SECRET_KEY")});
}

}  // namespace

std::vector<StoreImplementation> store_implementations() {
  if (!variable("FLOTSAM_TEST_S3_ENDPOINT").empty()) return {{"GivenServer", make_given}};
  return {{"FakeS3", make_fake}, {"Rgw", make_rgw}, {"Directory", make_directory}};
}

}  // namespace flotsam::test
