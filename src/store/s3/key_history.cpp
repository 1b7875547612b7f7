#include "store/s3/key_history.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "base/bytes.h"
#include "store/s3/listing_page.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

constexpr unsigned kPagesMax = 1000;
constexpr const char* kNoVersions = "NoListOfVersions";

std::unexpected<Error> distrust(std::string message) {
  return fail(ErrorCode::corrupt, std::move(message),
              "the list of versions cannot be trusted: check the store, and any proxy before it");
}

/// Reads the pages of one key's history.
class HistoryReading {
 public:
  HistoryReading(std::string bucket, KeyView key) : bucket_(std::move(bucket)), key_(key) {}

  QueryParameters parameters() const {
    QueryParameters ask = {{"versions", ""},
                           {"encoding-type", "url"},
                           {"max-keys", "1000"},
                           {"prefix", std::string(key_.bytes())}};
    if (!key_marker_.empty()) ask.emplace_back("key-marker", key_marker_);
    if (!version_marker_.empty()) ask.emplace_back("version-id-marker", version_marker_);
    return ask;
  }

  /// Takes a page in, whose body is overwritten.
  Result<void> page(std::string& body);
  bool wants_more() const { return truncated_ && !other_key_ && !is_enough(); }
  Result<std::vector<KeyVersion>> finish() { return in_order(std::move(versions_)); }

 private:
  bool is_enough() const {
    return !versions_.empty() && versions_.front().is_latest && !versions_.back().is_marker;
  }
  Result<void> read_head(pugi::xml_node root);
  Result<void> read_entry(pugi::xml_node entry, bool is_marker);
  Result<std::string> decoded(std::string_view text) const;

  std::string bucket_;
  KeyView key_;
  std::string key_marker_, version_marker_;
  bool encoded_ = false;
  bool truncated_ = false;
  bool other_key_ = false;
  std::vector<KeyVersion> versions_;
};

Result<std::string> HistoryReading::decoded(std::string_view text) const {
  std::string copy(text);
  if (!encoded_) return copy;
  const auto plain = decode_form_in_place(copy.data(), copy.size());
  if (!plain)
    return distrust(fmt::format("the list says EncodingType url, but {} is not encoded", in_quotes(text)));
  return std::string(*plain);
}

Result<void> HistoryReading::read_head(pugi::xml_node root) {
  if (const auto name = text_of_child(root, "Name"); name != bucket_)
    return distrust(fmt::format("the list is of bucket {}, not of {}", in_quotes(name), in_quotes(bucket_)));
  const std::string_view encoding = text_of_child(root, "EncodingType");
  if (!encoding.empty() && encoding != "url")
    return distrust(fmt::format("the list says EncodingType {}", in_quotes(encoding)));
  encoded_ = encoding == "url";
  const std::string_view prefix = text_of_child(root, "Prefix");
  if (prefix != key_.bytes()) {  // some stores do not encode this echo
    FLOTSAM_ASSIGN(const std::string plain, decoded(prefix));
    if (plain != key_.bytes())
      return distrust(
          fmt::format("the list is of prefix {}, not of {}", in_quotes(prefix), in_quotes(key_.bytes())));
  }
  const std::string_view truncated = text_of_child(root, "IsTruncated");
  if (truncated != "true" && truncated != "false")
    return distrust(
        fmt::format("the list does not say whether more follows (IsTruncated {})", in_quotes(truncated)));
  truncated_ = truncated == "true";
  if (!truncated_) return {};
  FLOTSAM_ASSIGN(std::string key_marker, decoded(text_of_child(root, "NextKeyMarker")));
  std::string version_marker(text_of_child(root, "NextVersionIdMarker"));
  if (key_marker.empty() || (key_marker == key_marker_ && version_marker == version_marker_))
    return distrust("the list says that more follows, but not how to ask for it");
  key_marker_ = std::move(key_marker);
  version_marker_ = std::move(version_marker);
  return {};
}

