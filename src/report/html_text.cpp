#include "report/html_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"

namespace flotsam {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// What is kept of bytes that are too many: a beginning and an end, cut between characters.
struct Ends {
  std::string_view first, last;
  std::size_t left_out = 0;
};

bool continues_character(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0U) == 0x80U;
}

Ends ends_of(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() <= bytes_max) return {bytes, {}, 0};
  // Two thirds for the beginning; at most three bytes are given up for a character that the cut would split.
  std::size_t head = bytes_max / 3 * 2, tail = bytes.size() - bytes_max / 3;
  for (int i = 0; i < 3 && head > 0 && continues_character(bytes, head); ++i) --head;
  for (int i = 0; i < 3 && continues_character(bytes, tail); ++i) ++tail;
  return {bytes.substr(0, head), bytes.substr(tail), tail - head};
}

/// Part by part: what is not ASCII is isolated.
std::string parts_of(std::string_view bytes, KeyForm form) {
  if (form == KeyForm::ascii) return escaped(to_ascii(bytes));
  if (is_ascii(bytes)) return escaped(to_printable(bytes));
  std::string out;
  while (!bytes.empty()) {
    const std::size_t slash = std::min(bytes.find('/'), bytes.size());
    const std::string part = to_printable(bytes.substr(0, slash));
    out += is_ascii(part) ? escaped(part) : "<bdi>" + escaped(part) + "</bdi>";
    if (slash < bytes.size()) out += '/';
    bytes.remove_prefix(std::min(slash + 1, bytes.size()));
  }
  return out;
}

std::string whole_key(std::string_view bytes, std::size_t bytes_max, KeyForm form) {
  const Ends ends = ends_of(bytes, bytes_max);
  std::string out = "<code>" + parts_of(ends.first, form);
  if (ends.left_out > 0)
    out += fmt::format("<i class=\"cut\">… {} left out …</i>", counted(ends.left_out, "byte"));
  return out + parts_of(ends.last, form) + "</code>";
}

}  // namespace

std::string html_sentence(std::string_view text) {
  return escaped(to_shown(text));
}

std::string plain_key(std::string_view bytes, std::size_t bytes_max) {
  const Ends ends = ends_of(bytes, bytes_max);
  return to_printable(ends.first) + (ends.left_out > 0 ? "…" : "") + to_printable(ends.last);
}

std::string html_plain_key(std::string_view bytes, std::size_t bytes_max) {
  return escaped(plain_key(bytes, bytes_max));
}

std::string html_key(std::string_view bytes, std::size_t bytes_max) {
  return whole_key(bytes, bytes_max, KeyForm::as_it_is);
}

std::string html_ascii_key(std::string_view bytes, std::size_t bytes_max) {
  return whole_key(bytes, bytes_max, KeyForm::ascii);
}

std::string html_marked_key(std::string_view bytes, std::size_t start, std::size_t length, KeyForm form) {
  // A key that must be cut does not show where it differs: no mark rather than a wrong one.
  if (length == 0 || bytes.size() > kKeyBytesShown) return whole_key(bytes, kKeyBytesShown, form);
  return "<code>" + parts_of(bytes.substr(0, start), form) + "<mark>" +
         parts_of(bytes.substr(start, length), form) + "</mark>" +
         parts_of(bytes.substr(start + length), form) + "</code>";
}

}  // namespace flotsam
