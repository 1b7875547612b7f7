#pragma once

/// An S3 server inside the test program: one bucket, kept in memory, strict where AWS is strict, that
/// verifies Signature Version 4 by code of its own and can be told to misbehave or to be another store's twin
/// (FakeS3Settings). Listens on 127.0.0.1 and a free port.
///
///   FakeS3 s3({.versioning = "Enabled"});
///   s3.put("books/1.webp", {.size = 10});
///   const Environment environment = s3.environment();
///   auto store = open_store(s3.options(), {.environment = &environment, …});
///   s3.misbehave(Operation::delete_one, Fault::lost_answer);       // done, and nobody hears of it
///   s3.on_request([&](Operation operation, unsigned number) {      // overwritten between look and deletion
///     if (operation == Operation::delete_one && number == 1) s3.put("books/1.webp", {.size = 11});
///   });
///   … EXPECT_EQ(s3.versions("books/1.webp").size(), 2U);

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "store/open.h"

namespace flotsam::test {

struct S3Server;

struct FakeObject {
  std::uint64_t size = 1;
  std::string etag = "9a0364b9e99bb480dd25e1f0284c8555";   ///< without quotes
  std::string last_modified = "2024-01-02T03:04:05.678Z";  ///< as it stands in the XML
  /// The bytes. put() takes size and, where none is given, etag from them. Nothing: `size` times "x".
  std::optional<std::string> body{};
  std::map<std::string, std::string> headers{};   ///< content-type, cache-control, … as they were sent
  std::map<std::string, std::string> metadata{};  ///< without "x-amz-meta-"
  std::map<std::string, std::string> tags{};
  std::string storage_class = "STANDARD";
  bool hold = false;           ///< legal hold, of this version
  std::string retain_until{};  ///< RFC 3339; empty: no retention
};

/// One version of a key, or a marker (whose object has a time and nothing else).
struct FakeVersion {
  std::string version_id{};  ///< "null" where the bucket kept no versions when it was written
  bool is_marker = false;
  bool is_latest = false;
  FakeObject object{};
};

/// What a request asks for.
enum class Operation {
  settings,       ///< versioning, lifecycle, object lock of the bucket
  list,           ///< ListObjectsV2
  list_versions,  ///< ListObjectVersions
  head,           ///< with and without a version
  get,            ///< with and without a version
  put,
  copy,            ///< CopyObject
  delete_one,      ///< DeleteObject without a version id
  delete_version,  ///< DeleteObject with one
  delete_batch,    ///< DeleteObjects
  get_tags,
  put_tags,
  get_retention,
  get_legal_hold,
  multipart_create,
  multipart_part,  ///< UploadPart and UploadPartCopy
  multipart_complete,
  multipart_abort,
  unknown,  ///< answered with 501
};

/// What can be wrong with an answer. Those up to other_root, and denied and what follows it, can be had from
/// every operation: cut_body, truncated_xml, other_root and those that say so after the work was done, the
/// others instead of it. The rest is for listings; listings of versions have some of it.
enum class Fault {
  none,
  // no answer, or a broken one
  cut_connection,
  cut_body,
  status_500,
  status_502_html,
  status_503,
  slow_down,
  status_429,
  error_in_200,
  truncated_xml,
  not_xml,
  empty_body,
  other_root,
  // an answer that must not be believed
  doctype,
  unknown_entity,
  nul_character,
  repeated_page,
  truncated_without_token,
  token_without_truncated,
  same_token,
  no_is_truncated,
  bad_is_truncated,
  unordered,
  duplicate_key,
  out_of_prefix,
  empty_key,
  two_keys,
  two_dates,
  two_sizes,
  markup_in_key,
  wrong_name,
  no_name,
  wrong_prefix,
  wrong_key_count,
  wrong_max_keys,
  more_than_asked,
  wrong_encoding_echo,
  broken_escape,
  not_encoded,
  groups_unasked,
  delimiter_unasked,
  huge_size,
  negative_size,
  no_size,
  ignored_token,
  // odd, but harmless
  unreadable_date,
  no_date,
  no_etag_quotes,
  no_key_count,
  empty_page,  ///< for ever, the last one is no listing
  // of all operations
  denied,            ///< 403 AccessDenied, nothing is done
  conflict,          ///< 409 ConditionalRequestConflict, nothing is done
  lost_answer,       ///< done, and then the connection is cut without a byte
  done_then_500,     ///< done, and InternalError all the same
  half_done,         ///< a batch: the first half of its keys is done, then the connection is cut
  drops_one,         ///< a batch: done, and its answer lacks the last key
  echoes_other_key,  ///< a batch: done, and its answer names another key instead of the last one
};

/// How the server treats start-after.
enum class StartAfter { exclusive, inclusive, ignored, decoded_twice, skips_one };

/// What the server says of, and does to, the encoding of keys.
enum class KeyEncoding {
  url,          ///< as AWS: form encoding, and says so
  url_slashes,  ///< as Ceph: "/" as %2F, space as %20
  raw,          ///< ignores encoding-type: XML escapes only, and no echo
};

/// What the server makes of a condition.
enum class Condition {
  honoured,
  ignored,          ///< goes on as if it were not there
  always_412,       ///< refuses, whatever it says
  not_implemented,  ///< 501
};
/// What it makes of the ETag of a key in a batch.
enum class BatchCondition { honoured, ignored, malformed_xml };
/// How it answers a copy.
enum class CopyAnswer {
  normal,
  error_in_200,  ///< nothing was copied
  without_etag,
};
/// Which keys it takes for one another, as gateways over file systems do.
enum class KeyFolding {
  none,
  slashes,         ///< "a//b" and "a/./b" are "a/b"
  refuses,         ///< answers 400 to such keys
  composed,        ///< "e" and a combining acute become "é"
  loses_from_list  ///< keeps "a//b" apart, and lists it as "a/b"
};

/// A key that a batch does not delete.
struct BatchError {
  std::string code = "AccessDenied";
  unsigned times = 1U << 30U;  ///< then it is deleted
};

struct FakeS3Settings {
  std::string bucket = "bucket";
  std::string access_key = "AKIDFAKES3TESTKEY000";
  std::string secret_key = "fake/secret+with/odd=characters";
  std::string session_token{};  ///< empty: long-term keys
  bool token_expired = false;
  std::string region = "us-east-1";
  bool redirects = false;    ///< another region: 301 instead of 400
  bool names_region = true;  ///< such an answer names the right one
  std::string owner = "111122223333";
  std::string versioning{};  ///< Status; empty: never enabled
  std::string lifecycle{};   ///< the whole XML; empty: no configuration
  bool object_lock = false;
  bool settings_denied = false;   ///< AccessDenied for versioning, lifecycle, lock
  bool settings_missing = false;  ///< NotImplemented for them
  bool settings_as_listing =
      false;  ///< answers them with a plain listing (as Ceph does to what it does not know)
  bool listing_denied = false;
  std::string denied_message = "Access Denied";
  std::string
      listing_allowed_below{};  ///< AccessDenied for every other prefix, as a policy with s3:prefix does
  bool tells_time = true;
  std::chrono::seconds clock_offset{0};  ///< the server's clock less this machine's
  unsigned page_keys_max = 1000;
  StartAfter start_after = StartAfter::exclusive;
  KeyEncoding encoding = KeyEncoding::url;
  std::chrono::milliseconds delay{0};  ///< before every answer

