#pragma once

/// Copies of one object inside the store (S3 API: CopyObject; above S3Tuning::copy_bytes_max
/// CreateMultipartUpload, UploadPartCopy, CompleteMultipartUpload).

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/key.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// What is to be copied where.
struct CopyTask {
  std::string source_bucket;
  const ObjectHead* source = nullptr;  ///< as HEAD has just shown it
  std::string source_version;          ///< empty: what stands there now
  Key target;
  /// ours: nobody else writes under the target key, so that a lost answer may be followed by a repetition.
  /// vacant: nothing stood there; the copy is sent once and asks the store not to replace anything (which not
  /// every store heeds).
  enum class Target { ours, vacant } target_is = Target::ours;
};

/// What was answered.
struct CopyResult {
  S3Sent sent;
  bool may_stand =
      false;  ///< of refused: something was written under the target all the same, or may have been
};

/// Copies with metadata, content headers, tags and storage class. `source` and `target` are clients of the
/// two buckets (they may be one). What it returns is what was answered: the copy counts once a HEAD has shown
/// it. `refused` with HTTP status 412: the source has another etag by now, or something stands under a vacant
/// target. `unknown`: it may stand there. Leaves no unfinished upload behind where the store lets it.
CopyResult copy_object(S3Client& source, S3Client& target, const S3Tuning& tuning, const CopyTask& task);

/// "bucket/encoded%20key?versionId=ID"
std::string copy_source_of(std::string_view bucket, KeyView key, std::string_view version_id);

}  // namespace flotsam
