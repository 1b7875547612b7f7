#include "store/s3/removal_outcome.h"

#include <fmt/format.h>
#include <unordered_map>

#include "base/bytes.h"

namespace flotsam {
namespace {

bool is_throttling(std::string_view code) {
  return code == "SlowDown" || code == "ServiceUnavailable" || code == "TooManyRequests" ||
         code == "RequestLimitExceeded";
}

bool is_failed_condition(int status, std::string_view code) {
  return status == 412 || code == "PreconditionFailed" || code == "ConditionalRequestConflict";
}

bool is_missing_key(int status, std::string_view code) {
  return code == "NoSuchKey" || code == "NoSuchVersion" || (status == 404 && code.empty());
}

}  // namespace

std::string code_of(const Error& error) {
  if (!error.service_code.empty()) return error.service_code;
  if (error.http_status != 0) return fmt::format("HTTP {}", error.http_status);
  return to_string(error.code);
}

RemoveOutcome outcome_of(RemoveResult result, std::string code, std::string message) {
  RemoveOutcome outcome;
  outcome.result = result;
  outcome.code = std::move(code);
  outcome.message = std::move(message);
  return outcome;
}

RemoveOutcome outcome_of_sent(const S3Sent& sent, BucketLock lock) {
  using Fate = S3Sent::Fate;
  if (sent.fate == Fate::done) return outcome_of(RemoveResult::removed);
  const Error& error = sent.error;
  RemoveOutcome outcome = outcome_of(RemoveResult::failed, code_of(error), error.message);
  outcome.throttled = sent.throttled && sent.fate == Fate::refused;
  outcome.retryable = sent.retryable;
  if (sent.fate == Fate::unknown) outcome.result = RemoveResult::unknown;
  if (sent.fate != Fate::refused) return outcome;
  if (is_failed_condition(error.http_status, error.service_code)) outcome.result = RemoveResult::changed;
  if (is_missing_key(error.http_status, error.service_code)) outcome.result = RemoveResult::gone;
  if (lock == BucketLock::on && error.service_code == "AccessDenied") outcome.result = RemoveResult::held;
  return outcome;
}

RemoveOutcome outcome_of_entry(const BatchEntry& entry, BucketLock lock) {
  if (entry.deleted) {
    RemoveOutcome outcome = outcome_of(RemoveResult::removed);
    outcome.marker_id = entry.marker_id;
    return outcome;
  }
  const std::string said = to_printable(redacted(entry.message));
  RemoveOutcome outcome = outcome_of(
      RemoveResult::failed, to_printable(entry.code),
      fmt::format("the store answered {}{}{}", to_printable(entry.code), said.empty() ? "" : ": ", said));
  if (is_throttling(entry.code)) {
    outcome.throttled = outcome.retryable = true;
  } else if (entry.code == "OperationAborted") {
    outcome.retryable = true;
  } else if (entry.code.empty() || entry.code == "InternalError") {
    outcome.result = RemoveResult::unknown;  // the store broke down over it, before or after
  } else if (is_failed_condition(0, entry.code)) {
    outcome.result = RemoveResult::changed;
  } else if (is_missing_key(0, entry.code)) {
    outcome.result = RemoveResult::gone;
  } else if (lock == BucketLock::on && entry.code == "AccessDenied") {
    outcome.result = RemoveResult::held;
  }
  return outcome;
}

std::vector<RemoveOutcome> outcomes_of_batch(std::string& body, std::span<const KeyView> keys,
                                             BucketLock lock) {
  const auto entries = parse_batch_answer(body);
  if (!entries)
    return {keys.size(), outcome_of(RemoveResult::unknown, "Unreadable", entries.error().message)};
  std::unordered_map<std::string_view, std::vector<const BatchEntry*>> said;
  for (const BatchEntry& entry : *entries) said[entry.key].push_back(&entry);
  std::vector<RemoveOutcome> outcomes;
  for (const KeyView key : keys) {
    const auto found = said.find(key.bytes());
    if (found == said.end()) {
      outcomes.push_back(
          outcome_of(RemoveResult::unknown, "NoAnswer", "the store's answer does not name it"));
    } else if (found->second.size() != 1) {
      outcomes.push_back(
          outcome_of(RemoveResult::unknown, "TwoAnswers", "the store's answer names it more than once"));
    } else {
      outcomes.push_back(outcome_of_entry(*found->second.front(), lock));
    }
  }
  return outcomes;
}

}  // namespace flotsam
