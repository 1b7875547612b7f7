#include "store/s3/object_head.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

std::string_view header_of(const HttpResponse& response, std::string_view name) {
  return response.header(name).value_or(std::string_view());
}

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

/// Headers that describe an object and that a copy in parts loses unless it is given them.
bool is_carried(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kCarried = {"content-type",
                                                               "cache-control",
                                                               "content-disposition",
                                                               "content-encoding",
                                                               "expires",
                                                               "content-language",
                                                               "x-amz-website-redirect-location"};
  return name.starts_with("x-amz-meta-") ||
         std::find(kCarried.begin(), kCarried.end(), name) != kCarried.end();
}

bool is_lock_shown(const HttpResponse& response, const std::optional<Timestamp>& now) {
  if (equal_ignoring_case(header_of(response, "x-amz-object-lock-legal-hold"), "ON")) return true;
  const std::string_view until = header_of(response, "x-amz-object-lock-retain-until-date");
  if (until.empty()) return !header_of(response, "x-amz-object-lock-mode").empty();
  const auto moment = parse_rfc3339(until);
  return !moment || !now || *moment > *now;
}

/// In an archive, and not (any more) brought back from it for a while.
bool is_archived_now(const HttpResponse& response, std::string_view storage_class) {
  if (!header_of(response, "x-amz-archive-status").empty()) return true;
  if (storage_class != "GLACIER" && storage_class != "DEEP_ARCHIVE") return false;
  return header_of(response, "x-amz-restore").find("ongoing-request=\"false\"") == std::string_view::npos;
}

}  // namespace

Result<ObjectHead> read_object_head(KeyView key, const HttpResponse& response) {
  ObjectHead head;
  head.object.key = Key(key);
  const auto size = parse_unsigned(header_of(response, "content-length"));
  const auto moment = parse_http_date(header_of(response, "last-modified"));
  head.object.etag = unquoted(header_of(response, "etag"));
  // Somebody on the way may answer 200 to anything.
  if (!size || !moment || head.object.etag.empty())
    return fail(ErrorCode::unavailable,
                fmt::format("the answer to HEAD of {} is not that of an object: no size, date or etag",
                            in_quotes(key.bytes())));
  head.object.size_bytes = *size;
  head.object.last_modified = *moment;
  head.object.version_id = header_of(response, "x-amz-version-id");
  if (const auto date = parse_http_date(header_of(response, "date")); date) head.asked_at = *date;
  head.storage_class = header_of(response, "x-amz-storage-class");
  if (head.storage_class == "STANDARD") head.storage_class.clear();
  head.is_archived = is_archived_now(response, head.storage_class);
  head.encryption = header_of(response, "x-amz-server-side-encryption");
  head.tag_count = parse_unsigned(header_of(response, "x-amz-tagging-count")).value_or(0);
  head.lock_shown = is_lock_shown(response, head.asked_at);
  for (const auto& [name, value] : response.headers)
    if (is_carried(name)) head.carried.emplace_back(name, value);
  return head;
}

Result<std::optional<ObjectHead>> head_object(S3Client& client, KeyView key, std::string_view version_id) {
  QueryParameters parameters;
  if (!version_id.empty()) parameters.emplace_back("versionId", version_id);
  HttpResponse response;
  std::optional<ObjectHead> head;
  const auto asked = client.read(S3Ask::of_object("HEAD", key, std::move(parameters)), response,
                                 [&](HttpResponse& answer) -> Result<void> {
                                   if (answer.header("x-amz-delete-marker") == "true") return {};
                                   FLOTSAM_ASSIGN(head, read_object_head(key, answer));
                                   return {};
                                 });
  if (asked) return head;
  if (asked.error().http_status == 404) return std::optional<ObjectHead>();
  // With a version id a delete marker is answered 405.
  if (asked.error().http_status == 405 && response.header("x-amz-delete-marker") == "true")
    return std::optional<ObjectHead>();
  return std::unexpected<Error>(asked.error());
}

bool is_same_object(const Object& planned, const Object& now) {
  const auto seconds = [](const Timestamp& moment) { return std::chrono::floor<Seconds>(moment); };
  const bool same_time = planned.last_modified && now.last_modified &&
                         seconds(*planned.last_modified) == seconds(*now.last_modified);
  const bool same_version =
      planned.version_id.empty() || now.version_id.empty() || planned.version_id == now.version_id;
  return !planned.etag.empty() && planned.etag == now.etag && planned.size_bytes == now.size_bytes &&
         same_time && same_version;
}

bool is_plain_etag(std::string_view etag) {
  return etag.size() == 32 && std::all_of(etag.begin(), etag.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

bool are_comparable(const ObjectHead& a, const ObjectHead& b) {
  const auto is_comparable = [](const ObjectHead& head) {
    return is_plain_etag(head.object.etag) && !head.encryption.starts_with("aws:kms");
  };
  return is_comparable(a) && is_comparable(b);
}

S3Ask ask_delete(KeyView key, std::string_view if_match_etag) {
  HttpHeaders headers;
  if (!if_match_etag.empty()) headers.emplace_back("if-match", fmt::format("\"{}\"", if_match_etag));
  return S3Ask::of_object("DELETE", key, {}, std::move(headers));
}

S3Ask ask_remove_marker(KeyView key, std::string_view marker_id) {
  CHECK(!marker_id.empty() && marker_id != "null");
  return S3Ask::of_object("DELETE", key, {{"versionId", std::string(marker_id)}});
}

}  // namespace flotsam
