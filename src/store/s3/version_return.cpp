#include "store/s3/version_return.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/s3/removal_outcome.h"
#include "store/s3/s3_copy.h"
#include "store/s3/s3_mover.h"

namespace flotsam {
namespace {

using Fate = S3Sent::Fate;

/// Whether a version is the one that is looked for, by all that is known of that one.
bool is_wanted(const Remains& remains, const Object& version) {
  const Object& wanted = remains.object;
  if (!remains.version_id.empty() && remains.version_id != version.version_id) return false;
  if (!wanted.version_id.empty() && wanted.version_id != version.version_id) return false;
  const bool is_named = !remains.version_id.empty() || !wanted.version_id.empty();
  const bool may_be_of_then = is_named || !wanted.last_modified || !version.last_modified ||
                              std::chrono::floor<Seconds>(*wanted.last_modified) ==
                                  std::chrono::floor<Seconds>(*version.last_modified);
  return may_be_of_then && (wanted.etag.empty() || wanted.etag == version.etag) &&
         wanted.size_bytes == version.size_bytes;
}

ReturnStep nothing_to_do(RestoreOutcome outcome) {
  ReturnStep step;
  step.outcome = std::move(outcome);
  return step;
}

}  // namespace

RestoreOutcome restore_outcome(RestoreResult result, std::string code, std::string message) {
  return {.result = result, .code = std::move(code), .message = std::move(message)};
}

RestoreOutcome failed_restore(const Error& error, std::string_view what) {
  return restore_outcome(RestoreResult::failed, code_of(error), fmt::format("{}: {}", what, error.message));
}

bool is_as_before(const Object& before, const Object& now) {
  const bool can_tell = is_plain_etag(before.etag) && is_plain_etag(now.etag);
  return before.size_bytes == now.size_bytes && (!can_tell || before.etag == now.etag);
}

RestoreOutcome outcome_of_standing(const Object& before, const Object& now) {
  const bool is_same_content =
      is_plain_etag(before.etag) && before.etag == now.etag && before.size_bytes == now.size_bytes;
  if (is_same_content || is_same_object(before, now)) return restore_outcome(RestoreResult::standing);
  return restore_outcome(RestoreResult::superseded, "Superseded",
                         now.last_modified ? fmt::format("another object stands there, written at {}",
                                                         to_rfc3339(*now.last_modified))
                                           : std::string("another object stands there"));
}

ReturnStep step_of(const Remains& remains, const std::vector<KeyVersion>& history) {
  if (history.empty())
    return nothing_to_do(
        restore_outcome(RestoreResult::lost, "NoVersion", "the store keeps no version of it any more"));
  if (!history.front().is_marker) {
    Object before = remains.object;
    if (!remains.version_id.empty()) before.version_id = remains.version_id;
    return nothing_to_do(outcome_of_standing(before, history.front().object));
  }
  const bool by_marker = remains.place == Remains::Place::marker;
  const std::string& newest = history.front().object.version_id;
  if (by_marker && newest != remains.marker_id)
    return nothing_to_do(
        restore_outcome(RestoreResult::superseded, "Superseded",
                        "another delete marker lies over it: it was deleted once more since"));
  const auto below =
      std::find_if(history.begin(), history.end(), [](const KeyVersion& v) { return !v.is_marker; });
  ReturnStep step;
  if (below != history.end() && is_wanted(remains, below->object)) {
    const bool is_right_below = below == history.begin() + 1;
    // The id "null" is taken over by the next upload: to delete it by id may destroy that one.
    const bool removable = by_marker && is_right_below && !newest.empty() && newest != "null";
    step.kind = removable ? ReturnStep::Kind::remove_marker : ReturnStep::Kind::copy_forward;
    step.marker_id = newest;
    step.version_id = below->object.version_id;
    step.version = below->object;
    return step;
  }
  const std::string& wanted = remains.version_id.empty() ? remains.object.version_id : remains.version_id;
  if (wanted.empty() || wanted == "null")
    return nothing_to_do(restore_outcome(RestoreResult::lost, "NoVersion",
                                         below == history.end()
                                             ? "no version lies below its delete marker any more"
                                             : "another version lies below its delete marker"));
  step.kind = ReturnStep::Kind::copy_forward;  // it may lie deeper
  step.version_id = wanted;
  return step;
}

RestoreOutcome verify_restored(S3Client& client, const ObjectHead& before, const S3Sent& copied,
                               KeyView key) {
  const auto now = head_object(client, key);
  if (!now) return failed_restore(now.error(), "it cannot be looked at after it was brought back");
  if (!*now)
    return restore_outcome(RestoreResult::failed, "NotSeen",
                           "it does not stand there after it was brought back");
  const std::string fault = fault_of_copy(before, *now);
  if (fault.empty() && copied.fate != Fate::done && !are_comparable(before, **now))
    return restore_outcome(
        RestoreResult::restored, kNotProved,
        "an object of its size stands there, but the store did not say that it is the copy");
  if (fault.empty()) return restore_outcome(RestoreResult::restored);
  return restore_outcome(RestoreResult::superseded, "Superseded",
                         "another object stands there than what was brought back: " + fault);
}

/// With its marker away the version itself stands: anything else was written meanwhile.
RestoreOutcome VersionReturn::verify_unmarked(S3Hands& hands, const ReturnStep& step) const {
  const auto now = head_object(hands.store(), step.version.key.view());
  if (!now) return failed_restore(now.error(), "it cannot be looked at after it was brought back");
  if (!*now)
    return restore_outcome(RestoreResult::failed, "NotSeen",
                           "it does not stand there after it was brought back");
  Object before = step.version;
  const Object& seen = (*now)->object;
  if (before.etag.empty()) before.etag = seen.etag;  // there are lists of versions without etags
  if (is_same_object(before, seen)) return restore_outcome(RestoreResult::restored);
  return restore_outcome(RestoreResult::superseded, "Superseded",
                         "its delete marker is away, and another object was written there meanwhile");
}

RestoreOutcome VersionReturn::remove_marker(S3Hands& hands, const Remains& remains,
                                            const ReturnStep& step) const {
  const KeyView key = remains.object.key.view();
  HttpResponse response;
  const S3Sent sent = hands.store().send_once(ask_remove_marker(key, step.marker_id), response);
  const bool is_denied =
      sent.fate == Fate::refused && (sent.error.http_status == 403 || sent.error.http_status == 401);
  if (is_denied) return copy_forward(hands, remains, step.version_id, Restorer::Mode::really);
  if (sent.fate == Fate::refused || sent.fate == Fate::not_sent)
    return failed_restore(sent.error, "its delete marker could not be removed");
  RestoreOutcome outcome = verify_unmarked(hands, step);
  if (outcome.result == RestoreResult::failed && sent.fate == Fate::unknown)
    outcome.message += "; the answer to the removal of its delete marker was lost";
  return outcome;
}

RestoreOutcome VersionReturn::copy_forward(S3Hands& hands, const Remains& remains,
                                           const std::string& version_id, Restorer::Mode mode) const {
  const KeyView key = remains.object.key.view();
  const auto version = absence_.head(hands, key, version_id);
  if (!version) return failed_restore(version.error(), "the version to bring back cannot be looked at");
  if (!*version)
    return restore_outcome(RestoreResult::lost, "NoVersion", "the store does not keep that version any more");
  if ((*version)->is_archived)
    return restore_outcome(RestoreResult::failed, "InvalidObjectState",
                           "the version is archived and cannot be copied before it is restored from there");
  if (mode == Restorer::Mode::dry_run) return restore_outcome(RestoreResult::restored);
  CopyTask task;
  task.source_bucket = holdings_.bucket();
  task.source = &**version;
  task.source_version = version_id;
  task.target = remains.object.key;
  task.target_is = CopyTask::Target::vacant;
  const S3Sent copied = copy_object(hands.store(), hands.store(), holdings_.tuning(), task).sent;
  if (copied.fate == Fate::refused || copied.fate == Fate::not_sent) {
    const auto now = head_object(hands.store(), key);
    if (now && *now) return outcome_of_standing(remains.object, (*now)->object);
    return failed_restore(copied.error, "the version below could not be copied forward");
  }
  return verify_restored(hands.store(), **version, copied, key);
}

RestoreOutcome VersionReturn::bring_back(S3Hands& hands, const Remains& remains, Restorer::Mode mode) const {
  const auto history = history_of(hands.store(), holdings_.bucket(), remains.object.key.view());
  if (!history) return failed_restore(history.error(), "its versions cannot be read");
  const ReturnStep step = step_of(remains, *history);
  switch (step.kind) {
    case ReturnStep::Kind::none:
      return step.outcome;
    case ReturnStep::Kind::remove_marker:
      if (mode == Restorer::Mode::dry_run) return restore_outcome(RestoreResult::restored);
      return remove_marker(hands, remains, step);
    case ReturnStep::Kind::copy_forward:
      return copy_forward(hands, remains, step.version_id, mode);
  }
  check_failed("a step has a kind", __FILE__, __LINE__);
}

}  // namespace flotsam
