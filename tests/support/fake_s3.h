#pragma once

/// An S3 server inside the test program: one bucket, kept in memory, strict where AWS is strict, that
/// verifies Signature Version 4 by code of its own and can be told to misbehave. Listens on 127.0.0.1 and a
/// free port.
///
///   FakeS3 s3;
///   s3.put("books/1.webp", {.size = 10});
///   auto store = open_store(s3.options(), {.environment = &environment, …});   // environment =
///   s3.environment() … EXPECT_EQ(s3.writes(), 0U);                                              // the store
///   was only read

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "store/open.h"

namespace flotsam::test {

struct FakeObject {
  std::uint64_t size = 1;
  std::string etag = "9a0364b9e99bb480dd25e1f0284c8555";   ///< without quotes
  std::string last_modified = "2024-01-02T03:04:05.678Z";  ///< as it stands in the XML
};

/// What can be wrong with the answer to a listing.
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
};

/// How the server treats start-after.
enum class StartAfter { exclusive, inclusive, ignored, decoded_twice, skips_one };

/// What the server says of, and does to, the encoding of keys.
enum class KeyEncoding {
  url,          ///< as AWS: form encoding, and says so
  url_slashes,  ///< as Ceph: "/" as %2F, space as %20
  raw,          ///< ignores encoding-type: XML escapes only, and no echo
};

struct FakeS3Settings {
  std::string bucket = "bucket";
  std::string access_key = "AKIDFAKES3TESTKEY000";
  std::string secret_key = "fake/secret+with/odd=characters";
  std::string session_token;  ///< empty: long-term keys
  bool token_expired = false;
  std::string region = "us-east-1";
  bool redirects = false;    ///< another region: 301 instead of 400
  bool names_region = true;  ///< such an answer names the right one
  std::string owner = "111122223333";
  std::string versioning;  ///< Status; empty: never enabled
  std::string lifecycle;   ///< the whole XML; empty: no configuration
  bool object_lock = false;
  bool settings_denied = false;   ///< AccessDenied for versioning, lifecycle, lock
  bool settings_missing = false;  ///< NotImplemented for them
  bool settings_as_listing =
      false;  ///< answers them with a plain listing (as Ceph does to what it does not know)
  bool listing_denied = false;
  std::string denied_message = "Access Denied";
  std::string
      listing_allowed_below;  ///< AccessDenied for every other prefix, as a policy with s3:prefix does
  bool tells_time = true;
  std::chrono::seconds clock_offset{0};  ///< the server's clock less this machine's
  unsigned page_keys_max = 1000;
  StartAfter start_after = StartAfter::exclusive;
  KeyEncoding encoding = KeyEncoding::url;
  std::chrono::milliseconds delay{0};  ///< before every answer
};

class FakeS3 {
 public:
  explicit FakeS3(FakeS3Settings settings = {});
  ~FakeS3();
  FakeS3(const FakeS3&) = delete;
  FakeS3& operator=(const FakeS3&) = delete;

  void put(std::string key, FakeObject object = {});
  void put_all(const std::vector<std::string>& keys);
  void remove(const std::string& key);
  std::map<std::string, FakeObject> objects() const;
  void change(const std::function<void(FakeS3Settings&)>& edit);

  /// The listings number `from` (1 = the next one) up to `from + times - 1` go wrong in this way.
  void misbehave(Fault fault, unsigned from = 1, unsigned times = 1);
  static constexpr unsigned kForever = 1U << 30U;
  /// Called before every listing is answered, with its number from 1: a test's way to change the bucket
  /// meanwhile.
  void on_listing(std::function<void(unsigned)> callback);

  int port() const;
  std::string endpoint() const;  ///< "http://127.0.0.1:PORT"
  /// Options and environment with which a client reaches the bucket.
  StoreOptions options() const;
  Environment environment() const;

  std::uint64_t requests() const;
  std::uint64_t listings() const;
  /// Requests that are not GET. A Lister sends none.
  std::uint64_t writes() const;
  /// Requests whose signature, time or headers were refused.
  std::uint64_t refused() const;
  /// "GET /bucket?list-type=2&… HTTP/1.1" of every request, in order of arrival.
  std::vector<std::string> request_lines() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flotsam::test
