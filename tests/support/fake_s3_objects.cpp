// PUT, GET, HEAD, tags and locks of the fake S3's objects.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <time.h>

#include "base/time.h"
#include "support/fake_s3_bucket.h"

namespace flotsam::test {
namespace {

constexpr std::uint64_t kSyntheticBytesMax = 64U << 20U;
constexpr std::string_view kMetadata = "x-amz-meta-";

const std::set<std::string, std::less<>> kContentHeaders = {"cache-control",
                                                            "content-disposition",
                                                            "content-encoding",
                                                            "content-language",
                                                            "content-type",
                                                            "expires",
                                                            "x-amz-website-redirect-location"};

/// What this server knows. A header that it does not know is answered with 501, so that a misspelt condition
/// does not pass.
const std::set<std::string, std::less<>> kKnownHeaders = {"x-amz-bypass-governance-retention",
                                                          "x-amz-checksum-sha256",
                                                          "x-amz-content-sha256",
                                                          "x-amz-copy-source",
                                                          "x-amz-copy-source-if-match",
                                                          "x-amz-copy-source-range",
                                                          "x-amz-date",
                                                          "x-amz-expected-bucket-owner",
                                                          "x-amz-metadata-directive",
                                                          "x-amz-request-payer",
                                                          "x-amz-sdk-checksum-algorithm",
                                                          "x-amz-security-token",
                                                          "x-amz-source-expected-bucket-owner",
                                                          "x-amz-storage-class",
                                                          "x-amz-tagging",
                                                          "x-amz-tagging-directive",
                                                          "x-amz-website-redirect-location"};

std::string http_date(const std::string& rfc3339) {
  const auto moment = parse_rfc3339(rfc3339);
  if (!moment) return {};
  const time_t seconds = std::chrono::floor<std::chrono::seconds>(*moment).time_since_epoch().count();
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

void add_object_headers(const Exchange& exchange, const FakeVersion& version, WireAnswer& answer) {
  const FakeObject& object = version.object;
  answer.headers.emplace_back("ETag", "\"" + object.etag + "\"");
  answer.headers.emplace_back("Accept-Ranges", "bytes");
  if (const std::string date = http_date(object.last_modified); !date.empty())
    answer.headers.emplace_back("Last-Modified", date);
  for (const auto& [name, value] : object.headers) answer.headers.emplace_back(name, value);
  if (!object.headers.contains("content-type"))
    answer.headers.emplace_back("Content-Type", "binary/octet-stream");
  for (const auto& [name, value] : object.metadata)
    answer.headers.emplace_back(std::string(kMetadata) + name, value);
  if (object.storage_class != "STANDARD")
    answer.headers.emplace_back("x-amz-storage-class", object.storage_class);
  const auto& denied = exchange.settings.denied;
  if (!object.tags.empty() && !denied.contains(Operation::get_tags))
    answer.headers.emplace_back("x-amz-tagging-count", std::to_string(object.tags.size()));
  if (exchange.keeps_versions()) answer.headers.emplace_back("x-amz-version-id", version.version_id);
  if (object.hold && !denied.contains(Operation::get_legal_hold))
    answer.headers.emplace_back("x-amz-object-lock-legal-hold", "ON");
  if (!object.retain_until.empty() && !denied.contains(Operation::get_retention)) {
    answer.headers.emplace_back("x-amz-object-lock-mode", "GOVERNANCE");
    answer.headers.emplace_back("x-amz-object-lock-retain-until-date", object.retain_until);
  }
}

/// "bytes=3-7" of a body; false where that is no part of it.
bool cut_range(const std::string& range, std::string& body, WireAnswer& answer) {
  if (!range.starts_with("bytes=")) return false;
  char* stop = nullptr;
  const std::uint64_t first = std::strtoull(range.c_str() + 6, &stop, 10);
  if (*stop != '-' || first >= body.size()) return false;
  std::uint64_t last = body.size() - 1;
  if (stop[1] != '\0') last = std::min<std::uint64_t>(last, std::strtoull(stop + 1, nullptr, 10));
  if (last < first) return false;
  answer.status = 206;
  answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) +
                                                   "/" + std::to_string(body.size()));
  body = body.substr(first, last - first + 1);
  return true;
}

std::map<std::string, std::string> tags_of_header(const std::string& header) {
  std::map<std::string, std::string> tags;
  std::string text = header;
  std::replace(text.begin(), text.end(), '+', ' ');
  for (const auto& [name, value] : parameters_of(text)) tags[name] = value;
  return tags;
}

/// The version that a sub-resource is asked of.
const FakeVersion* target_of(const Exchange& exchange, std::optional<WireAnswer>& refused) {
  const FakeVersion* version = exchange.bucket.find(exchange.key, exchange.version_id());
  if (version == nullptr) {
    refused = exchange.version_id().empty() ? error_answer(404, "NoSuchKey", "The key does not exist.")
                                            : error_answer(404, "NoSuchVersion", "No such version.");
  } else if (version->is_marker) {
    refused = exchange.version_id().empty()
                  ? error_answer(404, "NoSuchKey", "The key does not exist.")
                  : error_answer(405, "MethodNotAllowed", "A delete marker has no such thing.");
    refused->headers.emplace_back("x-amz-delete-marker", "true");
    refused->headers.emplace_back("x-amz-version-id", version->version_id);
  }
  return version;
}

std::optional<WireAnswer> check_condition(const std::string& said, Condition condition, bool holds,
                                          const char* name) {
  if (said.empty() || condition == Condition::ignored) return std::nullopt;
  if (condition == Condition::not_implemented)
    return error_answer(501, "NotImplemented",
                        "A header you provided implies functionality that is not "
                        "implemented");
  if (holds && condition == Condition::honoured) return std::nullopt;
  return error_answer(412, "PreconditionFailed",
                      "At least one of the pre-conditions you specified did not hold",
                      "<Condition>" + std::string(name) + "</Condition>");
}

}  // namespace

