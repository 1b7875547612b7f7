#pragma once

/// Strict reading of the small XML that S3 answers with, in place and without copies. pugixml alone is
/// lenient: it skips a DOCTYPE, takes unknown entities as text and cuts a string at &#0;. Used by this
/// folder's .cpp files only.

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace flotsam {

/// Parses `body`, which is overwritten and must outlive the returned root element and every view into it.
/// Errors: corrupt where it is no well-formed XML with one root element, ends before it, has a DOCTYPE, a
/// NUL, or an entity other than the five of XML and numbers.
Result<pugi::xml_node> parse_xml_in_place(pugi::xml_document& document, std::string& body);

/// The text of an element that holds nothing but text. False where it holds anything else.
bool read_text(pugi::xml_node element, std::string_view& text);

/// The text of a child; empty where there is none or it is not plain text.
std::string_view text_of_child(pugi::xml_node parent, const char* name);

/// True where the body is XML whose root element has this name; for answers that only need to be recognised.
/// Copies.
bool has_root(std::string_view body, std::string_view name);

}  // namespace flotsam