  /// AccessDenied to these. A batch answers it for each key where delete_one is among them, and for each with
  /// a version id where delete_version is. HEAD tells of a lock only where reading it is not denied; a copy
  /// of what has tags needs get_tags and put_tags; creating needs put_tags where tags are sent.
  std::set<Operation> denied{};
  /// NotImplemented to these, and to requests that bring their headers; what is copied loses its tags where
  /// put_tags is among them.
  std::set<Operation> not_implemented{};
  bool owner_ignored = false;  ///< of x-amz-expected-bucket-owner
  KeyFolding folding = KeyFolding::none;
  int missing_delete_status = 204;       ///< deleting a key that is not there: 204 | 404
  int missing_conditional_status = 404;  ///< the same with If-Match: 404 | 204 | 412
  Condition delete_if_match = Condition::honoured;
  Condition put_if_none_match = Condition::honoured;
  Condition put_if_match = Condition::honoured;
  Condition copy_source_if_match = Condition::honoured;
  Condition copy_if_none_match = Condition::honoured;  ///< If-None-Match: * on the target
  BatchCondition batch_condition = BatchCondition::honoured;
  std::map<std::string, BatchError> batch_errors{};  ///< by key
  bool batch_hides_markers = false;                  ///< tells no DeleteMarkerVersionId
  bool batch_reversed = false;                       ///< answers in another order than asked
  bool batch_raw_cr = false;                         ///< writes a CR of a key as it is: XML reads it as LF
  bool batch_needs_digest = true;
  unsigned batch_keys_max = 1000;
  bool deletes_hide_markers = false;  ///< single deletes tell neither marker nor version
  bool marker_over_marker = true;     ///< false: deleting what is deleted adds none (Ceph)
  CopyAnswer copy_answer = CopyAnswer::normal;
  bool copy_keeps_multipart_etag = false;  ///< else a copy of "…-2" has a plain etag
  std::uint64_t copy_bytes_max = 5ULL << 30U;
  std::uint64_t part_bytes_min = 5U << 20U;
  bool complete_hides_etag = false;  ///< of CompleteMultipartUpload (Ceph)
  /// Keys a second that may be written or deleted, a second's worth at once; more are answered SlowDown.
  /// 0: any number.
  unsigned keys_per_second = 0;
};

class FakeS3 {
 public:
  explicit FakeS3(FakeS3Settings settings = {});
  ~FakeS3();
  FakeS3(const FakeS3&) = delete;
  FakeS3& operator=(const FakeS3&) = delete;

