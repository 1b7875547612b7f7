#pragma once

/// What stands under one key now (S3 API: HeadObject), and the requests about a single object.

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "http/transport.h"
#include "model/object.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// What HEAD says of an object.
struct ObjectHead {
  Object object;                      ///< with the version id, where the bucket keeps versions
  std::optional<Timestamp> asked_at;  ///< the answer's Date: the store's clock
  std::string storage_class;          ///< empty: STANDARD
  bool is_archived = false;           ///< its bytes cannot be read before they are restored from an archive
  std::string encryption;             ///< "AES256", "aws:kms"; empty: not said
  bool lock_shown = false;            ///< a retention that has not ended, or a legal hold, is shown
  std::uint64_t tag_count = 0;        ///< 0: none, or not said
  HttpHeaders carried;                ///< type, metadata and the like: what a copy in parts must be given
};

/// Reads the answer to a HEAD of status 200. Errors: unavailable for one without size, date or etag. Pure.
Result<ObjectHead> read_object_head(KeyView key, const HttpResponse& response);

/// HEAD /bucket/key[?versionId=ID]. Nothing: proved that no object stands there (a delete marker does, or
/// nothing). Asked again where the store fails for the moment. Errors: those of S3Client::read(); a 403 is
/// one: without the right to list a missing key looks like that; unavailable for an answer without size, date
/// or etag.
Result<std::optional<ObjectHead>> head_object(S3Client& client, KeyView key,
                                              std::string_view version_id = {});

/// Whether `now` is the object that was planned: etag, size and time in whole seconds are there and equal,
/// and the version id where both are known.
bool is_same_object(const Object& planned, const Object& now);

/// Whether two etags can tell the same bytes from other ones: both are an MD5, neither object is encrypted by
/// a key service. That of an upload in parts (`…-N`) does not survive a copy.
bool are_comparable(const ObjectHead& a, const ObjectHead& b);
bool is_plain_etag(std::string_view etag);

/// DELETE /bucket/key, If-Match: "etag" where one is given. Never names a version.
S3Ask ask_delete(KeyView key, std::string_view if_match_etag = {});

/// DELETE /bucket/key?versionId=ID, for a delete marker alone, just seen to be one: what is behind any other
/// id is destroyed. Never for the id "null", which the next upload takes over.
S3Ask ask_remove_marker(KeyView key, std::string_view marker_id);

}  // namespace flotsam
