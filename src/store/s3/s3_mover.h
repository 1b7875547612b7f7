#pragma once

#include "store/remover.h"
#include "store/s3/absence_proof.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_deleter.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// Moves single objects into the quarantine: look, copy, look at the copy, look again at the original, delete
/// it. Either the original is away and the copy whole, or the original stands as it was planned and our copy
/// is taken away again. Where an answer was lost both may stand; where anything else is seen under the key the
/// copy stays and is named: it may be all that is left, for another run of the same plan has the same place.
class S3Mover {
 public:
  S3Mover(S3Holdings& holdings, const RemoveOptions& options, BucketLock lock, AbsenceProof& absence)
      : holdings_(holdings),
        options_(options),
        lock_(lock),
        absence_(absence),
        deleter_(holdings, S3Deleter::Where::store) {}

  /// Threads: from several at once, each with hands of its own.
  RemoveOutcome move(S3Hands& hands, const Object& object) const;

 private:
  RemoveOutcome delete_original(S3Hands& hands, const Object& object, const Key& place) const;
  RemoveOutcome settle(S3Hands& hands, const Object& object, const Key& place, RemoveOutcome outcome) const;
  RemoveOutcome without_original(S3Hands& hands, const Object& object, const Key& place) const;
  RemoveOutcome take_back(S3Hands& hands, const Key& place, RemoveOutcome outcome) const;
  std::string where(const Key& place) const;

  S3Holdings& holdings_;
  const RemoveOptions& options_;
  BucketLock lock_;
  AbsenceProof& absence_;
  S3Deleter deleter_;
};

/// The code of `changed` and `failed` where a copy was left in the quarantine.
inline constexpr const char* kCopyLeft = "CopyLeft";

/// Whether the copy that HEAD shows is whole: the size, and the etag where both can tell. Empty, or what is
/// wrong.
std::string fault_of_copy(const ObjectHead& original, const std::optional<ObjectHead>& copy);

/// Deletes a copy of ours in the quarantine: nothing outside of it, and no version.
S3Sent delete_quarantined(S3Holdings& holdings, S3Hands& hands, const Key& place);

}  // namespace flotsam
