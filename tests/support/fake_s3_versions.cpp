// ListObjectVersions of the fake S3.

#include <algorithm>
#include <cstdlib>

#include "support/fake_s3_bucket.h"

namespace flotsam::test {
namespace {

struct Question {
  std::string prefix, key_marker, version_marker, delimiter;
  unsigned max_keys = 1000;
  bool encoded = false;
};

struct Entry {
  std::string key;
  const FakeVersion* version = nullptr;  ///< none: a group
};

std::optional<WireAnswer> read_question(const Exchange& exchange, Question& question) {
  const auto invalid = [](const std::string& why) { return error_answer(400, "InvalidArgument", why); };
  for (const auto& [name, value] : exchange.parameters) {
    if (name == "versions") {
      continue;
    } else if (name == "prefix") {
      question.prefix = value;
    } else if (name == "key-marker") {
      question.key_marker = value;
    } else if (name == "version-id-marker") {
      if (value.empty()) return invalid("A version-id marker cannot be empty.");
      question.version_marker = value;
    } else if (name == "delimiter") {
      question.delimiter = value;
    } else if (name == "max-keys") {
      char* end = nullptr;
      question.max_keys = static_cast<unsigned>(std::strtoul(value.c_str(), &end, 10));
      if (value.empty() || *end != '\0') return invalid("Provided max-keys not an integer");
    } else if (name == "encoding-type") {
      if (value != "url") return invalid("Invalid Encoding Method specified in Request");
      question.encoded = true;
    } else {
      return invalid("unknown parameter " + name);
    }
  }
  if (!question.version_marker.empty() && question.key_marker.empty())
    return invalid("A version-id marker cannot be specified without a key marker.");
  if (!question.version_marker.empty() &&
      exchange.bucket.sequence_of(question.key_marker, question.version_marker) == 0)
    return invalid("Invalid version id specified");
  question.max_keys = std::min(question.max_keys, exchange.settings.page_keys_max);
  return std::nullopt;
}

/// True where the version stands behind the markers.
bool is_behind(const Exchange& exchange, const Question& question, const std::string& key,
               const FakeVersion& version) {
  if (key != question.key_marker) return key > question.key_marker;
  if (question.version_marker.empty()) return false;
  return exchange.bucket.sequence_of(key, version.version_id) <
         exchange.bucket.sequence_of(key, question.version_marker);
}

std::vector<Entry> entries_of(const Exchange& exchange, const Question& question, bool& truncated) {
  std::vector<Entry> entries;
  for (const auto& [key, versions] : exchange.bucket.all()) {
    if (!key.starts_with(question.prefix)) continue;
    for (const FakeVersion& version : versions) {
      if (!is_behind(exchange, question, key, version)) continue;
      Entry entry{key, &version};
      if (!question.delimiter.empty()) {
        const auto cut = key.find(question.delimiter, question.prefix.size());
        if (cut != std::string::npos) entry = {key.substr(0, cut + question.delimiter.size()), nullptr};
        const bool seen =
            entry.version == nullptr &&
            ((!entries.empty() && entries.back().key == entry.key) || entry.key <= question.key_marker);
        if (seen) continue;
      }
      if (entries.size() == question.max_keys) {
        truncated = true;
        return entries;
      }
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::string xml_of(const Entry& entry, KeyEncoding encoding) {
  if (entry.version == nullptr)
    return field("CommonPrefixes", field("Prefix", encoded_key(entry.key, encoding)));
  const FakeVersion& version = *entry.version;
  std::string text = field("Key", encoded_key(entry.key, encoding)) + field("VersionId", version.version_id) +
                     field("IsLatest", version.is_latest ? "true" : "false") +
                     field("LastModified", xml_escaped(version.object.last_modified));
  if (!version.is_marker)
    text += field("ETag", "&quot;" + xml_escaped(version.object.etag) + "&quot;") +
            field("Size", std::to_string(version.object.size)) +
            field("StorageClass", version.object.storage_class);
  text += field("Owner", field("ID", "0123") + field("DisplayName", "owner"));
  return field(version.is_marker ? "DeleteMarker" : "Version", text);
}

}  // namespace

WireAnswer answer_list_versions(const Exchange& exchange) {
  Question question;
  const FakeS3Settings& settings = exchange.settings;
  const Fault fault = exchange.fault;
  if (auto refused = read_question(exchange, question)) return *refused;
  bool truncated = false;
  std::vector<Entry> entries = entries_of(exchange, question, truncated);
  const bool says_encoded = question.encoded && settings.encoding != KeyEncoding::raw;
  const KeyEncoding encoding = says_encoded ? settings.encoding : KeyEncoding::raw;
  std::string next = truncated ? field("NextKeyMarker", encoded_key(entries.back().key, encoding)) : "";
  if (truncated && entries.back().version != nullptr)
    next += field("NextVersionIdMarker", entries.back().version->version_id);
  if (fault == Fault::truncated_without_token) {
    truncated = true;
    next.clear();
  }
  if (fault == Fault::same_token) {
    truncated = true;
    next = field("NextKeyMarker", encoded_key(question.key_marker, encoding)) +
           field("NextVersionIdMarker", question.version_marker);
  }
  if (fault == Fault::unordered) std::reverse(entries.begin(), entries.end());
  if (fault == Fault::out_of_prefix && !entries.empty())
    entries.back().key = "~outside/" + entries.back().key;
  const std::string root = fault == Fault::other_root ? "ListBucketResult" : "ListVersionsResult";
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + root +
                    " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  xml += field("Name", fault == Fault::wrong_name ? "another-bucket" : settings.bucket);
  xml += field("Prefix", encoded_key(fault == Fault::wrong_prefix ? "other/" : question.prefix, encoding));
  xml += field("KeyMarker", encoded_key(question.key_marker, encoding));
  xml += field("VersionIdMarker", question.version_marker) + next;
  xml += field("MaxKeys", std::to_string(question.max_keys));
  if (!question.delimiter.empty()) xml += field("Delimiter", encoded_key(question.delimiter, encoding));
  if (says_encoded) xml += field("EncodingType", "url");
  if (fault != Fault::no_is_truncated) xml += field("IsTruncated", truncated ? "true" : "false");
  for (const Entry& entry : entries) xml += xml_of(entry, encoding);
  return xml_answer(xml + "</" + root + ">");
}

}  // namespace flotsam::test
