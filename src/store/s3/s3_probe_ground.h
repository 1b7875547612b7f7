#pragma once

/// The objects that a probe writes, and their removal.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_settle.h"

namespace flotsam {

/// A prefix of the probe's own in the bucket. Everything that it sends is about keys below it.
class ProbeGround {
 public:
  /// `base` ends in "/" and has a random part, so that all below it is the probe's.
  ProbeGround(S3Session& session, S3Client& client, std::string base);

  const std::string& base() const { return base_; }
  /// A key that was not used before.
  std::string new_key(std::string_view name);
  /// PUT until the store says yes or no. Remembers what was, or may have been, written.
  Result<S3Settled> put(const std::string& key, const std::string& body, HttpHeaders headers = {});
  /// Puts an object over another one of the same key.
  struct Overwritten {
    std::string key, old_etag, etag;
  };
  Result<Overwritten> put_twice(std::string_view name);
  /// The etag of what stands, or nothing.
  Result<std::optional<std::string>> etag_of(const std::string& key);
  /// Sends once. Remembers a marker that it makes.
  S3Sent send(const S3Ask& ask, HttpResponse& response);
  /// All keys below the base.
  Result<std::vector<std::string>> list();

  /// Removes everything with `client`. Returns what may still be there, as places.
  std::vector<std::string> clean_up(S3Client& client);

 private:
  void note_version(const std::string& key, const HttpResponse& response);
  Result<std::vector<std::pair<std::string, std::string>>> versions_below(S3Client& client);
  bool remove(S3Client& client, const std::string& key, const std::string& version_id);
  S3Session& session_;
  S3Client& client_;
  std::string base_;
  unsigned count_ = 0;
  std::set<std::string> keys_;                              ///< that were, or may have been, written
  std::set<std::pair<std::string, std::string>> versions_;  ///< key and id
};

}  // namespace flotsam
