#include "store/s3/s3_probe_ground.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/s3/listing_page.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

constexpr unsigned kPagesMax = 100;  ///< a probe writes some dozens of versions

}  // namespace

ProbeGround::ProbeGround(S3Session& session, S3Client& client, std::string base)
    : session_(session), client_(client), base_(std::move(base)) {}

std::string ProbeGround::new_key(std::string_view name) {
  return fmt::format("{}{}-{}", base_, name, ++count_);
}

void ProbeGround::note_version(const std::string& key, const HttpResponse& response) {
  const auto id = response.header("x-amz-version-id");
  if (id && !id->empty()) versions_.emplace(key, *id);
}

Result<S3Settled> ProbeGround::put(const std::string& key, const std::string& body, HttpHeaders headers) {
  CHECK(key.starts_with(base_));
  auto settled =
      settle(session_, client_, S3Ask::of_object("PUT", KeyView(key), {}, std::move(headers), body));
  if (!settled || settled->done || settled->repeated) keys_.insert(key);
  if (settled && settled->done) note_version(key, settled->response);
  return settled;
}

Result<ProbeGround::Overwritten> ProbeGround::put_twice(std::string_view name) {
  Overwritten written{.key = new_key(name), .old_etag = {}, .etag = {}};
  for (std::string* etag : {&written.old_etag, &written.etag}) {
    FLOTSAM_ASSIGN(const S3Settled settled, put(written.key, etag == &written.etag ? "new" : "old"));
    if (!settled.done) return std::unexpected<Error>(settled.error);
    FLOTSAM_ASSIGN(const auto seen, etag_of(written.key));
    if (!seen || seen->empty())
      return fail(ErrorCode::corrupt, "the store does not show what was just written, or gives it no etag");
    *etag = *seen;
  }
  if (written.etag == written.old_etag)
    return fail(ErrorCode::corrupt, "the store gives two different objects one etag");
  return written;
}

Result<std::optional<std::string>> ProbeGround::etag_of(const std::string& key) {
  FLOTSAM_ASSIGN(const auto head, head_object(client_, KeyView(key)));
  if (!head) return std::nullopt;
  return head->object.etag;
}

S3Sent ProbeGround::send(const S3Ask& ask, HttpResponse& response) {
  CHECK(ask.key().bytes().empty() || ask.key().bytes().starts_with(base_));
  S3Sent sent = client_.send_once(ask, response);
  if (sent.fate == S3Sent::Fate::done && !ask.key().bytes().empty())
    note_version(ask.key().bytes(), response);
  return sent;
}

Result<std::vector<std::string>> ProbeGround::list() {
  std::vector<std::string> keys;
  ListingPageParser parser(session_.address().bucket);
  ListingPage page;
  HttpResponse response;
  ListObjectsAsk ask{.prefix = base_,
                     .start_after = "",
                     .token = "",
                     .delimiter = "",
                     .max_keys = session_.tuning().page_keys};
  for (unsigned pages = 0; pages < kPagesMax; ++pages) {
    FLOTSAM_TRY(client_.get(list_objects_parameters(ask), response,
                            [&](HttpResponse& answer) { return parser.parse(ask, answer.body, page); }));
    for (const ObjectView& object : page.objects) {
      if (!keys.empty() && object.key.bytes() <= keys.back())
        return fail(ErrorCode::corrupt, fmt::format("key {} comes after {}: keys must rise",
                                                    in_quotes(object.key.bytes()), in_quotes(keys.back())));
      keys.emplace_back(object.key.bytes());
    }
    if (!page.truncated) return keys;
    ask.token = page.token;
  }
  return fail(ErrorCode::corrupt, "the listing does not end");
}

Result<std::vector<std::pair<std::string, std::string>>> ProbeGround::versions_below(S3Client& client) {
  std::vector<std::pair<std::string, std::string>> found;
  std::string key_marker, version_marker;
  for (unsigned pages = 0; pages < kPagesMax; ++pages) {
    QueryParameters ask = {{"versions", ""}, {"encoding-type", "url"}, {"prefix", base_}};
    if (!key_marker.empty()) ask.emplace_back("key-marker", key_marker);
    if (!version_marker.empty()) ask.emplace_back("version-id-marker", version_marker);
    HttpResponse response;
    FLOTSAM_TRY(client.get(ask, response, [](HttpResponse&) -> Result<void> { return {}; }));
    pugi::xml_document document;
    FLOTSAM_ASSIGN(const pugi::xml_node root, parse_xml_in_place(document, response.body));
    if (std::string_view(root.name()) != "ListVersionsResult")
      return fail(ErrorCode::refused, "the store does not list versions");
    const bool encoded = text_of_child(root, "EncodingType") == "url";
    const auto key_text = [&](pugi::xml_node node, const char* name) {
      std::string text(text_of_child(node, name));
      if (!encoded) return text;
      const auto plain = decode_form_in_place(text.data(), text.size());
      return std::string(plain.value_or(std::string_view()));
    };
    for (const pugi::xml_node node : root.children()) {
      const std::string_view kind = node.name();
      if (kind != "Version" && kind != "DeleteMarker") continue;
      std::string key = key_text(node, "Key");
      // Whatever the store answers, nothing outside the probe's own prefix is ever touched.
      if (key.starts_with(base_)) found.emplace_back(std::move(key), text_of_child(node, "VersionId"));
    }
    if (text_of_child(root, "IsTruncated") != "true") return found;
    key_marker = key_text(root, "NextKeyMarker");
    version_marker = text_of_child(root, "NextVersionIdMarker");
  }
  return found;
}

bool ProbeGround::remove(S3Client& client, const std::string& key, const std::string& version_id) {
  CHECK(key.starts_with(base_) && key.size() > base_.size());
  QueryParameters parameters;
  if (!version_id.empty()) parameters.emplace_back("versionId", version_id);
  const auto settled =
      settle(session_, client, S3Ask::of_object("DELETE", KeyView(key), std::move(parameters)));
  if (!settled) return false;
  if (settled->done && version_id.empty()) note_version(key, settled->response);
  return settled->done || settled->status == 404;
}

std::vector<std::string> ProbeGround::clean_up(S3Client& client) {
  std::vector<std::string> left;
  const std::string bucket = "s3://" + session_.address().bucket + "/";
  if (!versions_.empty())
    if (const auto found = versions_below(client)) versions_.insert(found->begin(), found->end());
  bool versions_removed = true;
  for (const auto& [key, id] : std::set<std::pair<std::string, std::string>>(versions_)) {
    // "null" may be no more than a store's way to say that it keeps none: the look below tells.
    const bool removed = remove(client, key, id);
    versions_removed = versions_removed && (removed || id == "null");
  }
  for (const std::string& key : keys_) {
    const auto head = head_object(client, KeyView(key));
    const bool is_gone = head && !*head;
    if (!is_gone && !remove(client, key, {})) left.push_back(bucket + key);
  }
  if (!versions_removed && left.empty()) left.push_back("older versions below " + bucket + base_);
  return left;
}

}  // namespace flotsam
