#pragma once

/// The bucket of a FakeS3: versions of keys, uploads under way, and what requests do to them. No test
/// includes this.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_s3_parts.h"

namespace flotsam::test {

struct FakePart {
  std::uint64_t size = 0;
  std::string etag;
  std::optional<std::string> body;
};

struct FakeUpload {
  std::string key;
  FakeObject object;  ///< what Create said, and when
  std::map<unsigned, FakePart> parts;
};

class FakeBucket {
 public:
  const std::map<std::string, FakeObject>& standing() const { return standing_; }
  /// The newest first.
  const std::map<std::string, std::vector<FakeVersion>>& all() const { return versions_; }
  std::map<std::string, FakeUpload> uploads;

  /// Both return the id that the new version or marker has ("null" where none are kept); `versioning` as in
  /// the settings.
  std::string put(const std::string& key, FakeObject object, const std::string& versioning);
  /// Empty: nothing was put over the key.
  std::string remove(const std::string& key, const std::string& versioning, const std::string& now);
  void erase(const std::string& key, const std::string& version_id);
  /// The version with this id, the newest where the id is empty; nullptr: none.
  const FakeVersion* find(const std::string& key, const std::string& version_id) const;
  void edit_newest(const std::string& key, const std::function<void(FakeObject&)>& edit);
  void edit(const std::string& key, const std::string& version_id,
            const std::function<void(FakeObject&)>& edit);
  /// When a version was made, counting; also of one that is gone. 0: never was.
  std::uint64_t sequence_of(const std::string& key, const std::string& version_id) const;
  std::string new_id();

 private:
  void push(const std::string& key, FakeVersion version);
  void refresh(const std::string& key);
  std::map<std::string, FakeObject> standing_;
  std::map<std::string, std::vector<FakeVersion>> versions_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> sequences_;
  std::uint64_t count_ = 0;
};

/// One request of an object, and all that answering it needs.
struct Exchange {
  const WireRequest& request;
  const std::map<std::string, std::string>& parameters;
  const std::string& key;
  FakeS3Settings& settings;
  FakeBucket& bucket;
  std::string now;  ///< RFC 3339 with milliseconds
  Fault fault = Fault::none;

  std::string version_id() const;
  bool keeps_versions() const { return !settings.versioning.empty(); }
};

/// The key that a store of this kind takes it for; nothing: it refuses it.
std::optional<std::string> folded(const std::string& key, KeyFolding folding);
std::string bytes_of(const FakeObject& object);
/// A version that a hold or a retention protects.
bool is_locked(const FakeObject& object, const std::string& now);
/// Content headers, metadata, tags and class as a request brings them. An answer: the refusal.
std::optional<WireAnswer> read_object_headers(const Exchange& exchange, FakeObject& object);

WireAnswer answer_head_or_get(const Exchange& exchange, bool with_body);
WireAnswer answer_put(const Exchange& exchange);
WireAnswer answer_copy(const Exchange& exchange);
WireAnswer answer_delete(const Exchange& exchange);
WireAnswer answer_delete_version(const Exchange& exchange);
WireAnswer answer_delete_batch(const Exchange& exchange, std::uint64_t& keys);
WireAnswer answer_get_tags(const Exchange& exchange);
WireAnswer answer_put_tags(const Exchange& exchange);
WireAnswer answer_lock(const Exchange& exchange, Operation operation);
WireAnswer answer_multipart(const Exchange& exchange, Operation operation);
WireAnswer answer_list_versions(const Exchange& exchange);

/// What x-amz-copy-source names; an answer: the refusal.
struct CopySource {
  const FakeVersion* version = nullptr;
  std::string key, version_id;
};
std::optional<WireAnswer> find_copy_source(const Exchange& exchange, CopySource& source);
/// If-None-Match and If-Match of a write to the exchange's key; an answer: the refusal.
std::optional<WireAnswer> check_write_conditions(const Exchange& exchange, Condition if_none_match,
                                                 Condition if_match);

}  // namespace flotsam::test
