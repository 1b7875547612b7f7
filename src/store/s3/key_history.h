#pragma once

/// All versions and delete markers of one key (S3 API: ListObjectVersions).

#include <string>
#include <vector>

#include "base/error.h"
#include "model/object.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// A version or a delete marker.
struct KeyVersion {
  Object object;  ///< of a marker: key, time and id alone
  bool is_marker = false;
  bool is_latest = false;
};

/// The versions and markers of a key, the newest first, at least down to the first version; empty: proved
/// that there are none. On a bucket without versions: the object, under the id "null". Errors: those of
/// S3Client::read(); `refused` where the store has no such list; corrupt where it cannot be trusted (other
/// bucket or prefix, order that cannot be told).
Result<std::vector<KeyVersion>> history_of(S3Client& client, const std::string& bucket, KeyView key);

/// Versions of one key as a store lists them, put into order: the newest first. There are stores that list
/// versions and markers apart; then times tell the order, and where they do not it is an error (corrupt).
/// Pure.
Result<std::vector<KeyVersion>> in_order(std::vector<KeyVersion> versions);

/// True where an error of history_of() says that the store does not know versions at all, and so keeps none.
bool knows_no_versions(const Error& error);

}  // namespace flotsam
