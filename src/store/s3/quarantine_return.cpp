#include "store/s3/quarantine_return.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "store/s3/removal_outcome.h"
#include "store/s3/s3_copy.h"
#include "store/s3/s3_mover.h"
#include "store/s3/version_return.h"

namespace flotsam {

using Fate = S3Sent::Fate;

/// The object stands: what is left in the quarantine is no more than a second copy.
void QuarantineReturn::drop_copy(S3Hands& hands, const Key& place, RestoreOutcome& outcome) const {
  const S3Sent sent = delete_quarantined(holdings_, hands, place);
  if (sent.fate != Fate::done && sent.error.http_status != 404)
    outcome.message = fmt::format("its copy in the quarantine could not be deleted: {}", sent.error.message);
}

RestoreOutcome QuarantineReturn::copy_back(S3Hands& hands, const Remains& remains,
                                           const ObjectHead& copy) const {
  const KeyView key = remains.object.key.view();
  CopyTask task;
  task.source_bucket = holdings_.quarantine().bucket;
  task.source = &copy;
  task.target = remains.object.key;
  task.target_is = CopyTask::Target::vacant;
  const S3Sent copied = copy_object(hands.quarantine(), hands.store(), holdings_.tuning(), task).sent;
  if (copied.fate == Fate::refused || copied.fate == Fate::not_sent) {
    const auto now = head_object(hands.store(), key);
    if (now && *now) return outcome_of_standing(remains.object, (*now)->object);
    return failed_restore(copied.error, "it could not be copied back");
  }
  RestoreOutcome outcome = verify_restored(hands.store(), copy, copied, key);
  if (outcome.result != RestoreResult::restored) return outcome;
  if (outcome.code == kNotProved) {
    outcome.message += "; its copy stays in the quarantine";
  } else {
    drop_copy(hands, copy.object.key, outcome);
  }
  return outcome;
}

RestoreOutcome QuarantineReturn::bring_back(S3Hands& hands, const Remains& remains,
                                            Restorer::Mode mode) const {
  if (!holdings_.has_quarantine())
    return restore_outcome(RestoreResult::failed, "NoQuarantine", "no quarantine is configured");
  if (remains.run_id.empty() || remains.run_id.find('/') != std::string::npos)
    return restore_outcome(RestoreResult::failed, "NoRun", "no run is named that could have moved it");
  const bool really = mode == Restorer::Mode::really;
  const Key place = holdings_.key_in_quarantine(remains.run_id, remains.object.key.view());
  const auto now = absence_.head(hands, remains.object.key.view());
  if (!now) return failed_restore(now.error(), "its key cannot be looked at");
  const auto copy = absence_.head_quarantined(hands, place.view());
  if (*now) {
    RestoreOutcome outcome = outcome_of_standing(remains.object, (*now)->object);
    // A restore that was cut short: the copy goes only where the etags prove that it is one.
    const bool is_second =
        copy && *copy && are_comparable(**now, **copy) && fault_of_copy(**now, *copy).empty();
    if (outcome.result == RestoreResult::standing && is_second && really) drop_copy(hands, place, outcome);
    return outcome;
  }
  if (!copy) return failed_restore(copy.error(), "its copy in the quarantine cannot be looked at");
  if (!*copy)
    return restore_outcome(RestoreResult::lost, "NoCopy", "it does not lie in the quarantine any more");
  if (!is_as_before(remains.object, (*copy)->object))
    return restore_outcome(
        RestoreResult::lost, "CopyDiffers",
        fmt::format("what lies in the quarantine in its place is another object ({} bytes)",
                    (*copy)->object.size_bytes));
  if ((*copy)->is_archived)
    return restore_outcome(RestoreResult::failed, "InvalidObjectState",
                           "its copy is archived and cannot be copied before it is restored from there");
  if (!really) return restore_outcome(RestoreResult::restored);
  return copy_back(hands, remains, **copy);
}

}  // namespace flotsam
