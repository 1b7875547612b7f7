#include "store/s3/delete_batch.h"

#include <cstring>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/md5.h"
#include "store/s3/xml_answer.h"

namespace flotsam {

bool is_xml_key(KeyView key) {
  const std::string_view bytes = key.bytes();
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
  }
  return is_utf8(bytes) && bytes.find("\xEF\xBF\xBE") == std::string_view::npos &&
         bytes.find("\xEF\xBF\xBF") == std::string_view::npos;
}

void append_xml_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
}

void append_digest(HttpHeaders& headers, std::string_view body) {
  if (const auto digest = md5(body)) {
    headers.emplace_back("content-md5", to_base64(*digest));
  } else {
    headers.emplace_back("x-amz-checksum-sha256", to_base64(sha256(body)));
  }
}

S3Ask ask_delete_batch(std::span<const BatchDeletion> deletions) {
  CHECK(!deletions.empty() && deletions.size() <= kBatchKeysMax);
  std::string body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>false</Quiet>";
  for (const BatchDeletion& deletion : deletions) {
    CHECK(!deletion.key.empty() && is_xml_key(deletion.key));
    body += "<Object><Key>";
    append_xml_text(body, deletion.key.bytes());
    body += "</Key>";
    if (!deletion.etag.empty()) {
      body += "<ETag>&quot;";
      append_xml_text(body, deletion.etag);
      body += "&quot;</ETag>";
    }
    body += "</Object>";
  }
  body += "</Delete>";
  HttpHeaders headers = {{"content-type", "application/xml"}};
  append_digest(headers, body);
  return S3Ask::of_batch(std::move(body), std::move(headers));
}

Result<std::vector<BatchEntry>> parse_batch_answer(std::string& body) {
  pugi::xml_document document;
  auto parsed = parse_xml_in_place(document, body);
  if (!parsed) return fail(std::move(parsed).error(), "while reading the answer to a batch of deletions");
  const bool is_result = std::strcmp(parsed->name(), "DeleteResult") == 0 ||
                         std::strcmp(parsed->name(), "DeleteObjectsResult") == 0;
  if (!is_result)
    return fail(ErrorCode::corrupt,
                fmt::format("the answer to a batch of deletions is a <{}>", to_printable(parsed->name())));
  std::vector<BatchEntry> entries;
  for (const pugi::xml_node node : parsed->children()) {
    const bool deleted = std::strcmp(node.name(), "Deleted") == 0;
    if (!deleted && std::strcmp(node.name(), "Error") != 0) continue;
    BatchEntry entry;
    entry.deleted = deleted;
    std::string_view key;
    if (!read_text(node.child("Key"), key) || key.empty()) continue;  // names nothing that was asked for
    entry.key = key;
    entry.is_marker = text_of_child(node, "DeleteMarker") == "true";
    entry.marker_id = text_of_child(node, "DeleteMarkerVersionId");
    entry.version_id = text_of_child(node, "VersionId");
    entry.code = text_of_child(node, "Code");
    entry.message = text_of_child(node, "Message");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace flotsam
