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

bool is_null_marker(const RemoveOutcome& outcome) {
  return outcome.marker_id == "null";
}

}  // namespace

void say_suspended(RemoveOutcome& outcome) {
  outcome.code = kVersioningSuspended;
  outcome.message = "the bucket's versioning was suspended meanwhile: this deletion may be for good";
}

RemoveOutcome outcome_of_history(const Object& planned, const std::vector<KeyVersion>& history,
                                 Timestamp earliest) {
  if (history.empty())
    return outcome_of(RemoveResult::gone, kNoVersionLeft, "the store keeps no version of it any more");
  const auto is_marker = [](const KeyVersion& v) { return v.is_marker; };
  if (!is_marker(history.front()) && is_same_object(planned, history.front().object)) return still_standing();
  // What was written since does not hide that the planned version was deleted before.
  const bool is_rewritten = !is_marker(history.front());
  const auto planned_at = std::find_if(history.begin(), history.end(), [&](const KeyVersion& v) {
    return !v.is_marker && is_same_object(planned, v.object);
  });
  auto below = is_rewritten ? planned_at : std::find_if_not(history.begin(), history.end(), is_marker);
  // One request may have been carried out twice on its way: then two markers lie there, both made since.
  auto top = below;
  while (top != history.begin() && is_marker(*(top - 1))) --top;
  const bool made_since = top != below && std::all_of(top, below, [&](const KeyVersion& marker) {
    return marker.object.last_modified && *marker.object.last_modified >= earliest;
  });
  if (is_rewritten && (below == history.end() || !made_since)) return outcome_of(RemoveResult::changed);
  RemoveOutcome outcome = outcome_of(RemoveResult::removed);
  outcome.marker_id = top != history.end() ? top->object.version_id : std::string();
  if (made_since && below != history.end() && is_same_object(planned, below->object)) {
    outcome.version_id = below->object.version_id;
    if (is_rewritten) outcome.message = "another object was written over its delete marker since";
    if (is_null_marker(outcome)) say_suspended(outcome);
    return outcome;
  }
  // Such a marker takes the place of the version that is called so, too.
  if (made_since && is_null_marker(outcome) && planned_at == history.end()) {
    say_suspended(outcome);
    return outcome;
  }
  return outcome_of(RemoveResult::gone);
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
  const auto head = absence_.head(hands, object.key.view());
  if (!head) return not_told(head.error());
  if (*head && is_same_object(object, (*head)->object)) return still_standing();
  const RemoveResult without_copy = *head ? RemoveResult::changed : RemoveResult::gone;
  const auto place = holdings_.quarantined_key(options_.run_id, object.key.view());
  if (!place) return outcome_of(without_copy);
  const auto copy = absence_.head_quarantined(hands, place->view());
  if (!copy) return not_told(copy.error());
  ObjectHead planned;
  planned.object = object;
  if (!fault_of_copy(planned, *copy).empty()) return outcome_of(without_copy);
  RemoveOutcome outcome = outcome_of(RemoveResult::removed);
  if (*head) outcome.message = "it lies in the quarantine, and another object stands there since";
  return outcome;
}

RemoveOutcome S3Reconciler::by_absence(S3Hands& hands, const Object& object) const {
  const auto head = absence_.head(hands, object.key.view());
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
