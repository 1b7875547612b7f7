#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "support/fake_s3_parts.h"

namespace flotsam::test {
namespace {

using Objects = std::map<std::string, FakeObject>;

struct Question {
  std::string prefix, start_after, token, delimiter;
  unsigned max_keys = 1000;
  bool encoded = false;
};

struct Entry {
  std::string key;
  const FakeObject* object = nullptr;  ///< none: a group
};

struct Answer {
  std::vector<Entry> entries;
  bool truncated = false;
  std::string next_token;
};

/// Opaque to a client: the last key, disguised.
std::string token_of(const std::string& key) {
  std::string token = "t1-";
  for (const char c : key) {
    const unsigned value = static_cast<unsigned char>(c) ^ 0x5AU;
    token += "GHJKMNPQRSTVWXYZ"[value >> 4U];
    token += "GHJKMNPQRSTVWXYZ"[value & 15U];
  }
  return token;
}

std::optional<std::string> key_of(const std::string& token) {
  constexpr std::string_view kAlphabet = "GHJKMNPQRSTVWXYZ";
  const std::size_t end =
      std::min(token.find('.'), token.size());  // what follows only makes it another token
  if (!token.starts_with("t1-") || end % 2 == 0) return std::nullopt;
  std::string key;
  for (std::size_t i = 3; i + 1 < end; i += 2) {
    const auto high = kAlphabet.find(token[i]);
    const auto low = kAlphabet.find(token[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    key += static_cast<char>((high * 16 + low) ^ 0x5AU);
  }
  return key;
}

std::optional<WireAnswer> read_question(const WireRequest& request, const FakeS3Settings& settings,
                                        Question& question) {
  const auto invalid = [](std::string_view why) { return error_answer(400, "InvalidArgument", why); };
  bool is_v2 = false;
  for (const auto& [name, value] : parameters_of(request.query)) {
    if (name == "list-type") {
      is_v2 = value == "2";
    } else if (name == "prefix") {
      question.prefix = value;
    } else if (name == "start-after") {
      question.start_after = value;
    } else if (name == "continuation-token") {
      if (!key_of(value)) return invalid("The continuation token provided is incorrect");
      question.token = value;
    } else if (name == "delimiter") {
      question.delimiter = value;
    } else if (name == "max-keys") {
      char* end = nullptr;
      question.max_keys = static_cast<unsigned>(std::strtoul(value.c_str(), &end, 10));
      if (value.empty() || *end != '\0')
        return invalid("Provided max-keys not an integer or within integer range");
    } else if (name == "encoding-type") {
      if (value != "url") return invalid("Invalid Encoding Method specified in Request");
      question.encoded = true;
    } else {
      return invalid("unknown parameter " + name);
    }
  }
  if (!is_v2) return invalid("only list-type=2 is served here");
  for (const char c : question.start_after)
    if (static_cast<unsigned char>(c) < 0x20) return invalid("start-after holds a control character");
  question.max_keys = std::min(question.max_keys, settings.page_keys_max);
  return std::nullopt;
}

Objects::const_iterator first_of(const Question& question, const FakeS3Settings& settings,
                                 const Objects& objects, Fault fault) {
  if (!question.token.empty() && fault != Fault::ignored_token)
    return objects.upper_bound(*key_of(question.token));
  std::string after = question.start_after;
  if (after.empty() || settings.start_after == StartAfter::ignored) return objects.begin();
  if (settings.start_after == StartAfter::inclusive) return objects.lower_bound(after);
  if (settings.start_after == StartAfter::decoded_twice) {
    std::replace(after.begin(), after.end(), '+', ' ');
    after = percent_decoded(after);
  }
  auto first = objects.upper_bound(after);
  // Behind a key that exists it is right, behind a made-up one it loses a key: a probe does not see it.
  if (settings.start_after == StartAfter::skips_one && first != objects.end() && !objects.contains(after))
    ++first;
  return first;
}

Answer list(const Question& question, const FakeS3Settings& settings, const Objects& objects, Fault fault) {
  Answer answer;
  std::string last;
  for (auto at = first_of(question, settings, objects, fault); at != objects.end(); ++at) {
    const std::string& key = at->first;
    if (!key.starts_with(question.prefix)) continue;
    Entry entry{key, &at->second};
    if (!question.delimiter.empty()) {
      const auto cut = key.find(question.delimiter, question.prefix.size());
      if (cut != std::string::npos) entry = {key.substr(0, cut + question.delimiter.size()), nullptr};
      if (entry.object == nullptr && !answer.entries.empty() && answer.entries.back().key == entry.key) {
        last = key;
        continue;
      }
    }
    if (answer.entries.size() == question.max_keys) {
      answer.truncated = question.max_keys > 0;
      break;
    }
    last = key;
    answer.entries.push_back(std::move(entry));
  }
  if (answer.truncated) answer.next_token = token_of(last);
  return answer;
}

/// Faults in what the page holds.
void spoil_entries(Fault fault, const Question& question, const Objects& objects, Answer& answer) {
  auto& entries = answer.entries;
  const bool some = entries.size() >= 2;
  if (fault == Fault::unordered && some) std::swap(entries[0], entries[1]);
  if (fault == Fault::duplicate_key && !entries.empty()) entries.push_back(entries.back());
  if (fault == Fault::out_of_prefix && !entries.empty())
    entries.back().key = "~outside/" + entries.back().key;
  if (fault == Fault::empty_key && !entries.empty()) entries.front().key.clear();
  if (fault == Fault::truncated_without_token) {
    answer.truncated = true;
    answer.next_token.clear();
  }
  if (fault == Fault::token_without_truncated) {
    answer.truncated = false;
    answer.next_token = token_of("any");
  }
  if (fault == Fault::same_token) {
    answer.truncated = true;
    answer.next_token = question.token.empty() ? token_of("") : question.token;
  }
  static std::atomic<unsigned> counter{0};
  if (fault == Fault::empty_page) {
    const std::string here = question.token.empty() ? token_of(question.start_after) : question.token;
    answer.next_token = here.substr(0, here.find('.')) + "." + std::to_string(++counter);
    entries.clear();
    answer.truncated = true;
  }
  if (fault == Fault::ignored_token && answer.truncated) answer.next_token += "." + std::to_string(++counter);
  if (fault == Fault::more_than_asked && !objects.empty())
    while (entries.size() <= question.max_keys)
      entries.push_back(
          {question.prefix + "~" + std::to_string(100'000 + entries.size()), &objects.begin()->second});
}

std::string contents_of(const Entry& entry, Fault fault, KeyEncoding encoding) {
  std::string key = encoded_key(entry.key, encoding);
  if (fault == Fault::broken_escape) key += "%z1";
  if (fault == Fault::not_encoded) key = xml_escaped(entry.key + " \xC3\xA9");
  if (fault == Fault::markup_in_key) key += "<b>x</b>";
  if (fault == Fault::unknown_entity) key += "&harm;";
  if (fault == Fault::nul_character) key += "&#0;x";
  std::string text = "<Contents><Key>" + key + "</Key>";
  if (fault == Fault::two_keys) text += "<Key>" + key + "</Key>";
  if (fault == Fault::two_dates) text += "<LastModified>2001-01-01T00:00:00.000Z</LastModified>";
  if (fault == Fault::two_sizes) text += "<Size>1</Size>";
  if (fault == Fault::unreadable_date) text += "<LastModified>the day before yesterday</LastModified>";
  if (fault != Fault::unreadable_date && fault != Fault::no_date)
    text += "<LastModified>" + xml_escaped(entry.object->last_modified) + "</LastModified>";
  const std::string etag = xml_escaped(entry.object->etag);
  text +=
      fault == Fault::no_etag_quotes ? "<ETag>" + etag + "</ETag>" : "<ETag>&quot;" + etag + "&quot;</ETag>";
  std::string size = std::to_string(entry.object->size);
  if (fault == Fault::huge_size) size = "50000000000001";
  if (fault == Fault::negative_size) size = "-1";
  if (fault != Fault::no_size) text += "<Size>" + size + "</Size>";
  return text + field("StorageClass", entry.object->storage_class) + "</Contents>";
}

std::string page_xml(const Question& question, const FakeS3Settings& settings, const Answer& answer,
                     Fault fault) {
  const bool says_encoded = question.encoded && settings.encoding != KeyEncoding::raw;
  const KeyEncoding encoding = says_encoded ? settings.encoding : KeyEncoding::raw;
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  if (fault == Fault::doctype) xml += "<!DOCTYPE x [<!ENTITY e \"x\">]>";
  const std::string root = fault == Fault::other_root ? "ListAllMyBucketsResult" : "ListBucketResult";
  xml += "<" + root + " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  if (fault != Fault::no_name)
    xml += field("Name", fault == Fault::wrong_name ? "another-bucket" : settings.bucket);
  xml += field("Prefix", encoded_key(fault == Fault::wrong_prefix ? "other/" : question.prefix, encoding));
  if (!question.start_after.empty()) xml += field("StartAfter", encoded_key(question.start_after, encoding));
  if (!question.token.empty()) xml += field("ContinuationToken", question.token);
  const std::size_t count = answer.entries.size() + (fault == Fault::wrong_key_count ? 1 : 0);
  if (fault != Fault::no_key_count) xml += field("KeyCount", std::to_string(count));
  xml += field("MaxKeys", fault == Fault::wrong_max_keys ? "1000000" : std::to_string(question.max_keys));
  if (!question.delimiter.empty()) xml += field("Delimiter", encoded_key(question.delimiter, encoding));
  if (fault == Fault::delimiter_unasked) xml += field("Delimiter", "/");
  if (says_encoded) xml += field("EncodingType", fault == Fault::wrong_encoding_echo ? "base64" : "url");
  if (fault != Fault::no_is_truncated)
    xml += field("IsTruncated",
                 fault == Fault::bad_is_truncated ? "perhaps" : (answer.truncated ? "true" : "false"));
  if (!answer.next_token.empty() && (answer.truncated || fault == Fault::token_without_truncated))
    xml += field("NextContinuationToken", answer.next_token);
  for (const Entry& entry : answer.entries)
    if (entry.object != nullptr) xml += contents_of(entry, fault, encoding);
  for (const Entry& entry : answer.entries)
    if (entry.object == nullptr)
      xml += field("CommonPrefixes", field("Prefix", encoded_key(entry.key, encoding)));
  if (fault == Fault::groups_unasked)
    xml += field("CommonPrefixes", field("Prefix", encoded_key(question.prefix + "z/", encoding)));
  return xml + "</" + root + ">";
}

}  // namespace

WireAnswer answer_listing(const WireRequest& request, const FakeS3Settings& settings, const Objects& objects,
                          Fault fault, std::string& previous) {
  Question question;
  if (auto refused = read_question(request, settings, question)) return *refused;
  if (auto spoiled = answer_of_fault(fault)) return *spoiled;
  Answer page = list(question, settings, objects, fault);
  spoil_entries(fault, question, objects, page);
  WireAnswer answer;
  answer.headers.emplace_back("Content-Type", "application/xml");
  answer.body = page_xml(question, settings, page, fault);
  if (fault == Fault::repeated_page && !previous.empty()) answer.body = previous;
  if (fault == Fault::truncated_xml) answer.body.resize(answer.body.size() - 30);
  answer.cut_body = fault == Fault::cut_body;
  previous = answer.body;
  return answer;
}

}  // namespace flotsam::test
