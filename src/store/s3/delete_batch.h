#pragma once

/// Up to 1,000 deletions in one request (S3 API: DeleteObjects): its body and its answer. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/key.h"
#include "store/s3/s3_request.h"

namespace flotsam {

/// The most keys that S3 takes in one request.
inline constexpr std::size_t kBatchKeysMax = 1000;

/// One deletion of a batch. No version is ever named.
struct BatchDeletion {
  KeyView key;
  std::string_view etag;  ///< without quotes: delete only if it still is that; empty: no condition
};

/// True where XML 1.0 can carry the key: UTF-8 without C0 controls other than tab, line feed and carriage
/// return, without U+FFFE and U+FFFF. One other key makes a store refuse the whole batch.
bool is_xml_key(KeyView key);

/// `text` as content of an element: & < > " ' and tab, LF, CR as entities, so that no parser changes them.
void append_xml_text(std::string& out, std::string_view text);

/// Content-MD5 of a body, or x-amz-checksum-sha256 where this machine's OpenSSL refuses MD5.
void append_digest(HttpHeaders& headers, std::string_view body);

/// POST /bucket?delete=, with Content-MD5, or x-amz-checksum-sha256 where MD5 is not to be had.
/// `deletions` are 1 to 1,000, all fit for XML.
S3Ask ask_delete_batch(std::span<const BatchDeletion> deletions);

/// What the answer says of one key, as it says it.
struct BatchEntry {
  std::string key;
  bool deleted = false;    ///< Deleted, else Error
  bool is_marker = false;  ///< a delete marker was made
  std::string marker_id;
  std::string version_id;
  std::string code, message;  ///< of an Error
};

/// Parses the answer, which is overwritten. In the store's order, which need not be the one of asking.
/// Errors: corrupt where it is no whole DeleteResult.
Result<std::vector<BatchEntry>> parse_batch_answer(std::string& body);

}  // namespace flotsam
