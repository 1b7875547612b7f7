#include "store/s3/listing_page.h"

#include <cstring>
#include <fmt/format.h>

#include "base/bytes.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Without an encoding, XML cannot carry some characters and alters others: a key that holds them may be
/// another key.
bool is_doubtful_raw(std::string_view key) {
  for (const char c : key)
    if (static_cast<unsigned char>(c) < 0x20) return true;
  if (!is_utf8(key)) return true;
  for (const std::string_view replaced :
       {"\xEF\xBF\xBD", "\xEF\xBF\xBE", "\xEF\xBF\xBF"})  // U+FFFD, U+FFFE, U+FFFF
    if (key.find(replaced) != std::string_view::npos) return true;
  return false;
}

std::unexpected<Error> distrust(std::string message) {
  return fail(ErrorCode::corrupt, std::move(message),
              "the listing cannot be trusted: check the store, and any proxy before it");
}

}  // namespace

std::optional<std::string_view> decode_form_in_place(char* text, std::size_t size) {
  char* out = text;
  for (std::size_t i = 0; i < size; ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= size) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      *out++ = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+') {
      *out++ = ' ';
    } else if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
      return std::nullopt;
    } else {
      *out++ = c;
    }
  }
  return std::string_view(text, static_cast<std::size_t>(out - text));
}

/// The state of one parse; the document's memory is kept.
struct ListingPageParser::Reading {
  pugi::xml_document document;
  const std::string* bucket = nullptr;
  const ListObjectsAsk* ask = nullptr;
  ListingPage* page = nullptr;
  char* begin = nullptr;  ///< of the body: what views into it are turned back into
  bool encoded = false;
  std::string_view previous;

  /// Text of the body, decoded where the page is encoded.
  Result<std::string_view> decoded(std::string_view text) const {
    if (!encoded) return text;
    if (text.empty()) return text;
    const auto plain = decode_form_in_place(begin + (text.data() - begin), text.size());
    if (!plain)
      return distrust(fmt::format("the page says EncodingType url, but {} is not encoded", in_quotes(text)));
    return *plain;
  }

  Result<void> read_head(pugi::xml_node root);
  Result<void> check_counts(pugi::xml_node root) const;
  Result<void> read_key(std::string_view raw, std::string_view& key);
  Result<void> read_contents(pugi::xml_node contents);
  Result<void> read_common_prefix(pugi::xml_node element);
};

Result<void> ListingPageParser::Reading::read_head(pugi::xml_node root) {
  std::string_view text;
  if (const auto element = root.child("Name"); !read_text(element, text) || text != *bucket)
    return distrust(fmt::format("the page is of bucket {}, not of {}", in_quotes(text), in_quotes(*bucket)));
  if (const auto element = root.child("EncodingType"); element) {
    if (!read_text(element, text) || (text != "url" && !text.empty()))
      return distrust(fmt::format("the page says EncodingType {}, asked for was url", in_quotes(text)));
    encoded = text == "url";
  }
  std::string prefix(text_of_child(root, "Prefix"));
  if (prefix != ask->prefix) {  // some stores encode keys but not this echo
    const auto plain = decode_form_in_place(prefix.data(), prefix.size());
    if (!encoded || !plain || *plain != ask->prefix)
      return distrust(
          fmt::format("the page is of prefix {}, not of {}", in_quotes(prefix), in_quotes(ask->prefix)));
  }
  text = text_of_child(root, "Delimiter");
  if (ask->delimiter.empty() && !text.empty())
    return distrust(fmt::format("the page was grouped by {}, which was not asked for", in_quotes(text)));
  text = text_of_child(root, "IsTruncated");
  if (text != "true" && text != "false")
    return distrust(
        fmt::format("the page does not say whether more follows (IsTruncated {})", in_quotes(text)));
  page->truncated = text == "true";
  page->token = text_of_child(root, "NextContinuationToken");
  if (page->truncated && page->token.empty())
    return distrust("the page says that more follows, but not how to ask for it");
  if (!page->truncated && !page->token.empty())
    return distrust("the page says that it is the last one, yet names a next one");
  if (page->truncated && page->token == ask->token) return distrust("the page names itself as the next one");
  return {};
}

Result<void> ListingPageParser::Reading::check_counts(pugi::xml_node root) const {
  const std::size_t found = page->objects.size() + page->common_prefixes.size();
  std::string_view text = text_of_child(root, "KeyCount");
  if (root.child("KeyCount") && parse_unsigned(text) != found)
    return distrust(fmt::format("the page says that it holds {} keys, it holds {}", in_quotes(text), found));
  text = text_of_child(root, "MaxKeys");
  const auto echoed = parse_unsigned(text);
  if (root.child("MaxKeys") && (!echoed || *echoed > ask->max_keys))
    return distrust(
        fmt::format("the page says MaxKeys {}, asked for were {}", in_quotes(text), ask->max_keys));
  if (found > ask->max_keys)
    return distrust(fmt::format("the page holds {} keys, asked for were at most {}", found, ask->max_keys));
  return {};
}