std::string bytes_of(const FakeObject& object) {
  if (object.body) return *object.body;
  if (object.size <= kSyntheticBytesMax) return std::string(object.size, 'x');
  ADD_FAILURE() << "an object of " << object.size << " bytes was read";
  return {};
}

std::optional<WireAnswer> read_object_headers(const Exchange& exchange, FakeObject& object) {
  const FakeS3Settings& settings = exchange.settings;
  for (const auto& [name, value] : exchange.request.headers) {
    if (kContentHeaders.contains(name)) object.headers[name] = value;
    if (name.starts_with(kMetadata)) {
      object.metadata[name.substr(kMetadata.size())] = value;
    } else if (name.starts_with("x-amz-") && !kKnownHeaders.contains(name)) {
      return error_answer(501, "NotImplemented", "this server does not know the header " + name);
    }
  }
  if (const std::string storage_class = exchange.request.header("x-amz-storage-class");
      !storage_class.empty())
    object.storage_class = storage_class;
  if (!exchange.request.has_header("x-amz-tagging")) return std::nullopt;
  if (settings.not_implemented.contains(Operation::put_tags))
    return error_answer(501, "NotImplemented", "tags are not implemented");
  if (settings.denied.contains(Operation::put_tags))
    return error_answer(403, "AccessDenied", "Access Denied");
  object.tags = tags_of_header(exchange.request.header("x-amz-tagging"));
  if (object.tags.size() > 10)
    return error_answer(400, "BadRequest", "Object tags cannot be greater than 10");
  return std::nullopt;
}

