#include "store/s3/xml_answer.h"

#include <cstring>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

/// The length of a legal entity at the start of `text` ("&amp;", "&#34;", "&#x22;"), 0 where there is none.
std::size_t entity_length(std::string_view text) {
  for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"})
    if (text.starts_with(known)) return known.size();
  if (!text.starts_with("&#")) return 0;
  const bool is_hex = text.size() > 2 && text[2] == 'x';
  std::size_t at = is_hex ? 3 : 2;
  const std::size_t first = at;
  unsigned long value = 0;
  for (; at < text.size() && text[at] != ';'; ++at) {
    const char c = text[at];
    unsigned digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (is_hex && c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (is_hex && c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit == 16 || at - first > 8) return 0;
    value = value * (is_hex ? 16 : 10) + digit;
  }
  const bool is_character = value != 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  return at < text.size() && at > first && is_character ? at + 1 : 0;
}

Result<void> check_entities(std::string_view body) {
  for (std::size_t at = body.find('&'); at != std::string_view::npos; at = body.find('&', at)) {
    const std::size_t length = entity_length(body.substr(at, 16));
    if (length == 0)
      return fail(ErrorCode::corrupt,
                  fmt::format("XML with the unknown entity {}", in_quotes(body.substr(at, 12))));
    at += length;
  }
  return {};
}

}  // namespace

Result<pugi::xml_node> parse_xml_in_place(pugi::xml_document& document, std::string& body) {
  if (std::memchr(body.data(), 0, body.size()) != nullptr)
    return fail(ErrorCode::corrupt, "XML with a NUL byte");
  FLOTSAM_TRY(check_entities(body));
  // No end-of-line rewriting: what a server writes raw is what it means.
  constexpr unsigned kOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_ws_pcdata_single |
                                pugi::parse_doctype | pugi::parse_embed_pcdata;
  const pugi::xml_parse_result parsed =
      document.load_buffer_inplace(body.data(), body.size(), kOptions, pugi::encoding_utf8);
  if (!parsed)
    return fail(ErrorCode::corrupt, fmt::format("XML that ends or breaks at byte {} of {} ({})",
                                                parsed.offset, body.size(), parsed.description()));
  pugi::xml_node root;
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) return fail(ErrorCode::corrupt, "XML with a DOCTYPE");
    if (node.type() != pugi::node_element) continue;
    if (root) return fail(ErrorCode::corrupt, "XML with two root elements");
    root = node;
  }
  if (!root) return fail(ErrorCode::corrupt, "an answer without a root element");
  return root;
}

bool read_text(pugi::xml_node element, std::string_view& text) {
  text =
      element.value();  // where plain text is the first thing in an element, pugixml keeps it in the element
  const pugi::xml_node child = element.first_child();
  if (!child) return true;
  if (!text.empty() || child.next_sibling()) return false;
  if (child.type() != pugi::node_cdata && child.type() != pugi::node_pcdata) return false;
  text = child.value();
  return true;
}

std::string_view text_of_child(pugi::xml_node parent, const char* name) {
  std::string_view text;
  return read_text(parent.child(name), text) ? text : std::string_view();
}

bool has_root(std::string_view body, std::string_view name) {
  std::string copy(body);
  pugi::xml_document document;
  const auto root = parse_xml_in_place(document, copy);
  return root && name == root->name();
}

}  // namespace flotsam
