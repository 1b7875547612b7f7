// The versions of the fake S3's keys.

#include "support/fake_s3_bucket.h"

#include <algorithm>

namespace flotsam::test {

void FakeBucket::refresh(const std::string& key) {
  const auto found = versions_.find(key);
  if (found != versions_.end() && found->second.empty()) versions_.erase(found);
  const auto left = versions_.find(key);
  if (left == versions_.end()) {
    standing_.erase(key);
    return;
  }
  for (FakeVersion& version : left->second) version.is_latest = &version == &left->second.front();
  if (left->second.front().is_marker) {
    standing_.erase(key);
  } else {
    standing_.insert_or_assign(key, left->second.front().object);
  }
}

std::string FakeBucket::new_id() {
  // No order can be read from it, and it holds what an id may hold.
  const std::uint64_t mixed = ++count_ * 0x9E3779B97F4A7C15ULL;
  std::string id;
  for (unsigned i = 0; i < 10; ++i) id += "3HL4kqtJ.cpXroDT-mjVBH_0Nr8X8gfu"[(mixed >> (i * 5U)) & 31U];
  return id + "." + std::to_string(count_);
}

void FakeBucket::push(const std::string& key, FakeVersion version) {
  auto& versions = versions_[key];
  if (version.version_id == "null")
    std::erase_if(versions, [](const FakeVersion& each) { return each.version_id == "null"; });
  sequences_[{key, version.version_id}] = ++count_;
  versions.insert(versions.begin(), std::move(version));
  refresh(key);
}

std::string FakeBucket::put(const std::string& key, FakeObject object, const std::string& versioning) {
  const std::string id = versioning == "Enabled" ? new_id() : "null";
  push(key, FakeVersion{.version_id = id, .object = std::move(object)});
  return id;
}

std::string FakeBucket::remove(const std::string& key, const std::string& versioning,
                               const std::string& now) {
  if (versioning.empty()) {
    erase(key, "null");
    return {};
  }
  FakeVersion marker;
  marker.version_id = versioning == "Enabled" ? new_id() : "null";
  marker.is_marker = true;
  marker.object.size = 0;
  marker.object.etag.clear();
  marker.object.last_modified = now;
  const std::string id = marker.version_id;
  push(key, std::move(marker));
  return id;
}

void FakeBucket::erase(const std::string& key, const std::string& version_id) {
  const auto found = versions_.find(key);
  if (found == versions_.end()) return;
  std::erase_if(found->second,
                [&](const FakeVersion& each) { return version_id.empty() || each.version_id == version_id; });
  refresh(key);
}

const FakeVersion* FakeBucket::find(const std::string& key, const std::string& version_id) const {
  const auto found = versions_.find(key);
  if (found == versions_.end()) return nullptr;
  for (const FakeVersion& version : found->second)
    if (version_id.empty() || version.version_id == version_id) return &version;
  return nullptr;
}

void FakeBucket::edit(const std::string& key, const std::string& version_id,
                      const std::function<void(FakeObject&)>& edit) {
  const auto found = versions_.find(key);
  if (found == versions_.end()) return;
  for (FakeVersion& version : found->second)
    if (version.version_id == version_id) edit(version.object);
  refresh(key);
}

void FakeBucket::edit_newest(const std::string& key, const std::function<void(FakeObject&)>& edit_object) {
  if (const FakeVersion* newest = find(key, {}); newest != nullptr) {
    const std::string id = newest->version_id;
    edit(key, id, edit_object);
  }
}

std::uint64_t FakeBucket::sequence_of(const std::string& key, const std::string& version_id) const {
  const auto found = sequences_.find({key, version_id});
  return found == sequences_.end() ? 0 : found->second;
}

std::string Exchange::version_id() const {
  const auto found = parameters.find("versionId");
  return found == parameters.end() ? std::string() : found->second;
}

std::optional<std::string> folded(const std::string& key, KeyFolding folding) {
  const auto replaced = [](std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from))
      text.replace(at, from.size(), to);
    return text;
  };
  const std::string plain = replaced(replaced(key, "/./", "/"), "//", "/");
  switch (folding) {
    case KeyFolding::slashes:
      return plain;
    case KeyFolding::refuses:
      if (plain != key) return std::nullopt;
      return key;
    case KeyFolding::composed:
      return replaced(key, "e\xCC\x81", "\xC3\xA9");
    case KeyFolding::none:
    case KeyFolding::loses_from_list:
      break;
  }
  return key;
}

bool is_locked(const FakeObject& object, const std::string& now) {
  if (object.hold) return true;
  if (object.retain_until.empty()) return false;
  const auto until = parse_rfc3339(object.retain_until);
  const auto moment = parse_rfc3339(now);
  return !until || !moment || *until > *moment;
}

}  // namespace flotsam::test
