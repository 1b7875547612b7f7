#pragma once

#include "store/restorer.h"
#include "store/s3/absence_proof.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// Brings back objects that lie in the quarantine: a copy back, looked at, then the quarantined copy goes.
class QuarantineReturn {
 public:
  QuarantineReturn(S3Holdings& holdings, AbsenceProof& absence) : holdings_(holdings), absence_(absence) {}
  /// Restorer::restore() of one object. Threads: from several at once, each with hands of its own.
  RestoreOutcome bring_back(S3Hands& hands, const Remains& remains, Restorer::Mode mode) const;

 private:
  RestoreOutcome copy_back(S3Hands& hands, const Remains& remains, const ObjectHead& copy) const;
  void drop_copy(S3Hands& hands, const Key& place, RestoreOutcome& outcome) const;
  S3Holdings& holdings_;
  AbsenceProof& absence_;
};

}  // namespace flotsam
