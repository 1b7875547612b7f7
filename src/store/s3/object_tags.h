#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// The tags of an object, sorted.
using ObjectTags = std::vector<std::pair<std::string, std::string>>;

/// Reads them (S3 API: GetObjectTagging). Empty: it has none, or the store knows no tags. `head` is the
/// object's: an empty answer (Ceph's, for an upload in parts) is believed only where that shows none either.
/// Errors: those of S3Client::read(), permission_denied among them.
Result<ObjectTags> read_tags(S3Client& client, const ObjectHead& head, std::string_view version_id);

/// Sets them (S3 API: PutObjectTagging) on an object that was just made here. Errors: those of
/// S3Client::repeat().
Result<void> put_tags(S3Client& client, KeyView key, const ObjectTags& tags);

/// "a=1&b=2", as x-amz-tagging takes it.
std::string tagging_header(const ObjectTags& tags);

}  // namespace flotsam
