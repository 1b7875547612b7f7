#include "store/s3/object_tags.h"

#include <algorithm>
#include <cstring>

#include "store/s3/delete_batch.h"
#include "store/s3/xml_answer.h"

namespace flotsam {

Result<ObjectTags> read_tags(S3Client& client, const ObjectHead& head, std::string_view version_id) {
  QueryParameters parameters = sub_resource_parameters("tagging");
  if (!version_id.empty()) parameters.emplace_back("versionId", version_id);
  HttpResponse response;
  ObjectTags tags;
  const auto read = [&](HttpResponse& answer) -> Result<void> {
    tags.clear();
    if (answer.body.empty() && head.tag_count == 0) return {};
    pugi::xml_document document;
    std::string copy = answer.body;
    const auto root = parse_xml_in_place(document, copy);
    if (!root || std::strcmp(root->name(), "Tagging") != 0)
      return fail(ErrorCode::unavailable, "the answer to a request for tags is none");
    for (const pugi::xml_node tag : root->child("TagSet").children("Tag"))
      tags.emplace_back(text_of_child(tag, "Key"), text_of_child(tag, "Value"));
    std::sort(tags.begin(), tags.end());
    return {};
  };
  const auto asked =
      client.read(S3Ask::of_object("GET", head.object.key.view(), std::move(parameters)), response, read);
  if (asked) return tags;
  const Error& error = asked.error();
  if (error.http_status == 501 || error.http_status == 405 || error.service_code == "NoSuchTagSet")
    return ObjectTags();
  return fail(error, "while reading the tags of the object");
}

Result<void> put_tags(S3Client& client, KeyView key, const ObjectTags& tags) {
  std::string body = "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>";
  for (const auto& [name, value] : tags) {
    body += "<Tag><Key>";
    append_xml_text(body, name);
    body += "</Key><Value>";
    append_xml_text(body, value);
    body += "</Value></Tag>";
  }
  body += "</TagSet></Tagging>";
  HttpHeaders headers = {{"content-type", "application/xml"}};
  append_digest(headers, body);
  HttpResponse response;
  const auto any = [](HttpResponse&) -> Result<void> { return {}; };
  const S3Ask ask =
      S3Ask::of_object("PUT", key, sub_resource_parameters("tagging"), std::move(headers), std::move(body));
  if (auto put = client.repeat(ask, response, any); !put)
    return fail(std::move(put).error(), "while setting the tags of the copy");
  return {};
}

std::string tagging_header(const ObjectTags& tags) {
  std::string header;
  for (const auto& [name, value] : tags) {
    if (!header.empty()) header += '&';
    append_uri_encoded(header, name, Slash::encode);
    header += '=';
    append_uri_encoded(header, value, Slash::encode);
  }
  return header;
}

}  // namespace flotsam
