#pragma once

/// What answers of the store mean for one object that was to be deleted. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/remover.h"
#include "store/s3/delete_batch.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// Whether a refusal may be the object lock's: on such a bucket AccessDenied is `held`.
enum class BucketLock { none, on };

RemoveOutcome outcome_of(RemoveResult result, std::string code = {}, std::string message = {});

/// Of a single request: done is `removed`, a failed condition `changed`, a missing key `gone`, any other
/// answer that proves that nothing was done `failed`, all else `unknown`.
RemoveOutcome outcome_of_sent(const S3Sent& sent, BucketLock lock);

/// Of one key in the answer to a batch.
RemoveOutcome outcome_of_entry(const BatchEntry& entry, BucketLock lock);

/// Fits the answer to a batch, which is overwritten, to the keys that were asked for: one outcome a key, in
/// their order. Only a key that the answer names exactly once, byte for byte, has one that is not `unknown`.
std::vector<RemoveOutcome> outcomes_of_batch(std::string& body, std::span<const KeyView> keys,
                                             BucketLock lock);

/// The code to show for an error: the store's, else the HTTP status, else what kind it is.
std::string code_of(const Error& error);

}  // namespace flotsam
