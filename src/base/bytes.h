#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace flotsam {

/// Lower-case hex of any bytes.
std::string to_hex(std::string_view bytes);

/// Standard base64 with padding (RFC 4648 §4).
std::string to_base64(std::string_view bytes);
/// The bytes behind standard base64, or nothing where the text is not that.
std::optional<std::string> bytes_of_base64(std::string_view text);

/// True where the bytes are well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view bytes);

/// The length of the well-formed UTF-8 character at the start of `bytes`, or 0 where there is none.
std::size_t utf8_length_of(std::string_view bytes);

/// Bytes as they can be shown on a terminal or in a message without moving its cursor, colours or direction:
/// C0, C1 (also as UTF-8), DEL, bidi controls, zero-width characters and U+2028/9 become `\u{…}`, bytes that
/// are not UTF-8 become `\xNN`, a backslash becomes `\\`.
std::string to_printable(std::string_view bytes);

/// The same for text that may hold values which are escaped already: a backslash stays as it is.
std::string to_shown(std::string_view text);

/// to_printable, and every character beyond ASCII as `\u{…}`: for texts that differ where a person cannot see
/// it.
std::string to_ascii(std::string_view bytes);

/// A value in single quotes, to_printable inside: for messages.
std::string in_quotes(std::string_view bytes);

/// `word` for a POSIX shell: as it is where that is safe, else in single quotes; $'…' with escapes where it
/// holds bytes that a terminal must not see.
std::string shell_quoted(std::string_view word);

/// Parses a decimal unsigned integer that fills `text`; no sign, no blanks; nothing at overflow.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// True where `text` is ASCII-equal to `other`, case aside.
bool equal_ignoring_case(std::string_view text, std::string_view other);

/// ASCII lower case; other bytes unchanged.
std::string to_ascii_lower(std::string_view text);

/// `text` with everything that looks like a secret blanked (AKIA…/ASIA… ids, X-Amz-Signature,
/// X-Amz-Security-Token, password=…, user information of URLs): the last filter of foreign text.
std::string redacted(std::string_view text);

/// The candidate nearest to `word` by edit distance (at most a third of its length, at least 1), or empty:
/// "did you mean".
template <typename Range>
std::string nearest_of(std::string_view word, const Range& candidates);

/// The number of edits (insert, drop, replace, swap of neighbours) from one word to the other, bytewise.
std::size_t edit_distance(std::string_view a, std::string_view b);

// Implementation of the template above.
template <typename Range>
std::string nearest_of(std::string_view word, const Range& candidates) {
  std::string best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const auto& candidate : candidates) {
    const std::string_view text(candidate);
    // Each byte too many is an edit: what is too long or too short by that alone need not be compared, and a
    // word of megabytes never is.
    const std::size_t longer = std::max(word.size(), text.size()),
                      shorter = std::min(word.size(), text.size());
    if (longer - shorter >= best_distance) continue;
    const std::size_t distance = edit_distance(word, text);
    if (distance < best_distance) {
      best_distance = distance;
      best.assign(text);
    }
  }
  return best;
}

}  // namespace flotsam
