#include "store/s3/s3_reconciler.h"

#include <algorithm>
#include <fmt/format.h>

#include "store/s3/object_head.h"
#include "store/s3/removal_outcome.h"
#include "store/s3/s3_mover.h"

namespace flotsam {
namespace {

/// Beyond this S3 refuses signatures, so no marker of ours is further off.
constexpr std::chrono::minutes kClockSlack{15};

RemoveOutcome still_standing() {
  RemoveOutcome outcome = outcome_of(RemoveResult::failed, "NotRemoved",
                                     "it still stands unchanged: the deletion did not happen");
  outcome.retryable = true;
  return outcome;
}

RemoveOutcome not_told(const Error& error) {
  return outcome_of(RemoveResult::unknown, code_of(error), error.message);
}

}  // namespace

RemoveOutcome outcome_of_history(const Object& planned, const std::vector<KeyVersion>& history,
                                 Timestamp earliest) {
  if (history.empty()) return outcome_of(RemoveResult::gone, kNoVersionLeft);
  if (!history.front().is_marker)
    return is_same_object(planned, history.front().object) ? still_standing()
                                                           : outcome_of(RemoveResult::changed);
  const auto below =
      std::find_if(history.begin(), history.end(), [](const KeyVersion& v) { return !v.is_marker; });
  // One request may have been carried out twice on its way: then two markers lie there, both made since.
  const bool made_since = std::all_of(history.begin(), below, [&](const KeyVersion& marker) {
    return marker.object.last_modified && *marker.object.last_modified >= earliest;
  });
  if (!made_since || below == history.end() || !is_same_object(planned, below->object))
    return outcome_of(RemoveResult::gone);
  RemoveOutcome outcome = outcome_of(RemoveResult::removed);
  outcome.marker_id = history.front().object.version_id;
  outcome.version_id = below->object.version_id;
  return outcome;
}

RemoveOutcome S3Reconciler::by_history(S3Hands& hands, const Object& object) const {
  const auto history = history_of(hands.store(), holdings_.bucket(), object.key.view());
  if (history) {
    const Timestamp earliest = since_ + holdings_.clock_ahead() - kClockSlack;
    return outcome_of_history(object, *history, earliest);
  }
  // What HEAD shows is still some help.
  const auto head = head_object(hands.store(), object.key.view());
  if (!head || !*head) return not_told(history.error());
  return is_same_object(object, (*head)->object) ? still_standing() : outcome_of(RemoveResult::changed);
}

RemoveOutcome S3Reconciler::by_copy(S3Hands& hands, const Object& object) const {
  const auto head = head_object(hands.store(), object.key.view());
  if (!head) return not_told(head.error());
  if (*head)
    return is_same_object(object, (*head)->object) ? still_standing() : outcome_of(RemoveResult::changed);
  const auto place = holdings_.quarantined_key(options_.run_id, object.key.view());
  if (!place) return outcome_of(RemoveResult::gone);
  const auto copy = head_object(hands.quarantine(), place->view());
  if (!copy) return not_told(copy.error());
  ObjectHead planned;
  planned.object = object;
  return outcome_of(fault_of_copy(planned, *copy).empty() ? RemoveResult::removed : RemoveResult::gone);
}

RemoveOutcome S3Reconciler::by_absence(S3Hands& hands, const Object& object) const {
  const auto head = head_object(hands.store(), object.key.view());
  if (!head) return not_told(head.error());
  if (!*head) return outcome_of(RemoveResult::removed);
  return is_same_object(object, (*head)->object) ? still_standing() : outcome_of(RemoveResult::changed);
}

RemoveOutcome S3Reconciler::reconcile(S3Hands& hands, const Object& object) const {
  switch (options_.method) {
    case DeleteMethod::version:
      return by_history(hands, object);
    case DeleteMethod::quarantine:
      return by_copy(hands, object);
    case DeleteMethod::permanent:
      return by_absence(hands, object);
    case DeleteMethod::none:
      break;
  }
  return outcome_of(RemoveResult::unknown, "NoMethod", "no method is chosen");
}

}  // namespace flotsam
