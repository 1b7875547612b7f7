#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/state.h"
#include "store/open.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// A state below a prefix of a bucket: "s3://ops/.flotsam-state/". One object an entry, a tag is an etag.
///
/// create()   PUT If-None-Match: *
/// replace()  PUT If-Match: "tag"
/// remove()   a HEAD that shows the tag, then DELETE, with If-Match where the store takes it: what is written
///            between the two may be removed on a store that ignores the condition
/// logs       NAME/00000001, NAME/00000002, …: segments of whole lines, one for each sync() (or more, of some
///            8 MiB), each made only if absent; one that is missing between others makes the log corrupt. So
///            no entry's name may have a part of eight digits.
/// files      larger ones go in parts; a local copy is a file below the folder for temporary files, removed
///            with the state
///
/// A store may ignore conditions. So the first create(), replace() or sync() proves both on an object of its
/// own below the prefix (".flotsam-proof-ID", removed again) and is `refused` where the store ignores them;
/// it is not asked again. A write whose answer was lost is not guessed about: each carries a random id as
/// metadata (x-amz-meta-flotsam-write) by which it is known again.
///
/// Every write of a state on a versioned bucket leaves an older version: let a lifecycle rule expire them.
/// Permissions: s3:ListBucket; s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload below
/// the prefix; s3:DeleteObjectVersion is used for the proof where it is granted. Connects to nothing yet.
/// Errors: those of open_store(); invalid_argument for what is no such URL.
Result<std::unique_ptr<State>> open_s3_state(const std::string& url, const StoreOptions& options,
                                             const StoreContext& context, const S3Tuning& tuning = {});

}  // namespace flotsam
