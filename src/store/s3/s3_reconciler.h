#pragma once

#include "base/time.h"
#include "store/remover.h"
#include "store/s3/absence_proof.h"
#include "store/s3/key_history.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// Finds out what became of a deletion whose outcome is not known. Only reads.
class S3Reconciler {
 public:
  /// `since`: when the deletion was intended, by this machine's clock.
  S3Reconciler(S3Holdings& holdings, const RemoveOptions& options, Timestamp since, AbsenceProof& absence)
      : holdings_(holdings), options_(options), since_(since), absence_(absence) {}

  /// Remover::reconcile() of one object. Threads: from several at once, each with hands of its own.
  RemoveOutcome reconcile(S3Hands& hands, const Object& object) const;

 private:
  RemoveOutcome by_history(S3Hands& hands, const Object& object) const;
  RemoveOutcome by_copy(S3Hands& hands, const Object& object) const;
  RemoveOutcome by_absence(S3Hands& hands, const Object& object) const;

  S3Holdings& holdings_;
  const RemoveOptions& options_;
  Timestamp since_;
  AbsenceProof& absence_;
};

/// The code of `gone`, and of `removed` that cannot be undone, where neither a version nor a marker is left
/// of the key.
inline constexpr const char* kNoVersionLeft = "NoVersionLeft";
/// The code of `removed` by a marker that has no id of its own ("null"): the version may be away for good.
inline constexpr const char* kVersioningSuspended = "VersioningSuspended";
void say_suspended(RemoveOutcome& outcome);

/// What a key's history (as history_of() gives it) says of a deletion by marker, made at or after `earliest`
/// by the store's clock. `removed` also where something newer stands on top of such a marker. Pure.
RemoveOutcome outcome_of_history(const Object& planned, const std::vector<KeyVersion>& history,
                                 Timestamp earliest);

}  // namespace flotsam
