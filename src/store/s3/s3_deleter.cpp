#include "store/s3/s3_deleter.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

#include "base/check.h"
#include "store/s3/delete_batch.h"
#include "store/s3/object_head.h"

namespace flotsam {
namespace {

using Fate = S3Sent::Fate;

/// The store has no batches at all.
bool is_unsupported(const S3Sent& sent) {
  const Error& error = sent.error;
  return sent.fate == Fate::refused &&
         (error.http_status == 501 || error.http_status == 405 || error.service_code == "NotImplemented" ||
          error.service_code == "MethodNotAllowed");
}

/// The store took offence at the body: it did nothing, and the same body would fare no better.
bool is_body_refused(const S3Sent& sent) {
  const std::string& code = sent.error.service_code;
  return sent.fate == Fate::refused && sent.error.http_status == 400 &&
         (code.empty() || code == "MalformedXML" || code == "BadDigest" || code == "InvalidDigest" ||
          code == "InvalidRequest" || code == "InvalidArgument" || code == "MissingContentMD5");
}

/// S3 answers 204 to a deletion. Anything else may come from somebody who knows nothing of it.
void confirm(const Result<std::optional<ObjectHead>>& head, RemoveOutcome& outcome) {
  if (head && !*head) return;
  outcome = outcome_of(RemoveResult::unknown, "Unconfirmed",
                       "the store's answer is none to a deletion, and the object was not seen to be away");
}

}  // namespace

RemoveOutcome S3Deleter::remove_one(S3Hands& hands, const Deletion& deletion, const Manner& manner) const {
  const bool conditional = manner.condition != DeleteCondition::none;
  HttpResponse response;
  const S3Sent sent = client_of(hands).send_once(
      ask_delete(deletion.key.view(), conditional ? std::string_view(deletion.etag) : std::string_view()),
      response);
  RemoveOutcome outcome = outcome_of_sent(sent, manner.lock);
  if (sent.fate != Fate::done) return outcome;
  if (response.header("x-amz-delete-marker") == "true") {
    outcome.marker_id = response.header("x-amz-version-id").value_or("");
  } else if (response.status != 204) {
    const KeyView key = deletion.key.view();
    confirm(manner.absence != nullptr ? manner.absence->head(hands, key) : head_object(client_of(hands), key),
            outcome);
  }
  return outcome;
}

void S3Deleter::one_by_one(const Numbers& numbers, const Manner& manner) {
  holdings_.for_each(numbers.size(), [&](S3Hands& hands, std::size_t i) {
    outcomes_[numbers[i]] = remove_one(hands, deletions_[numbers[i]], manner);
  });
}

S3Deleter::Numbers S3Deleter::in_batch(const Numbers& numbers, const Manner& manner) {
  std::vector<BatchDeletion> batch;
  for (const std::size_t i : numbers) {
    const bool conditional = manner.condition == DeleteCondition::batch;
    batch.push_back(
        {deletions_[i].key.view(), conditional ? std::string_view(deletions_[i].etag) : std::string_view()});
  }
  HttpResponse response;
  const S3Sent sent = client_of(holdings_.hands()).send_once(ask_delete_batch(batch), response);
  if (is_unsupported(sent)) batches_work_ = false;
  if (is_unsupported(sent) || is_body_refused(sent)) {
    holdings_.log().debug(fmt::format("deleting one by one: {}", sent.error.message));
    return numbers;
  }
  if (sent.fate == Fate::done) {
    std::vector<KeyView> keys;
    for (const BatchDeletion& deletion : batch) keys.push_back(deletion.key);
    auto told = outcomes_of_batch(response.body, keys, manner.lock);
    for (std::size_t i = 0; i < numbers.size(); ++i) outcomes_[numbers[i]] = std::move(told[i]);
  } else {
    for (const std::size_t i : numbers) outcomes_[i] = outcome_of_sent(sent, manner.lock);
  }
  return {};
}

std::vector<RemoveOutcome> S3Deleter::remove(std::span<const Deletion> deletions, const Manner& manner) {
  deletions_ = deletions;
  outcomes_.assign(deletions.size(), RemoveOutcome{});
  Numbers single;
  Numbers batch;
  std::unordered_map<std::string_view, bool> seen;
  const auto send = [&] {
    if (batch.empty()) return;
    const Numbers rest = in_batch(batch, manner);
    single.insert(single.end(), rest.begin(), rest.end());
    batch.clear();
  };
  for (std::size_t i = 0; i < deletions.size(); ++i) {
    const KeyView key = deletions[i].key.view();
    CHECK(!key.empty() && seen.emplace(key.bytes(), true).second);  // one deletion a key, or answers mix up
    const bool fits = batches_work_ && manner.condition != DeleteCondition::single && is_xml_key(key);
    (fits ? batch : single).push_back(i);
    if (batch.size() == kBatchKeysMax) send();
  }
  send();
  one_by_one(single, manner);
  return std::move(outcomes_);
}

}  // namespace flotsam
