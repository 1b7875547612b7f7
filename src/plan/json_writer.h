#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace flotsam {

/// Appends bytes as JSON text, quotes included: a string where they are UTF-8, else {"base64": "…"}.
/// Characters that a terminal must not see (controls, bidi, zero width) are written as \u escapes, so that
/// JSON on a terminal is harmless and reads back as the same bytes.
void append_json_text(std::string& out, std::string_view bytes);

/// Appends bytes as the name of a field: always a string; bytes that are not UTF-8 become \xNN.
void append_json_name(std::string& out, std::string_view bytes);

/// `bytes` with every byte that is not part of well-formed UTF-8 as \xNN; all else unchanged.
std::string to_utf8(std::string_view bytes);

/// JSON text with the characters that a terminal must not see as \u escapes: another spelling of the same
/// value.
std::string with_hidden_escaped(std::string_view json);
/// `bytes` for one line of a terminal or a table: bytes that are not UTF-8, and each byte of a character that
/// a terminal must not see, as \xNN; all else unchanged.
std::string to_visible(std::string_view bytes);

/// Writes compact JSON in the order of its calls: the same calls give the same bytes. Commas come by
/// themselves. A missing begin or end is the caller's mistake and is found by take().
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& name(std::string_view bytes);
  JsonWriter& text(std::string_view bytes);
  JsonWriter& number(std::uint64_t value);
  /// A number with one decimal, given in tenths: 3 → 0.3, 1000 → 100.0.
  JsonWriter& tenths(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// RFC 3339 in whole seconds.
  JsonWriter& time(Timestamp moment);
  /// A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  /// name() and the value in one.
  JsonWriter& text(std::string_view field, std::string_view bytes) { return name(field).text(bytes); }
  JsonWriter& number(std::string_view field, std::uint64_t value) { return name(field).number(value); }
  JsonWriter& boolean(std::string_view field, bool value) { return name(field).boolean(value); }
  JsonWriter& time(std::string_view field, Timestamp moment) { return name(field).time(moment); }

  /// The finished text; the writer is empty afterwards.
  std::string take();

 private:
  void separate();
  std::string out_;
  int depth_ = 0;
  bool needs_comma_ = false;
};

}  // namespace flotsam
