#pragma once

#include "store/remover.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_deleter.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// Moves single objects into the quarantine: look, copy, look at the copy, look again at the original, delete
/// it. Either the original is away and the copy whole, or our copy is taken away again; where an answer was
/// lost, both may stand.
class S3Mover {
 public:
  S3Mover(S3Holdings& holdings, const RemoveOptions& options, BucketLock lock)
      : holdings_(holdings), options_(options), lock_(lock), deleter_(holdings, S3Deleter::Where::store) {}

  /// Threads: from several at once, each with hands of its own.
  RemoveOutcome move(S3Hands& hands, const Object& object) const;

 private:
  RemoveOutcome delete_original(S3Hands& hands, const Object& object, const Key& place) const;
  RemoveOutcome take_back(S3Hands& hands, const Key& place, RemoveOutcome outcome) const;

  S3Holdings& holdings_;
  const RemoveOptions& options_;
  BucketLock lock_;
  S3Deleter deleter_;
};

/// Whether the copy that HEAD shows is whole: the size, and the etag where both can tell. Empty, or what is
/// wrong.
std::string fault_of_copy(const ObjectHead& original, const std::optional<ObjectHead>& copy);

/// Deletes a copy of ours in the quarantine: nothing outside of it, and no version.
S3Sent delete_quarantined(S3Holdings& holdings, S3Hands& hands, const Key& place);

}  // namespace flotsam