WireAnswer answer_head_or_get(const Exchange& exchange, bool with_body) {
  const FakeS3Settings& settings = exchange.settings;
  std::optional<WireAnswer> refused;
  const FakeVersion* version = target_of(exchange, refused);
  if (refused) {
    // Who may not list is not told what is missing.
    const bool may_list = !settings.listing_denied && settings.listing_allowed_below.empty();
    if (refused->status == 404 && !may_list) return error_answer(403, "AccessDenied", "Access Denied");
    return *refused;
  }
  const std::string expected = exchange.request.header("if-match");
  if (!expected.empty() && expected != "*" && unquoted(expected) != version->object.etag)
    return error_answer(412, "PreconditionFailed", "If-Match");
  WireAnswer answer;
  add_object_headers(exchange, *version, answer);
  answer.content_length = version->object.size;
  if (!with_body) return answer;
  const std::string& storage_class = version->object.storage_class;
  if (storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE")
    return error_answer(403, "InvalidObjectState", "The object's storage class does not allow it");
  answer.content_length.reset();
  answer.body = bytes_of(version->object);
  const std::string range = exchange.request.header("range");
  if (!range.empty() && !cut_range(range, answer.body, answer))
    return error_answer(416, "InvalidRange", "The requested range is not satisfiable");
  return answer;
}

std::optional<WireAnswer> check_write_conditions(const Exchange& exchange, Condition if_none_match,
                                                 Condition if_match) {
  const auto found = exchange.bucket.standing().find(exchange.key);
  const bool stands = found != exchange.bucket.standing().end();
  const std::string none = exchange.request.header("if-none-match");
  if (!none.empty() && none != "*" && if_none_match != Condition::ignored)
    return error_answer(501, "NotImplemented", "If-None-Match takes nothing but *");
  if (auto refused = check_condition(none, if_none_match, !stands, "If-None-Match")) return refused;
  const std::string match = exchange.request.header("if-match");
  if (!match.empty() && if_match == Condition::honoured && !stands)
    return error_answer(404, "NoSuchKey", "The specified key does not exist.");
  const bool holds = stands && (match == "*" || unquoted(match) == found->second.etag);
  return check_condition(match, if_match, holds, "If-Match");
}

WireAnswer answer_put(const Exchange& exchange) {
  FakeObject object;
  if (auto refused = read_object_headers(exchange, object)) return *refused;
  if (auto refused = check_digests(exchange.request)) return *refused;
  if (auto refused = check_write_conditions(exchange, exchange.settings.put_if_none_match,
                                            exchange.settings.put_if_match))
    return *refused;
  object.body = exchange.request.body;
  object.size = object.body->size();
  object.etag = md5_hex(*object.body);
  object.last_modified = exchange.now;
  WireAnswer answer;
  answer.headers.emplace_back("ETag", "\"" + object.etag + "\"");
  const std::string id = exchange.bucket.put(exchange.key, std::move(object), exchange.settings.versioning);
  if (exchange.keeps_versions()) answer.headers.emplace_back("x-amz-version-id", id);
  return answer;
}

WireAnswer answer_get_tags(const Exchange& exchange) {
  std::optional<WireAnswer> refused;
  const FakeVersion* version = target_of(exchange, refused);
  if (refused) return *refused;
  std::string tags;
  for (const auto& [name, value] : version->object.tags)
    tags += field("Tag", field("Key", xml_escaped(name)) + field("Value", xml_escaped(value)));
  return xml_answer("<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + field("TagSet", tags) +
                    "</Tagging>");
}

WireAnswer answer_put_tags(const Exchange& exchange) {
  std::optional<WireAnswer> refused;
  const FakeVersion* version = target_of(exchange, refused);
  if (refused) return *refused;
  if ((refused = check_digests(exchange.request))) return *refused;
  const auto root = parse_request_xml(exchange.request.body);
  const XmlElement* set = root && root->name == "Tagging" ? root->child("TagSet") : nullptr;
  if (set == nullptr) return error_answer(400, "MalformedXML", "The XML you provided was not well-formed");
  std::map<std::string, std::string> tags;
  for (const XmlElement& tag : set->children) {
    const XmlElement *name = tag.child("Key"), *value = tag.child("Value");
    if (tag.name != "Tag" || name == nullptr || value == nullptr)
      return error_answer(400, "MalformedXML", "The XML you provided was not well-formed");
    tags[name->text] = value->text;
  }
  exchange.bucket.edit(exchange.key, std::string(version->version_id),
                       [&](FakeObject& object) { object.tags = tags; });
  return WireAnswer{};
}

WireAnswer answer_lock(const Exchange& exchange, Operation operation) {
  if (!exchange.settings.object_lock)
    return error_answer(400, "InvalidRequest", "Bucket is missing Object Lock Configuration");
  std::optional<WireAnswer> refused;
  const FakeVersion* version = target_of(exchange, refused);
  if (refused) return *refused;
  const FakeObject& object = version->object;
  const bool is_retention = operation == Operation::get_retention;
  if (is_retention ? object.retain_until.empty() : !object.hold)
    return error_answer(404, "NoSuchObjectLockConfiguration",
                        "The specified object does not have a ObjectLock configuration");
  return xml_answer(is_retention ? field("Retention", field("Mode", "GOVERNANCE") +
                                                          field("RetainUntilDate", object.retain_until))
                                 : field("LegalHold", field("Status", "ON")));
}

}  // namespace flotsam::test
