#include "support/fake_s3.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "support/fake_s3_inside.h"
#include "support/s3_test_client.h"

namespace flotsam::test {

FakeS3::FakeS3(FakeS3Settings settings) : state_(std::make_unique<State>()) {
  state_->settings = std::move(settings);
  if (!state_->start()) ADD_FAILURE() << "the fake S3 cannot listen on 127.0.0.1";
}

FakeS3::~FakeS3() {
  state_->stop();
}

std::string FakeS3::put(std::string key, FakeObject object) {
  const std::lock_guard lock(state_->mutex);
  if (object.body) {
    object.size = object.body->size();
    if (object.etag == FakeObject().etag) object.etag = md5_hex(*object.body);
  }
  return state_->bucket.put(key, std::move(object), state_->settings.versioning);
}

void FakeS3::put_all(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) put(key);
}

std::string FakeS3::remove(const std::string& key) {
  const std::lock_guard lock(state_->mutex);
  return state_->bucket.remove(key, state_->settings.versioning, state_->now());
}

void FakeS3::erase(const std::string& key, const std::string& version_id) {
  const std::lock_guard lock(state_->mutex);
  state_->bucket.erase(key, version_id);
}

void FakeS3::hold(const std::string& key, bool on) {
  const std::lock_guard lock(state_->mutex);
  state_->bucket.edit_newest(key, [&](FakeObject& object) { object.hold = on; });
}

void FakeS3::retain(const std::string& key, std::string until_rfc3339) {
  const std::lock_guard lock(state_->mutex);
  state_->bucket.edit_newest(key, [&](FakeObject& object) { object.retain_until = until_rfc3339; });
}

std::map<std::string, FakeObject> FakeS3::objects() const {
  const std::lock_guard lock(state_->mutex);
  return state_->bucket.standing();
}

bool FakeS3::stands(const std::string& key) const {
  const std::lock_guard lock(state_->mutex);
  return state_->bucket.standing().contains(key);
}

FakeObject FakeS3::object(const std::string& key) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->bucket.standing().find(key);
  if (found != state_->bucket.standing().end()) return found->second;
  ADD_FAILURE() << "no object stands at " << key;
  return {};
}

std::string FakeS3::body(const std::string& key) const {
  return bytes_of(object(key));
}

std::vector<FakeVersion> FakeS3::versions(const std::string& key) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->bucket.all().find(key);
  return found == state_->bucket.all().end() ? std::vector<FakeVersion>() : found->second;
}

std::vector<std::string> FakeS3::keys() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> keys;
  for (const auto& [key, versions] : state_->bucket.all()) keys.push_back(key);
  return keys;
}

std::size_t FakeS3::uploads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->bucket.uploads.size();
}

void FakeS3::change(const std::function<void(FakeS3Settings&)>& edit) {
  const std::lock_guard lock(state_->mutex);
  edit(state_->settings);
}

void FakeS3::misbehave(Fault fault, unsigned from, unsigned times) {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->faults, [](const FaultRule& rule) { return rule.operation == Operation::list; });
  misbehave(Operation::list, fault, from, times);
}

void FakeS3::misbehave(Operation operation, Fault fault, unsigned from, unsigned times) {
  const std::lock_guard lock(state_->mutex);
  const std::uint64_t first = state_->counts[operation] + from;
  state_->faults.push_back({operation, fault, first, first + times});
}

void FakeS3::behave() {
  const std::lock_guard lock(state_->mutex);
  state_->faults.clear();
}

void FakeS3::on_listing(std::function<void(unsigned)> callback) {
  const std::lock_guard lock(state_->mutex);
  state_->listing_callback = std::move(callback);
}

void FakeS3::on_request(std::function<void(Operation, unsigned)> callback) {
  const std::lock_guard lock(state_->mutex);
  state_->request_callback = std::move(callback);
}

S3Server FakeS3::server() const {
  const std::lock_guard lock(state_->mutex);
  S3Server server;
  server.endpoint = endpoint();
  server.access_key = state_->settings.access_key;
  server.secret_key = state_->settings.secret_key;
  server.region = state_->settings.region;
  return server;
}

std::uint64_t FakeS3::requests(Operation operation) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->counts.find(operation);
  return found == state_->counts.end() ? 0 : found->second;
}

std::uint64_t FakeS3::listings() const {
  return requests(Operation::list);
}

std::uint64_t FakeS3::deletes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->deletes;
}

int FakeS3::port() const {
  return state_->port;
}
std::string FakeS3::endpoint() const {
  return "http://127.0.0.1:" + std::to_string(state_->port);
}

StoreOptions FakeS3::options() const {
  const std::lock_guard lock(state_->mutex);
  StoreOptions options;
  options.url = "s3://" + state_->settings.bucket;
  options.endpoint = "http://127.0.0.1:" + std::to_string(state_->port);
  return options;
}

Environment FakeS3::environment() const {
  const std::lock_guard lock(state_->mutex);
  Environment environment({{"AWS_ACCESS_KEY_ID", state_->settings.access_key},
                           {"AWS_SECRET_ACCESS_KEY", state_->settings.secret_key},
                           {"HOME", "/nonexistent"}});
  if (!state_->settings.session_token.empty())
    environment.set("AWS_SESSION_TOKEN", state_->settings.session_token);
  return environment;
}

std::uint64_t FakeS3::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}
std::uint64_t FakeS3::writes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->writes;
}
std::uint64_t FakeS3::refused() const {
  const std::lock_guard lock(state_->mutex);
  return state_->refused;
}
std::vector<std::string> FakeS3::request_lines() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lines;
}

}  // namespace flotsam::test
