#pragma once

#include <string>
#include <vector>

#include "store/restorer.h"
#include "store/s3/absence_proof.h"
#include "store/s3/key_history.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// What is to be done for a key that lies under a delete marker.
struct ReturnStep {
  enum class Kind {
    none,           ///< `outcome` says why
    remove_marker,  ///< the newest entry is the marker `marker_id`, and right below it is the version
    copy_forward,   ///< the version `version_id` has to be copied over what lies on top of it
  } kind = Kind::none;
  RestoreOutcome outcome;
  std::string marker_id, version_id;
  Object version;  ///< of remove_marker: what stands once the marker is away
};

/// Reads a key's history (as history_of() gives it) for what brings `remains`, a marker or a version, back.
/// Pure. A marker may be removed only where this says remove_marker, and just after the history was read:
/// behind any other id lie bytes.
ReturnStep step_of(const Remains& remains, const std::vector<KeyVersion>& history);

/// Whether what lies in the quarantine can be the object of before: the size, and the etag where both are
/// plain (that of an upload in parts does not survive a copy). Of what stands under the key itself it proves
/// nothing.
bool is_as_before(const Object& before, const Object& now);

/// What stands now in place of what was to be brought back: `standing` where it is the very object of before
/// (version id, etag, size, time), or other bytes are ruled out by etags that are an MD5; else `superseded`.
/// An etag that is no MD5 tells nothing of bytes, so an equal size is no proof.
RestoreOutcome outcome_of_standing(const Object& before, const Object& now);

RestoreOutcome restore_outcome(RestoreResult result, std::string code = {}, std::string message = {});
RestoreOutcome failed_restore(const Error& error, std::string_view what);

/// Brings back objects that lie under delete markers.
class VersionReturn {
 public:
  VersionReturn(S3Holdings& holdings, AbsenceProof& absence) : holdings_(holdings), absence_(absence) {}
  /// Restorer::restore() of one object. Threads: from several at once, each with hands of its own.
  RestoreOutcome bring_back(S3Hands& hands, const Remains& remains, Restorer::Mode mode) const;

 private:
  RestoreOutcome verify_unmarked(S3Hands& hands, const ReturnStep& step) const;
  RestoreOutcome remove_marker(S3Hands& hands, const Remains& remains, const ReturnStep& step) const;
  RestoreOutcome copy_forward(S3Hands& hands, const Remains& remains, const std::string& version_id,
                              Restorer::Mode mode) const;
  S3Holdings& holdings_;
  AbsenceProof& absence_;
};

/// Looks at what was copied back: `restored` only where it stands as `before` says. With the code kNotProved
/// where the answer to the copy was lost and no MD5 tells what stands there from something newer of the same
/// size: what it was copied from may be all that is left.
RestoreOutcome verify_restored(S3Client& client, const ObjectHead& before, const S3Sent& copied, KeyView key);
inline constexpr const char* kNotProved = "NotProved";

}  // namespace flotsam
