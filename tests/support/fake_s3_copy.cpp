// CopyObject and multipart uploads of the fake S3.

#include <algorithm>
#include <cstdlib>

#include "support/fake_s3_bucket.h"

namespace flotsam::test {
namespace {

WireAnswer malformed() {
  return error_answer(400, "MalformedXML", "The XML you provided was not well-formed");
}

std::optional<WireAnswer> check_source(const Exchange& exchange, const CopySource& source) {
  if (source.version == nullptr)
    return source.version_id.empty() ? error_answer(404, "NoSuchKey", "The specified key does not exist.")
                                     : error_answer(404, "NoSuchVersion", "No such version.");
  if (source.version->is_marker)
    return source.version_id.empty()
               ? error_answer(404, "NoSuchKey", "The specified key does not exist.")
               : error_answer(400, "InvalidRequest", "The source of a copy request may not be a marker.");
  const FakeObject& object = source.version->object;
  if (object.storage_class == "GLACIER" || object.storage_class == "DEEP_ARCHIVE")
    return error_answer(403, "InvalidObjectState", "The object's storage class does not allow it");
  const std::string expected = exchange.request.header("x-amz-copy-source-if-match");
  if (expected.empty()) return std::nullopt;
  switch (exchange.settings.copy_source_if_match) {
    case Condition::ignored:
      return std::nullopt;
    case Condition::not_implemented:
      return error_answer(501, "NotImplemented", "not implemented");
    case Condition::honoured:
      if (expected == "*" || unquoted(expected) == object.etag) return std::nullopt;
      break;
    case Condition::always_412:
      break;
  }
  return error_answer(412, "PreconditionFailed", "x-amz-copy-source-If-Match");
}

/// What the copy carries: an answer is the refusal.
std::optional<WireAnswer> make_copy(const Exchange& exchange, const CopySource& source, FakeObject& copy) {
  const FakeS3Settings& settings = exchange.settings;
  if (auto refused = read_object_headers(exchange, copy)) return refused;
  const FakeObject& from = source.version->object;
  const std::string directive = exchange.request.header("x-amz-metadata-directive");
  if (directive != "" && directive != "COPY" && directive != "REPLACE")
    return error_answer(400, "InvalidArgument", "Unknown metadata directive.");
  const bool onto_itself = source.key == exchange.key && source.version->is_latest;
  const bool changes = directive == "REPLACE" || exchange.request.has_header("x-amz-storage-class");
  if (onto_itself && !changes)
    return error_answer(400, "InvalidRequest", "This copy request is illegal because it changes nothing.");
  if (directive != "REPLACE") {
    copy.headers = from.headers;
    copy.headers.erase("x-amz-website-redirect-location");
    copy.metadata = from.metadata;
  }
  const std::string tagging = exchange.request.header("x-amz-tagging-directive");
  if (tagging != "" && tagging != "COPY" && tagging != "REPLACE")
    return error_answer(400, "InvalidArgument", "Unknown tagging directive.");
  if (tagging != "REPLACE") {
    const bool is_denied =
        settings.denied.contains(Operation::get_tags) || settings.denied.contains(Operation::put_tags);
    if (!from.tags.empty() && is_denied) return error_answer(403, "AccessDenied", "Access Denied");
    copy.tags = from.tags;
    if (settings.not_implemented.contains(Operation::put_tags)) copy.tags.clear();
  }
  const bool joined = from.etag.find('-') != std::string::npos;
  copy.size = from.size;
  copy.body = from.body;
  copy.etag = from.etag;
  if (joined && !settings.copy_keeps_multipart_etag)
    copy.etag = from.body ? md5_hex(*from.body) : md5_hex("whole " + from.etag);
  copy.last_modified = exchange.now;
  return std::nullopt;
}

/// "bytes=0-5368709119" of a source.
std::optional<WireAnswer> cut_part(const std::string& range, const FakeObject& from, FakePart& part) {
  std::uint64_t first = 0, last = from.size == 0 ? 0 : from.size - 1;
  if (!range.empty()) {
    char* stop = nullptr;
    if (!range.starts_with("bytes=")) return error_answer(400, "InvalidArgument", "range");
    first = std::strtoull(range.c_str() + 6, &stop, 10);
    if (*stop != '-') return error_answer(400, "InvalidArgument", "range");
    last = std::strtoull(stop + 1, &stop, 10);
    if (*stop != '\0' || last < first || last >= from.size)
      return error_answer(
          400, "InvalidArgument",
          "Range specified is not valid for source object of size " + std::to_string(from.size));
  }
  part.size = from.size == 0 ? 0 : last - first + 1;
  if (from.body) part.body = from.body->substr(first, part.size);
  part.etag = part.body ? md5_hex(*part.body) : md5_hex(from.etag + " " + range);
  return std::nullopt;
}

WireAnswer create(const Exchange& exchange) {
  FakeUpload upload;
  upload.key = exchange.key;
  if (auto refused = read_object_headers(exchange, upload.object)) return *refused;
  upload.object.last_modified = exchange.now;
  const std::string id = "up." + exchange.bucket.new_id();
  exchange.bucket.uploads.emplace(id, std::move(upload));
  return xml_answer("<InitiateMultipartUploadResult>" + field("Bucket", exchange.settings.bucket) +
                    field("Key", xml_escaped(exchange.key)) + field("UploadId", id) +
                    "</InitiateMultipartUploadResult>");
}

WireAnswer add_part(const Exchange& exchange, FakeUpload& upload) {
  const unsigned long number = std::strtoul(exchange.parameters.at("partNumber").c_str(), nullptr, 10);
  if (number < 1 || number > 10'000)
    return error_answer(400, "InvalidArgument", "Part number must be an integer between 1 and 10000");
  if (auto refused = check_digests(exchange.request)) return *refused;
  FakePart part;
  WireAnswer answer;
  if (exchange.request.has_header("x-amz-copy-source")) {
    CopySource source;
    if (auto refused = find_copy_source(exchange, source)) return *refused;
    if (auto refused = check_source(exchange, source)) return *refused;
    if (auto refused =
            cut_part(exchange.request.header("x-amz-copy-source-range"), source.version->object, part))
      return *refused;
    if (part.size > exchange.settings.copy_bytes_max)
      return error_answer(400, "InvalidRequest", "The specified copy source is larger than allowed.");
    answer = xml_answer("<CopyPartResult>" + field("LastModified", exchange.now) +
                        field("ETag", "&quot;" + part.etag + "&quot;") + "</CopyPartResult>");
  } else {
    part.body = exchange.request.body;
    part.size = part.body->size();
    part.etag = md5_hex(*part.body);
    answer.headers.emplace_back("ETag", "\"" + part.etag + "\"");
  }
  upload.parts[static_cast<unsigned>(number)] = std::move(part);
  return answer;
}

/// Joins the parts that the request names; an answer is the refusal.
std::optional<WireAnswer> join(const Exchange& exchange, const FakeUpload& upload, FakeObject& object) {
  const auto root = parse_request_xml(exchange.request.body);
  if (!root || root->name != "CompleteMultipartUpload" || root->children.empty()) return malformed();
  std::string etags;
  unsigned previous = 0;
  object.size = 0;
  object.body.emplace();
  for (const XmlElement& named : root->children) {
    const XmlElement *number = named.child("PartNumber"), *etag = named.child("ETag");
    if (named.name != "Part" || number == nullptr || etag == nullptr) return malformed();
    const auto at = static_cast<unsigned>(std::strtoul(number->text.c_str(), nullptr, 10));
    if (at <= previous) return error_answer(400, "InvalidPartOrder", "The parts were not in ascending order");
    const auto part = upload.parts.find(at);
    if (part == upload.parts.end() || part->second.etag != unquoted(etag->text))
      return error_answer(400, "InvalidPart", "One or more of the specified parts could not be found.");
    const bool is_last = &named == &root->children.back();
    if (!is_last && part->second.size < exchange.settings.part_bytes_min)
      return error_answer(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum");
    previous = at;
    object.size += part->second.size;
    etags += part->second.etag;
    if (object.body && part->second.body) {
      *object.body += *part->second.body;
    } else {
      object.body.reset();
    }
  }
  object.etag = md5_hex(etags) + "-" + std::to_string(root->children.size());
  return std::nullopt;
}

WireAnswer complete(const Exchange& exchange, const std::string& upload_id, const FakeUpload& upload) {
  if (auto refused = check_write_conditions(exchange, exchange.settings.put_if_none_match,
                                            exchange.settings.put_if_match))
    return *refused;
  FakeObject object = upload.object;
  if (auto refused = join(exchange, upload, object)) return *refused;
  const std::string etag = exchange.settings.complete_hides_etag ? "" : "&quot;" + object.etag + "&quot;";
  exchange.bucket.uploads.erase(upload_id);
  const std::string id = exchange.bucket.put(exchange.key, std::move(object), exchange.settings.versioning);
  WireAnswer answer = xml_answer(
      "<CompleteMultipartUploadResult>" + field("Bucket", exchange.settings.bucket) +
      field("Key", xml_escaped(exchange.key)) + field("ETag", etag) + "</CompleteMultipartUploadResult>");
  if (exchange.keeps_versions()) answer.headers.emplace_back("x-amz-version-id", id);
  return answer;
}

}  // namespace

std::optional<WireAnswer> find_copy_source(const Exchange& exchange, CopySource& source) {
  std::string text = exchange.request.header("x-amz-copy-source");
  constexpr std::string_view kVersion = "?versionId=";
  if (const auto at = text.find(kVersion); at != std::string::npos) {
    source.version_id = percent_decoded(text.substr(at + kVersion.size()));
    text.resize(at);
  }
  text = percent_decoded(text);
  if (text.starts_with('/')) text.erase(0, 1);
  const auto slash = text.find('/');
  if (slash == std::string::npos || slash + 1 == text.size())
    return error_answer(400, "InvalidArgument", "Copy Source must mention the source bucket and key");
  if (text.substr(0, slash) != exchange.settings.bucket)
    return error_answer(404, "NoSuchBucket", "The specified bucket does not exist");
  const auto key = folded(text.substr(slash + 1), exchange.settings.folding);
  if (!key) return error_answer(400, "InvalidArgument", "no such key can be");
  source.key = *key;
  source.version = exchange.bucket.find(source.key, source.version_id);
  return std::nullopt;
}

WireAnswer answer_copy(const Exchange& exchange) {
  if (exchange.settings.copy_answer == CopyAnswer::error_in_200) {
    WireAnswer answer = error_answer(500, "InternalError", "We encountered an internal error.");
    answer.status = 200;
    return answer;
  }
  CopySource source;
  if (auto refused = find_copy_source(exchange, source)) return *refused;
  if (auto refused = check_source(exchange, source)) return *refused;
  if (source.version->object.size > exchange.settings.copy_bytes_max)
    return error_answer(400, "InvalidRequest",
                        "The specified copy source is larger than the maximum allowable size");
  if (auto refused = check_write_conditions(exchange, exchange.settings.copy_if_none_match,
                                            exchange.settings.put_if_match))
    return *refused;
  FakeObject copy;
  if (auto refused = make_copy(exchange, source, copy)) return *refused;
  std::string result = field("LastModified", exchange.now);
  if (exchange.settings.copy_answer != CopyAnswer::without_etag)
    result += field("ETag", "&quot;" + copy.etag + "&quot;");
  WireAnswer answer = xml_answer(field("CopyObjectResult", result));
  const std::string source_id = source.version->version_id;
  const std::string id = exchange.bucket.put(exchange.key, std::move(copy), exchange.settings.versioning);
  if (exchange.keeps_versions()) {
    answer.headers.emplace_back("x-amz-version-id", id);
    answer.headers.emplace_back("x-amz-copy-source-version-id", source_id);
  }
  return answer;
}

WireAnswer answer_multipart(const Exchange& exchange, Operation operation) {
  if (operation == Operation::multipart_create) return create(exchange);
  const std::string id = exchange.parameters.at("uploadId");
  const auto upload = exchange.bucket.uploads.find(id);
  if (upload == exchange.bucket.uploads.end() || upload->second.key != exchange.key)
    return error_answer(404, "NoSuchUpload", "The specified multipart upload does not exist.");
  if (operation == Operation::multipart_part) return add_part(exchange, upload->second);
  if (operation == Operation::multipart_complete) {
    const FakeUpload copy = upload->second;
    return complete(exchange, id, copy);
  }
  exchange.bucket.uploads.erase(upload);
  WireAnswer answer;
  answer.status = 204;
  return answer;
}

}  // namespace flotsam::test
