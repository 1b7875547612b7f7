#pragma once

/// The inside of fake_s3.h. No test includes this.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/fake_s3.h"

namespace flotsam::test {

struct WireRequest {
  std::string method, path, query, line;
  std::vector<std::pair<std::string, std::string>> headers;  ///< lower-case names
  std::string body;
  std::string header(std::string_view name) const;
  bool has_header(std::string_view name) const;
};

struct WireAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool cut_connection = false;
  bool cut_body = false;
  std::optional<std::uint64_t> content_length{};  ///< of HEAD, where it is not that of the body
};

/// The parameters of a query, decoded (percent escapes only, as S3 does), in order.
std::vector<std::pair<std::string, std::string>> parameters_of(std::string_view query);
std::string percent_encoded(std::string_view bytes, std::string_view kept);
std::string percent_decoded(std::string_view text);
std::string xml_escaped(std::string_view text);
/// A key as it stands in a listing.
std::string encoded_key(const std::string& key, KeyEncoding encoding);
/// "<name>text</name>"; the text is XML already.
std::string field(std::string_view name, const std::string& text);
WireAnswer error_answer(int status, std::string_view code, std::string_view message,
                        std::string_view more = {});
WireAnswer xml_answer(std::string body);

/// An element of XML: text, or children.
struct XmlElement {
  std::string name, text;
  std::vector<XmlElement> children;
  const XmlElement* child(std::string_view child_name) const;
};
/// Reads a request's XML as AWS does: well-formed, one root, no DOCTYPE, nothing that XML 1.0 cannot carry,
/// CR and CR LF read as LF. Nothing: MalformedXML.
std::optional<XmlElement> parse_request_xml(std::string_view text);

std::string md5_hex(std::string_view bytes);
std::string md5_base64(std::string_view bytes);
std::string sha256_base64(std::string_view bytes);
/// Without the quotes around it.
std::string unquoted(std::string text);

/// Nothing where the request is signed as AWS demands, else the refusal (AWS: "Signature Version 4").
std::optional<WireAnswer> check_signature(const WireRequest& request, const FakeS3Settings& settings,
                                          std::chrono::system_clock::time_point server_now);
/// Nothing where Content-MD5 and x-amz-checksum-sha256, as far as they are sent, are those of the body.
std::optional<WireAnswer> check_digests(const WireRequest& request);

/// Faults that need no answer of the operation.
std::optional<WireAnswer> answer_of_fault(Fault fault);

/// The answer to a ListObjectsV2. `previous` is the body of the last listing; it is replaced.
WireAnswer answer_listing(const WireRequest& request, const FakeS3Settings& settings,
                          const std::map<std::string, FakeObject>& objects, Fault fault,
                          std::string& previous);

}  // namespace flotsam::test
