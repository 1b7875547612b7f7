#include "store/s3/s3_copy.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "store/s3/delete_batch.h"
#include "store/s3/object_tags.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

using Fate = S3Sent::Fate;

constexpr std::chrono::milliseconds kCopyTimeout{1'800'000};
constexpr std::uint64_t kPartsMax = 10'000;
constexpr std::uint64_t kMebibyte = 1U << 20U;

/// What an error of a request that may be repeated means: nothing that counts was done.
S3Sent not_done(Error error) {
  S3Sent sent;
  sent.fate = Fate::refused;
  sent.retryable = error.code == ErrorCode::unavailable;
  sent.throttled = error.http_status == 429 || error.http_status == 503 || error.service_code == "SlowDown";
  sent.error = std::move(error);
  return sent;
}

/// Reads an answer that can be a 200 and yet an Error, or cut.
Result<void> expect_root(HttpResponse& response, std::string_view root) {
  std::string copy = response.body;
  pugi::xml_document document;
  const auto parsed = parse_xml_in_place(document, copy);
  if (!parsed) return fail(ErrorCode::unavailable, "the answer to a copy is " + parsed.error().message);
  if (root != parsed->name())
    return fail(ErrorCode::unavailable, fmt::format("the answer to a copy is a <{}>, not a <{}>",
                                                    to_printable(parsed->name()), root));
  return {};
}

class Copy {
 public:
  Copy(S3Client& source, S3Client& target, const S3Tuning& tuning, const CopyTask& task)
      : source_(source), target_(target), tuning_(tuning), task_(task) {}

  CopyResult whole();
  CopyResult in_parts();

 private:
  KeyView key() const { return task_.target.view(); }
  bool is_vacant() const { return task_.target_is == CopyTask::Target::vacant; }
  HttpHeaders source_headers() const;
  S3Sent send_whole(bool if_absent);
  Result<std::string> create();
  Result<void> keep_tags();
  S3Sent still_vacant();
  Result<std::string> copy_part(std::uint64_t number, std::uint64_t from, std::uint64_t size);
  S3Sent complete(const std::string& parts, bool if_absent);
  void abort();

  S3Client& source_;
  S3Client& target_;
  const S3Tuning& tuning_;
  const CopyTask& task_;
  std::string upload_id_;
  ObjectTags tags_;
};

HttpHeaders Copy::source_headers() const {
  const Object& object = task_.source->object;
  HttpHeaders headers = {
      {"x-amz-copy-source", copy_source_of(task_.source_bucket, object.key.view(), task_.source_version)}};
  if (!object.etag.empty())
    headers.emplace_back("x-amz-copy-source-if-match", fmt::format("\"{}\"", object.etag));
  if (const std::string& owner = source_.session().address().expected_bucket_owner; !owner.empty())
    headers.emplace_back("x-amz-source-expected-bucket-owner", owner);
  return headers;
}

/// PUT /bucket/target, x-amz-copy-source: bucket/source, x-amz-metadata-directive: COPY
S3Sent Copy::send_whole(bool if_absent) {
  HttpHeaders headers = source_headers();
  headers.emplace_back("x-amz-metadata-directive", "COPY");
  if (!task_.source->storage_class.empty())
    headers.emplace_back("x-amz-storage-class", task_.source->storage_class);
  if (if_absent) headers.emplace_back("if-none-match", "*");
  const S3Ask ask = S3Ask::of_object("PUT", key(), {}, std::move(headers));
  HttpResponse response;
  if (!is_vacant()) {
    const auto done = target_.repeat(
        ask, response, [](HttpResponse& answer) { return expect_root(answer, "CopyObjectResult"); });
    return done ? S3Sent{.fate = Fate::done, .error = {}} : not_done(done.error());
  }
  S3Sent sent = target_.send_once(ask, response);
  if (sent.fate != Fate::done) return sent;
  if (auto read = expect_root(response, "CopyObjectResult"); !read)
    return {.fate = Fate::unknown, .error = std::move(read).error()};
  return sent;
}

CopyResult Copy::whole() {
  S3Sent sent = send_whole(is_vacant());
  // There are stores that do not know the condition on a copy: the look just before has to do.
  if (is_vacant() && sent.fate == Fate::refused &&
      (sent.error.http_status == 501 || sent.error.http_status == 400))
    sent = send_whole(false);
  // Of several tries one whose answer was lost may have been carried out.
  const bool may_stand = sent.fate == Fate::refused && sent.retryable;
  return {.sent = std::move(sent), .may_stand = may_stand};
}

/// POST /bucket/target?uploads=
Result<std::string> Copy::create() {
  HttpHeaders headers = task_.source->carried;
  if (!task_.source->storage_class.empty())
    headers.emplace_back("x-amz-storage-class", task_.source->storage_class);
  FLOTSAM_ASSIGN(tags_, read_tags(source_, *task_.source, task_.source_version));
  if (!tags_.empty()) headers.emplace_back("x-amz-tagging", tagging_header(tags_));
  HttpResponse response;
  std::string id;
  const auto read = [&](HttpResponse& answer) -> Result<void> {
    pugi::xml_document document;
    std::string copy = answer.body;
    const auto root = parse_xml_in_place(document, copy);
    if (root && std::strcmp(root->name(), "InitiateMultipartUploadResult") == 0)
      id = text_of_child(*root, "UploadId");
    if (id.empty()) return fail(ErrorCode::unavailable, "the store does not name the upload that it began");
    return {};
  };
  FLOTSAM_TRY(
      target_.repeat(S3Ask::of_object("POST", key(), sub_resource_parameters("uploads"), std::move(headers)),
                     response, read));
  return id;
}

