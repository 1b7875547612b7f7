#include "store/s3/s3_mover.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/s3/s3_copy.h"
#include "store/s3/s3_look.h"

namespace flotsam {
namespace {

/// Why an object that HEAD shows like this is not to be moved; nothing: it is the planned one.
std::optional<RemoveOutcome> objection(const Object& planned, const Result<std::optional<ObjectHead>>& head) {
  if (!head) {
    const Error& error = head.error();
    // S3 answers so to HEAD of an object that only its owner's key can open.
    const bool is_opaque = error.http_status == 400;
    RemoveOutcome outcome =
        outcome_of(RemoveResult::failed, is_opaque ? "Unreadable" : code_of(error),
                   is_opaque ? "the store does not show it (HTTP 400): it may be encrypted with a key of its "
                               "owner's, and such objects cannot be moved"
                             : "it cannot be looked at: " + error.message);
    outcome.retryable = error.code == ErrorCode::unavailable;
    return outcome;
  }
  if (!*head) return outcome_of(RemoveResult::gone);
  if (!is_same_object(planned, (*head)->object)) return outcome_of(RemoveResult::changed);
  if ((*head)->lock_shown)
    return outcome_of(RemoveResult::held, "Held", "the store holds it by a retention or a legal hold");
  return std::nullopt;
}

/// Why a copy was not made. The original is untouched.
RemoveOutcome outcome_of_copy(const S3Sent& copied) {
  RemoveOutcome outcome = outcome_of_sent(copied, BucketLock::none);
  if (outcome.code == "InvalidObjectState")
    outcome.message = "it is archived and cannot be copied before it is restored";
  return outcome;
}

}  // namespace

std::string fault_of_copy(const ObjectHead& original, const std::optional<ObjectHead>& copy) {
  if (!copy) return "the copy is not there";
  if (copy->object.size_bytes != original.object.size_bytes)
    return fmt::format("the copy has {} bytes, the original {}", copy->object.size_bytes,
                       original.object.size_bytes);
  if (are_comparable(original, *copy) && copy->object.etag != original.object.etag)
    return fmt::format("the copy has the etag {}, the original {}", in_quotes(copy->object.etag),
                       in_quotes(original.object.etag));
  return {};
}

S3Sent delete_quarantined(S3Holdings& holdings, S3Hands& hands, const Key& place) {
  CHECK(holdings.is_in_quarantine(place.view()));
  HttpResponse response;
  return hands.quarantine().send_once(ask_delete(place.view()), response);
}

std::string S3Mover::where(const Key& place) const {
  return fmt::format("s3://{}/{}", holdings_.quarantine().bucket, to_printable(place.bytes()));
}

/// The planned original was just seen to stand: the copy is a second one.
RemoveOutcome S3Mover::take_back(S3Hands& hands, const Key& place, RemoveOutcome outcome) const {
  const S3Sent sent = delete_quarantined(holdings_, hands, place);
  const bool away = sent.fate == S3Sent::Fate::done || sent.error.http_status == 404;
  if (!away)
    outcome.message +=
        fmt::format("{}a copy may remain at {}", outcome.message.empty() ? "" : "; ", where(place));
  return outcome;
}

/// Nothing stands under the key any more. Whoever deleted it, or whichever of our requests did although the
/// answer says no: where the copy is whole it was moved.
RemoveOutcome S3Mover::without_original(S3Hands& hands, const Object& object, const Key& place) const {
  const auto copy = absence_.head_quarantined(hands, place.view());
  if (!copy)
    return outcome_of(
        RemoveResult::unknown, code_of(copy.error()),
        "it does not stand any more, and its copy cannot be looked at: " + copy.error().message);
  ObjectHead planned;
  planned.object = object;
  const std::string fault = fault_of_copy(planned, *copy);
  if (fault.empty()) return outcome_of(RemoveResult::removed);
  if (!*copy) return outcome_of(RemoveResult::gone);
  return outcome_of(RemoveResult::gone, kCopyLeft,
                    fmt::format("nothing stands there any more; what lies at {} is left alone, though {}",
                                where(place), fault));
}

/// `outcome` is no success, and a copy may lie at `place`: what stands under the key now decides what becomes
/// of both.
RemoveOutcome S3Mover::settle(S3Hands& hands, const Object& object, const Key& place,
                              RemoveOutcome outcome) const {
  const auto now = absence_.head(hands, object.key.view());
  if (now && !*now) return without_original(hands, object, place);
  const bool is_denial = outcome.result == RemoveResult::gone || outcome.result == RemoveResult::changed;
  if (!now) {
    if (is_denial) outcome.result = RemoveResult::unknown;
    if (is_denial || outcome.code.empty()) outcome.code = code_of(now.error());
    outcome.message += fmt::format("{}a copy may remain at {}: the original cannot be looked at: {}",
                                   outcome.message.empty() ? "" : "; ", where(place), now.error().message);
    return outcome;
  }
  if (!is_same_object(object, (*now)->object)) {
    const auto copy = absence_.head_quarantined(hands, place.view());
    if (copy && !*copy) return outcome_of(RemoveResult::changed);
    return outcome_of(
        RemoveResult::changed, kCopyLeft,
        fmt::format("another object stands there now; the copy at {} is left alone", where(place)));
  }
  if (outcome.result == RemoveResult::gone) {
    outcome = outcome_of(RemoveResult::failed, "NotRemoved",
                         "the store said that it is not there, but it stands unchanged");
    outcome.retryable = true;
  }
  return take_back(hands, place, std::move(outcome));
}

/// The copy may have taken long: the original is looked at once more before it goes.
RemoveOutcome S3Mover::delete_original(S3Hands& hands, const Object& object, const Key& place) const {
  if (auto why = objection(object, absence_.head(hands, object.key.view())))
    return settle(hands, object, place, *std::move(why));
  RemoveOutcome outcome =
      deleter_.remove_one(hands, {object.key, object.etag},
                          {.condition = options_.condition, .lock = lock_, .absence = &absence_});
  if (outcome.result == RemoveResult::removed || outcome.result == RemoveResult::unknown) return outcome;
  return settle(hands, object, place, std::move(outcome));
}

RemoveOutcome S3Mover::move(S3Hands& hands, const Object& object) const {
  const auto place = holdings_.quarantined_key(options_.run_id, object.key.view());
  if (!place)
    return outcome_of(
        RemoveResult::failed, "KeyTooLong",
        fmt::format("its key is too long for the quarantine: S3 allows {} bytes", kKeyBytesMax));
  const auto head = absence_.head(hands, object.key.view());
  if (auto why = objection(object, head)) return *std::move(why);
  if ((*head)->is_archived)
    return outcome_of(RemoveResult::failed, "InvalidObjectState",
                      fmt::format("it is archived ({}) and cannot be copied before it is restored",
                                  to_printable((*head)->storage_class)));
  CopyTask task;
  task.source_bucket = holdings_.bucket();
  task.source = &**head;
  task.target = *place;
  const auto [copied, may_stand] = copy_object(hands.store(), hands.quarantine(), holdings_.tuning(), task);
  if (copied.fate == S3Sent::Fate::refused || copied.fate == S3Sent::Fate::not_sent) {
    RemoveOutcome outcome = outcome_of_copy(copied);
    const bool is_denial = outcome.result == RemoveResult::gone || outcome.result == RemoveResult::changed;
    return may_stand || is_denial ? settle(hands, object, *place, std::move(outcome)) : outcome;
  }
  const auto copy = head_object(hands.quarantine(), place->view());
  const std::string fault =
      copy ? fault_of_copy(**head, *copy) : "the copy cannot be looked at: " + copy.error().message;
  if (!fault.empty()) {
    RemoveOutcome outcome = outcome_of(RemoveResult::failed, "CopyFailed", fault);
    outcome.retryable = copied.fate == S3Sent::Fate::unknown;
    // Not every store heeds the condition on a copy's source: it may have been overwritten just before.
    return settle(hands, object, *place, std::move(outcome));
  }
  return delete_original(hands, object, *place);
}

}  // namespace flotsam