Result<void> ListingPageParser::Reading::read_key(std::string_view raw, std::string_view& key) {
  FLOTSAM_ASSIGN(key, decoded(raw));
  if (key.empty()) return distrust("the page holds an entry without a key");
  if (!encoded && is_doubtful_raw(key))
    return distrust(fmt::format("the store sends keys without encoding, and key {} cannot be sent like that",
                                in_quotes(key)));
  if (!key.starts_with(ask->prefix))
    return distrust(
        fmt::format("key {} does not begin with the prefix {}", in_quotes(key), in_quotes(ask->prefix)));
  return {};
}

Result<void> ListingPageParser::Reading::read_contents(pugi::xml_node contents) {
  ObjectView object;
  std::string_view key, size, date, etag;
  bool plain = true;
  unsigned keys = 0, sizes = 0, dates = 0;
  for (pugi::xml_node field = contents.first_child(); field; field = field.next_sibling()) {
    const char* name = field.name();
    if (std::strcmp(name, "Key") == 0) {
      plain = plain && read_text(field, key);
      ++keys;
    } else if (std::strcmp(name, "Size") == 0) {
      plain = plain && read_text(field, size);
      ++sizes;
    } else if (std::strcmp(name, "LastModified") == 0) {
      plain = plain && read_text(field, date);
      ++dates;
    } else if (std::strcmp(name, "ETag") == 0) {
      plain = plain && read_text(field, etag);
    }
  }
  if (!plain || keys != 1 || sizes > 1 || dates > 1)
    return distrust("the page holds an entry that is no object");
  std::string_view bytes;
  FLOTSAM_TRY(read_key(key, bytes));
  if (!previous.empty() && bytes <= previous)
    return distrust(
        fmt::format("key {} comes after {}: keys must rise", in_quotes(bytes), in_quotes(previous)));
  previous = bytes;
  object.key = KeyView(bytes);
  const auto size_bytes = parse_unsigned(size);
  if (!size_bytes || *size_bytes > kObjectSizeMax)
    return distrust(fmt::format("object {} has the size {}", in_quotes(bytes), in_quotes(size)));
  object.size_bytes = *size_bytes;
  if (const auto moment = parse_rfc3339(date); moment) object.last_modified = *moment;
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  object.etag = etag;
  page->objects.push_back(object);
  return {};
}

Result<void> ListingPageParser::Reading::read_common_prefix(pugi::xml_node element) {
  if (ask->delimiter.empty()) return distrust("the page holds groups of keys, which were not asked for");
  std::string_view text;
  if (!read_text(element.child("Prefix"), text)) return distrust("the page holds a group without a prefix");
  std::string_view prefix;
  FLOTSAM_TRY(read_key(text, prefix));
  if (!page->common_prefixes.empty() && prefix <= page->common_prefixes.back())
    return distrust(fmt::format("group {} is out of order", in_quotes(prefix)));
  page->common_prefixes.push_back(prefix);
  return {};
}

ListingPageParser::ListingPageParser(std::string bucket)
    : bucket_(std::move(bucket)), reading_(std::make_unique<Reading>()) {}
ListingPageParser::~ListingPageParser() = default;

Result<void> ListingPageParser::parse(const ListObjectsAsk& ask, std::string& body, ListingPage& page) {
  Reading& reading = *reading_;
  reading.bucket = &bucket_;
  reading.ask = &ask;
  reading.page = &page;
  reading.begin = body.data();
  reading.encoded = false;
  reading.previous = {};
  page.objects.clear();
  page.common_prefixes.clear();
  page.truncated = false;
  page.token.clear();

  auto parsed = parse_xml_in_place(reading.document, body);
  if (!parsed) {
    Error error = std::move(parsed).error();
    const bool is_doctype = error.message.find("DOCTYPE") != std::string::npos;
    error.code = is_doctype ? ErrorCode::corrupt : ErrorCode::unavailable;
    error.message = "the answer to a listing is " + error.message;
    return std::unexpected<Error>(std::move(error));
  }
  const pugi::xml_node root = *parsed;
  if (std::strcmp(root.name(), "ListBucketResult") != 0)
    return fail(ErrorCode::unavailable,
                fmt::format("the answer to a listing is a <{}>, not a <ListBucketResult>",
                            to_printable(root.name())));
  FLOTSAM_TRY(reading.read_head(root));
  for (pugi::xml_node node = root.first_child(); node; node = node.next_sibling()) {
    if (std::strcmp(node.name(), "Contents") == 0) {
      FLOTSAM_TRY(reading.read_contents(node));
    } else if (std::strcmp(node.name(), "CommonPrefixes") == 0) {
      FLOTSAM_TRY(reading.read_common_prefix(node));
    }
  }
  return reading.check_counts(root);
}

}  // namespace flotsam
