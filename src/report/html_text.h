#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flotsam {

// How hostile text becomes harmless HTML. Nothing that comes from a store, a database or a configuration
// enters the page but through these.

/// For text and for attributes in double quotes: & < > " ' are escaped, and what could move, hide or reverse
/// text on the screen (to_shown). A backslash stays: for sentences in which keys are escaped already.
std::string html_sentence(std::string_view text);

/// A key, or what is made of keys, as a person sees it: to_printable, cut in the middle where it has more
/// than `bytes_max` bytes. Not escaped for HTML.
std::string plain_key(std::string_view bytes, std::size_t bytes_max);
/// The same for HTML, without markup.
std::string html_plain_key(std::string_view bytes, std::size_t bytes_max);

/// How many bytes of a key are shown before its middle is cut out: S3's longest key fits.
inline constexpr std::size_t kKeyBytesShown = 1024;

/// A key as a <code> element. Each path part that is not ASCII stands alone for the direction of writing, so
/// that no part changes places with another.
std::string html_key(std::string_view bytes, std::size_t bytes_max = kKeyBytesShown);
/// The same character by character, beyond ASCII as \u{…}: for keys that look alike.
std::string html_ascii_key(std::string_view bytes, std::size_t bytes_max = kKeyBytesShown);

/// A key of which the bytes [start, start + length) are marked.
enum class KeyForm { as_it_is, ascii };
std::string html_marked_key(std::string_view bytes, std::size_t start, std::size_t length, KeyForm form);

}  // namespace flotsam
