#pragma once

#include <string>

#include "base/cancel.h"
#include "base/error.h"
#include "store/open.h"
#include "store/prober.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// Probes a bucket (store/prober.h) on objects of a few bytes below `prefix` + ".flotsam-probe-ID/", and
/// removes them with all their versions. A finding is true only where it was seen on an object that stood:
/// the answer was right and a look afterwards agreed. Conditions are sent exactly as a deletion sends them.
///
/// delete_if_match  the wrong etag is that of the object before it was overwritten
/// versions_kept    nothing where the marker may not be removed (s3:DeleteObjectVersion)
/// distinct_keys    also "+", a space, "%2B", and upper and lower case; a key that the store refuses is not
///                  kept apart
/// owner_checked    the store refuses a read that names another owner, and allows the same read without
///
/// Requests: some 60. Permissions: s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, and to remove
/// versions s3:ListBucketVersions and s3:DeleteObjectVersion, below the prefix. Errors: those of
/// open_store(); what the store says where the first object cannot be written or looked at; interrupted. What
/// could not be removed is named in the error, or in the last step.
Result<ProbeFindings> probe_s3(const StoreOptions& options, const std::string& prefix,
                               const StoreContext& context, const Cancel& cancel,
                               const S3Tuning& tuning = {});

}  // namespace flotsam