Result<void> HistoryReading::read_entry(pugi::xml_node entry, bool is_marker) {
  std::string_view raw;
  if (!read_text(entry.child("Key"), raw)) return distrust("the list holds an entry without a key");
  FLOTSAM_ASSIGN(const std::string key, decoded(raw));
  if (!key.starts_with(key_.bytes()))
    return distrust(fmt::format("key {} does not begin with {}", in_quotes(key), in_quotes(key_.bytes())));
  if (key != key_.bytes()) {
    other_key_ = true;
    return {};
  }
  if (!encoded_ && !is_utf8(key)) return distrust("the list holds a key that XML cannot carry");
  KeyVersion version;
  version.is_marker = is_marker;
  version.is_latest = text_of_child(entry, "IsLatest") == "true";
  version.object.key = Key(key_);
  version.object.version_id = text_of_child(entry, "VersionId");
  if (const auto moment = parse_rfc3339(text_of_child(entry, "LastModified")); moment)
    version.object.last_modified = *moment;
  if (!is_marker) {
    const auto size = parse_unsigned(text_of_child(entry, "Size"));
    if (!size || *size > kObjectSizeMax) return distrust("the list holds a version without a size");
    version.object.size_bytes = *size;
    std::string_view etag = text_of_child(entry, "ETag");
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    version.object.etag = etag;
  }
  versions_.push_back(std::move(version));
  return {};
}

Result<void> HistoryReading::page(std::string& body) {
  pugi::xml_document document;
  auto parsed = parse_xml_in_place(document, body);
  if (!parsed)
    return fail(ErrorCode::unavailable, "the answer to a list of versions is " + parsed.error().message);
  if (std::strcmp(parsed->name(), "ListVersionsResult") != 0) {
    auto other =
        distrust(fmt::format("the answer to a list of versions is a <{}>", to_printable(parsed->name())));
    if (std::strcmp(parsed->name(), "ListBucketResult") != 0) return other;
    // So a store answers that does not know what it was asked for.
    Error error = std::move(other).error();
    error.code = ErrorCode::refused;
    error.service_code = kNoVersions;
    return std::unexpected<Error>(std::move(error));
  }
  FLOTSAM_TRY(read_head(*parsed));
  for (const pugi::xml_node node : parsed->children()) {
    const bool is_marker = std::strcmp(node.name(), "DeleteMarker") == 0;
    if (is_marker || std::strcmp(node.name(), "Version") == 0) FLOTSAM_TRY(read_entry(node, is_marker));
  }
  return {};
}

}  // namespace

Result<std::vector<KeyVersion>> in_order(std::vector<KeyVersion> versions) {
  if (versions.empty()) return versions;
  const std::string& key = versions.front().object.key.bytes();
  const auto latest =
      std::count_if(versions.begin(), versions.end(), [](const KeyVersion& v) { return v.is_latest; });
  if (latest != 1)
    return distrust(fmt::format("{} versions of {} are said to be the latest", latest, in_quotes(key)));
  if (versions.front().is_latest) return versions;
  const auto time_of = [](const KeyVersion& v) { return v.object.last_modified.value_or(Timestamp::min()); };
  std::stable_sort(versions.begin(), versions.end(), [&](const KeyVersion& a, const KeyVersion& b) {
    if (a.is_latest != b.is_latest) return a.is_latest;
    if (time_of(a) != time_of(b)) return time_of(a) > time_of(b);
    return a.is_marker && !b.is_marker;
  });
  return versions;
}

Result<std::vector<KeyVersion>> history_of(S3Client& client, const std::string& bucket, KeyView key) {
  HistoryReading reading(bucket, key);
  HttpResponse response;
  for (unsigned page = 0; page < kPagesMax; ++page) {
    std::string body;
    const auto keep = [&](HttpResponse& answer) -> Result<void> {
      // Its end proves that it is whole; a page is taken in once, so that a repetition adds nothing twice.
      pugi::xml_document document;
      std::string copy = answer.body;
      if (!parse_xml_in_place(document, copy))
        return fail(ErrorCode::unavailable, "the answer to a list of versions is not whole");
      body = std::move(answer.body);
      return {};
    };
    if (auto asked = client.get(reading.parameters(), response, keep); !asked)
      return fail(std::move(asked).error(),
                  fmt::format("while listing the versions of {}", in_quotes(key.bytes())));
    FLOTSAM_TRY(reading.page(body));
    if (!reading.wants_more()) return reading.finish();
  }
  return distrust(fmt::format("the versions of {} have no end", in_quotes(key.bytes())));
}

bool knows_no_versions(const Error& error) {
  return error.http_status == 501 || error.http_status == 405 || error.service_code == kNoVersions ||
         error.service_code == "NotImplemented" || error.service_code == "MethodNotAllowed";
}

}  // namespace flotsam