/// PUT /bucket/target?partNumber=1&uploadId=ID, x-amz-copy-source-range: bytes=0-1
Result<std::string> Copy::copy_part(std::uint64_t number, std::uint64_t from, std::uint64_t size) {
  HttpHeaders headers = source_headers();
  headers.emplace_back("x-amz-copy-source-range", fmt::format("bytes={}-{}", from, from + size - 1));
  HttpResponse response;
  std::string etag;
  const auto read = [&](HttpResponse& answer) -> Result<void> {
    pugi::xml_document document;
    std::string copy = answer.body;
    const auto root = parse_xml_in_place(document, copy);
    if (root && std::strcmp(root->name(), "CopyPartResult") == 0) etag = text_of_child(*root, "ETag");
    if (etag.empty()) return fail(ErrorCode::unavailable, "the store does not name the part that it copied");
    return {};
  };
  FLOTSAM_TRY(target_.repeat(
      S3Ask::of_object("PUT", key(), {{"partNumber", fmt::to_string(number)}, {"uploadId", upload_id_}},
                       std::move(headers)),
      response, read));
  return etag;
}

/// POST /bucket/target?uploadId=ID. Sent once: a repetition would be told that there is no such upload.
S3Sent Copy::complete(const std::string& parts, bool if_absent) {
  HttpHeaders headers = {{"content-type", "application/xml"}};
  if (if_absent) headers.emplace_back("if-none-match", "*");
  HttpResponse response;
  S3Sent sent = target_.send_once(
      S3Ask::of_object("POST", key(), {{"uploadId", upload_id_}}, std::move(headers),
                       "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + parts +
                           "</CompleteMultipartUpload>"),
      response);
  if (sent.fate != Fate::done) return sent;
  if (auto read = expect_root(response, "CompleteMultipartUploadResult"); !read)
    return {.fate = Fate::unknown, .error = std::move(read).error()};
  return sent;
}

/// The parts may have taken long: not every store heeds the condition on the last request.
S3Sent Copy::still_vacant() {
  const auto now = head_object(target_, key());
  if (!now) return not_done(now.error());
  if (!*now) return {.fate = Fate::done};
  Error error;
  error.code = ErrorCode::refused;
  error.http_status = 412;
  error.message = "an object stands there meanwhile";
  return not_done(std::move(error));
}

/// DELETE /bucket/target?uploadId=ID: the upload that was begun here, no object.
void Copy::abort() {
  HttpResponse response;
  (void)target_.send_once(S3Ask::of_object("DELETE", key(), {{"uploadId", upload_id_}}), response);
}

/// There are stores that forget the tags of an upload in parts.
Result<void> Copy::keep_tags() {
  if (tags_.empty()) return {};
  ObjectHead copy;
  copy.object.key = task_.target;
  const auto kept = read_tags(target_, copy, {});
  if (kept && *kept == tags_) return {};
  return put_tags(target_, key(), tags_);
}

CopyResult Copy::in_parts() {
  auto created = create();
  if (!created) return {.sent = not_done(std::move(created).error())};
  upload_id_ = *created;
  const std::uint64_t size = task_.source->object.size_bytes;
  const std::uint64_t least = (size + kPartsMax - 1) / kPartsMax;
  const std::uint64_t part_size =
      std::max(tuning_.copy_part_bytes, (least + kMebibyte - 1) / kMebibyte * kMebibyte);
  std::string parts;
  std::uint64_t number = 1;
  for (std::uint64_t from = 0; from < size; from += part_size, ++number) {
    auto etag = copy_part(number, from, std::min(part_size, size - from));
    if (!etag) {
      abort();
      return {.sent = not_done(std::move(etag).error())};
    }
    parts += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>", number);
    append_xml_text(parts, *etag);
    parts += "</ETag></Part>";
  }
  if (S3Sent look = is_vacant() ? still_vacant() : S3Sent{.fate = Fate::done}; look.fate != Fate::done) {
    abort();
    return {.sent = std::move(look)};
  }
  S3Sent sent = complete(parts, is_vacant());
  if (is_vacant() && sent.fate == Fate::refused &&
      (sent.error.http_status == 501 || sent.error.http_status == 400))
    sent = complete(parts, false);
  if (sent.fate == Fate::refused || sent.fate == Fate::not_sent) {
    abort();
    return {.sent = std::move(sent)};
  }
  if (auto kept = keep_tags(); !kept) return {.sent = not_done(std::move(kept).error()), .may_stand = true};
  return {.sent = std::move(sent)};
}

}  // namespace

std::string copy_source_of(std::string_view bucket, KeyView key, std::string_view version_id) {
  std::string source;
  append_uri_encoded(source, bucket, Slash::encode);
  source += '/';
  append_uri_encoded(source, key.bytes(), Slash::keep);
  if (!version_id.empty()) {
    source += "?versionId=";
    append_uri_encoded(source, version_id, Slash::encode);
  }
  return source;
}

CopyResult copy_object(S3Client& source, S3Client& target, const S3Tuning& tuning, const CopyTask& task) {
  CHECK(task.source != nullptr && !task.target.bytes().empty());
  const TimeoutForNow patience(target, kCopyTimeout);
  Copy copy(source, target, tuning, task);
  return task.source->object.size_bytes > tuning.copy_bytes_max ? copy.in_parts() : copy.whole();
}

}  // namespace flotsam
