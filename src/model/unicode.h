#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// Unicode by utf8proc, for text that may be any bytes: what is not UTF-8 is left as it is (ASCII case
/// aside).

/// Lower or upper case, character by character.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
/// Normal forms C and D.
std::string to_nfc(std::string_view text);
std::string to_nfd(std::string_view text);
/// Case folding and normal form C, in place: equal for texts that differ in case or composition only.
void fold(std::string& text);

/// Percent-decoding, once, to bytes. A "%" without two hex digits stays.
std::string percent_decoded(std::string_view text);

/// The part of a path after its last "/", and a name's extension with its dot (a leading dot is none).
std::string_view basename_of(std::string_view path);
std::string_view extension_with_dot_of(std::string_view path);

/// `text` behind "scheme://host/" or "//host/", or nothing where it begins with neither: {true, rest}.
struct UrlPath {
  bool is_url = false;
  std::string_view path;  ///< without the leading slash, query and fragment; still encoded
};
UrlPath path_of_url(std::string_view text);

std::string_view trimmed(std::string_view text);

}  // namespace flotsam
