#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "store/s3/s3_remover.h"
#include "store/s3/s3_restorer.h"
#include "store/s3_fixture.h"
#include "support/fake_s3.h"

namespace flotsam::test {

/// A fake S3 with a Remover and a Restorer.
class S3Removal : public testing::Test {
 protected:
  static constexpr const char* kRun = "0123456789abcdef0123456789abcdef";
  static constexpr const char* kPrefix = ".flotsam-quarantine/";

  void start(FakeS3Settings settings = {}) {
    s3_ = std::make_unique<FakeS3>(std::move(settings));
    environment_ = s3_->environment();
  }
  void start_versioned() { start({.versioning = "Enabled"}); }
  FakeS3& s3() { return *s3_; }

  /// An object whose bytes tell its key.
  void put(const std::string& key, const std::string& bytes = {}) {
    FakeObject object;
    object.body = bytes.empty() ? key + "\n" : bytes;
    s3_->put(key, object);
  }
  /// What a plan would say of it.
  Object planned(const std::string& key) {
    const FakeObject object = s3_->object(key);
    return {Key(key), object.size, *parse_rfc3339(object.last_modified), object.etag, ""};
  }
  std::vector<Object> planned(const std::vector<std::string>& keys) {
    std::vector<Object> objects;
    for (const std::string& key : keys) objects.push_back(planned(key));
    return objects;
  }
  std::vector<Object> put_and_plan(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) put(key);
    return planned(keys);
  }
  static std::string place_of(const std::string& key) { return std::string(kPrefix) + kRun + "/" + key; }

  StoreContext context() { return {&environment_, &clock_, &log_}; }
  std::unique_ptr<Remover> remover(const S3Tuning& tuning = {.connections = 4}) {
    auto opened = open_s3_remover(s3_->options(), "s3://bucket/" + std::string(kPrefix), context(), tuning);
    EXPECT_TRUE(opened) << to_text(opened.error());
    return *std::move(opened);
  }
  std::unique_ptr<Restorer> restorer(const S3Tuning& tuning = {.connections = 4}) {
    auto opened = open_s3_restorer(s3_->options(), "s3://bucket/" + std::string(kPrefix), context(), tuning);
    EXPECT_TRUE(opened) << to_text(opened.error());
    return *std::move(opened);
  }
  static RemoveOptions by(DeleteMethod method, DeleteCondition condition = DeleteCondition::none) {
    return {.method = method, .condition = condition, .run_id = kRun};
  }
  static Remains marker_of(const Object& object, const std::string& marker_id) {
    Remains remains;
    remains.place = Remains::Place::marker;
    remains.object = object;
    remains.marker_id = marker_id;
    return remains;
  }
  static Remains quarantined(const Object& object) {
    Remains remains;
    remains.place = Remains::Place::quarantine;
    remains.object = object;
    remains.run_id = kRun;
    return remains;
  }
  RestoreOutcome restore(const Remains& remains, Restorer::Mode mode = Restorer::Mode::really) {
    return restorer()->restore(std::span(&remains, 1), mode).front();
  }

  static std::vector<std::string> names(const std::vector<RemoveOutcome>& outcomes) {
    std::vector<std::string> found;
    for (const RemoveOutcome& outcome : outcomes) found.emplace_back(to_string(outcome.result));
    return found;
  }

  std::unique_ptr<FakeS3> s3_;
  Environment environment_;
  WakefulClock clock_;
  RecordingLog log_;
};

}  // namespace flotsam::test
