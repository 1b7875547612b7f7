// DeleteObject and DeleteObjects of the fake S3.

#include <algorithm>
#include <gtest/gtest.h>

#include "support/fake_s3_bucket.h"

namespace flotsam::test {
namespace {

/// What became of one key.
struct Deletion {
  int status = 204;
  std::string code, message;  ///< of a refusal
  std::string marker_id;      ///< that was made, or removed by its id
  std::string version_id;     ///< that was asked for
  bool is_refused() const { return status >= 300; }
};

Deletion refusal(int status, std::string code, std::string message) {
  Deletion deletion;
  deletion.status = status;
  deletion.code = std::move(code);
  deletion.message = std::move(message);
  return deletion;
}

const char* const kConditionText = "At least one of the pre-conditions you specified did not hold";

/// The condition on a deletion of the key that stands; nothing: it holds.
std::optional<Deletion> check_etag(const Exchange& exchange, const std::string& key,
                                   const std::string& etag) {
  const auto found = exchange.bucket.standing().find(key);
  if (found != exchange.bucket.standing().end()) {
    if (etag == "*" || unquoted(etag) == found->second.etag) return std::nullopt;
    return refusal(412, "PreconditionFailed", kConditionText);
  }
  switch (exchange.settings.missing_conditional_status) {
    case 204:
      return Deletion{};
    case 412:
      return refusal(412, "PreconditionFailed", kConditionText);
    default:
      return refusal(404, "NoSuchKey", "The specified key does not exist.");
  }
}

Deletion delete_key(const Exchange& exchange, const std::string& key) {
  const FakeS3Settings& settings = exchange.settings;
  const FakeVersion* newest = exchange.bucket.find(key, {});
  Deletion deletion;
  if (!exchange.keeps_versions() && newest == nullptr && settings.missing_delete_status == 404)
    return refusal(404, "NoSuchKey", "The specified key does not exist.");
  if (newest != nullptr && newest->is_marker && !settings.marker_over_marker) return deletion;
  deletion.marker_id = exchange.bucket.remove(key, settings.versioning, exchange.now);
  return deletion;
}

Deletion delete_version(const Exchange& exchange, const std::string& key, const std::string& id) {
  Deletion deletion;
  deletion.version_id = id;
  const FakeVersion* version = exchange.bucket.find(key, id);
  if (version == nullptr) return deletion;
  if (is_locked(version->object, exchange.now))
    return refusal(403, "AccessDenied", "Access Denied because object protected by object lock.");
  if (version->is_marker) deletion.marker_id = id;
  exchange.bucket.erase(key, id);
  return deletion;
}

void check_bypass(const Exchange& exchange) {
  EXPECT_FALSE(exchange.request.has_header("x-amz-bypass-governance-retention"))
      << "a lock is never bypassed: " << exchange.request.line;
}

WireAnswer to_answer(const Exchange& exchange, const Deletion& deletion) {
  if (deletion.is_refused()) return error_answer(deletion.status, deletion.code, deletion.message);
  WireAnswer answer;
  answer.status = 204;
  if (exchange.settings.deletes_hide_markers || !exchange.keeps_versions()) return answer;
  if (!deletion.marker_id.empty()) answer.headers.emplace_back("x-amz-delete-marker", "true");
  const std::string& id = deletion.version_id.empty() ? deletion.marker_id : deletion.version_id;
  if (!id.empty()) answer.headers.emplace_back("x-amz-version-id", id);
  return answer;
}

struct BatchKey {
  std::string key, version_id, etag;
};

/// False: MalformedXML.
bool read_batch(const Exchange& exchange, std::vector<BatchKey>& keys, bool& is_quiet) {
  const auto root = parse_request_xml(exchange.request.body);
  if (!root || root->name != "Delete") return false;
  for (const XmlElement& part : root->children) {
    if (part.name == "Quiet") {
      is_quiet = part.text == "true";
      continue;
    }
    if (part.name != "Object") return false;
    BatchKey& key = keys.emplace_back();
    for (const XmlElement& named : part.children) {
      if (named.name == "Key") {
        key.key = named.text;
      } else if (named.name == "VersionId") {
        key.version_id = named.text;
      } else if (named.name == "ETag") {
        if (exchange.settings.batch_condition == BatchCondition::malformed_xml) return false;
        key.etag = named.text;
      } else {
        return false;  // Size and LastModifiedTime are for directory buckets
      }
    }
    if (key.key.empty()) return false;
  }
  return !keys.empty() && keys.size() <= exchange.settings.batch_keys_max;
}

Deletion delete_of_batch(const Exchange& exchange, const BatchKey& asked) {
  FakeS3Settings& settings = exchange.settings;
  if (const auto error = settings.batch_errors.find(asked.key);
      error != settings.batch_errors.end() && error->second.times > 0) {
    --error->second.times;
    return refusal(400, error->second.code, "as the test wishes");
  }
  const Operation right = asked.version_id.empty() ? Operation::delete_one : Operation::delete_version;
  if (settings.denied.contains(right)) return refusal(403, "AccessDenied", "Access Denied");
  const auto key = folded(asked.key, settings.folding);
  if (!key || key->size() > 1024) return refusal(400, "KeyTooLongError", "Your key is too long");
  if (!asked.version_id.empty()) {
    if (!asked.etag.empty()) return refusal(501, "NotImplemented", "ETag and VersionId");
    return delete_version(exchange, *key, asked.version_id);
  }
  if (!asked.etag.empty() && settings.batch_condition == BatchCondition::honoured)
    if (auto wrong = check_etag(exchange, *key, asked.etag)) return *wrong;
  return delete_key(exchange, *key);
}

std::string text_of_key(const FakeS3Settings& settings, const std::string& key) {
  std::string text;
  for (const char c : xml_escaped(key)) {
    if (c == '\r' && !settings.batch_raw_cr) {
      text += "&#13;";
    } else {
      text += c;
    }
  }
  return text;
}

std::string entry_of(const FakeS3Settings& settings, const BatchKey& asked, const Deletion& deletion,
                     bool is_quiet) {
  std::string text = field("Key", text_of_key(settings, asked.key));
  if (!asked.version_id.empty()) text += field("VersionId", asked.version_id);
  if (deletion.is_refused())
    return field("Error", text + field("Code", deletion.code) + field("Message", deletion.message));
  if (is_quiet) return {};
  if (!deletion.marker_id.empty()) {
    text += field("DeleteMarker", "true");
    if (!settings.batch_hides_markers) text += field("DeleteMarkerVersionId", deletion.marker_id);
  }
  return field("Deleted", text);
}

}  // namespace

WireAnswer answer_delete(const Exchange& exchange) {
  check_bypass(exchange);
  const FakeS3Settings& settings = exchange.settings;
  for (const char* name : {"x-amz-if-match-size", "x-amz-if-match-last-modified-time"})
    if (exchange.request.has_header(name))
      return error_answer(501, "NotImplemented", "A header implies functionality that is not implemented");
  const std::string etag = exchange.request.header("if-match");
  if (!etag.empty() && settings.delete_if_match != Condition::ignored) {
    if (settings.delete_if_match == Condition::not_implemented)
      return error_answer(501, "NotImplemented", "If-Match is not implemented");
    const bool stands = exchange.bucket.standing().contains(exchange.key);
    if (settings.delete_if_match == Condition::always_412 && stands)
      return error_answer(412, "PreconditionFailed", kConditionText);
    if (auto wrong = check_etag(exchange, exchange.key, etag)) return to_answer(exchange, *wrong);
  }
  return to_answer(exchange, delete_key(exchange, exchange.key));
}

WireAnswer answer_delete_version(const Exchange& exchange) {
  check_bypass(exchange);
  if (exchange.request.has_header("if-match"))
    return error_answer(501, "NotImplemented", "If-Match and versionId");
  if (exchange.version_id().empty())
    return error_answer(400, "InvalidArgument", "Version id cannot be the empty string");
  return to_answer(exchange, delete_version(exchange, exchange.key, exchange.version_id()));
}

WireAnswer answer_delete_batch(const Exchange& exchange, std::uint64_t& deletes) {
  check_bypass(exchange);
  const FakeS3Settings& settings = exchange.settings;
  const bool has_digest =
      exchange.request.has_header("content-md5") || exchange.request.has_header("x-amz-checksum-sha256");
  if (!has_digest && settings.batch_needs_digest)
    return error_answer(400, "InvalidRequest",
                        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  if (auto refused = check_digests(exchange.request)) return *refused;
  std::vector<BatchKey> keys;
  bool is_quiet = false;
  if (!read_batch(exchange, keys, is_quiet))
    return error_answer(400, "MalformedXML", "The XML you provided was not well-formed or did not validate");
  deletes += keys.size();
  std::vector<std::string> entries;
  const std::size_t done = exchange.fault == Fault::half_done ? keys.size() / 2 : keys.size();
  for (std::size_t i = 0; i < done; ++i) {
    const Deletion deletion = delete_of_batch(exchange, keys[i]);
    BatchKey shown = keys[i];
    const bool is_last = i + 1 == keys.size();
    if (is_last && exchange.fault == Fault::echoes_other_key) shown.key += "-other";
    if (is_last && exchange.fault == Fault::drops_one) continue;
    entries.push_back(entry_of(settings, shown, deletion, is_quiet));
  }
  if (settings.batch_reversed) std::reverse(entries.begin(), entries.end());
  std::string text;
  for (const std::string& entry : entries) text += entry;
  WireAnswer answer = xml_answer(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
      text + "</DeleteResult>");
  answer.cut_connection = exchange.fault == Fault::half_done;
  return answer;
}

}  // namespace flotsam::test