  /// What somebody else does to the bucket: put() adds a version where it keeps them, remove() a marker.
  /// Returns the version's or the marker's id.
  std::string put(std::string key, FakeObject object = {});
  void put_all(const std::vector<std::string>& keys);
  std::string remove(const std::string& key);
  /// Removes a version or marker for good, whatever protects it; all of them where no id is given.
  void erase(const std::string& key, const std::string& version_id = {});
  /// A legal hold on, or a retention (GOVERNANCE) of, the newest version.
  void hold(const std::string& key, bool on = true);
  void retain(const std::string& key, std::string until_rfc3339);

  /// The objects that stand: no versions below, no markers.
  std::map<std::string, FakeObject> objects() const;
  bool stands(const std::string& key) const;
  /// The one that stands; a failure of the test where there is none.
  FakeObject object(const std::string& key) const;
  /// Its bytes.
  std::string body(const std::string& key) const;
  /// All versions and markers, the newest first.
  std::vector<FakeVersion> versions(const std::string& key) const;
  /// Every key that has a version or a marker, sorted.
  std::vector<std::string> keys() const;
  /// Multipart uploads that are neither completed nor aborted.
  std::size_t uploads() const;
  void change(const std::function<void(FakeS3Settings&)>& edit);

  /// The listings number `from` (1 = the next one) up to `from + times - 1` go wrong in this way.
  void misbehave(Fault fault, unsigned from = 1, unsigned times = 1);
  static constexpr unsigned kForever = 1U << 30U;
  /// The same for requests of one operation. Several may be told, the first that fits counts.
  void misbehave(Operation operation, Fault fault, unsigned from = 1, unsigned times = 1);
  /// All goes right from now on.
  void behave();
  /// Called before every listing is answered, with its number from 1: a test's way to change the bucket
  /// meanwhile.
  void on_listing(std::function<void(unsigned)> callback);
  /// The same before every request, of all kinds, with its number among those of its operation. Called by the
  /// server's threads, one at a time; it may call everything here.
  void on_request(std::function<void(Operation, unsigned)> callback);

  int port() const;
  std::string endpoint() const;  ///< "http://127.0.0.1:PORT"
  /// Options and environment with which a client reaches the bucket.
  StoreOptions options() const;
  Environment environment() const;
  /// For an S3TestClient.
  S3Server server() const;

  std::uint64_t requests() const;
  std::uint64_t requests(Operation operation) const;
  std::uint64_t listings() const;
  /// Requests that are neither GET nor HEAD. A Lister sends none.
  std::uint64_t writes() const;
  /// Keys whose deletion was asked for, with and without a version id, each key of a batch.
  std::uint64_t deletes() const;
  /// Requests whose signature, time or headers were refused.
  std::uint64_t refused() const;
  /// "GET /bucket?list-type=2&… HTTP/1.1" of every request, in order of arrival.
  std::vector<std::string> request_lines() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flotsam::test
