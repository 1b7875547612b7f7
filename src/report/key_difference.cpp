#include "report/key_difference.h"

#include <algorithm>
#include <fmt/format.h>

#include "model/unicode.h"

namespace flotsam {
namespace {

/// True where the text holds a combining mark, U+0300 to U+036F: 0xCC80 to 0xCDAF as UTF-8.
bool has_combining_mark(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]), next = static_cast<unsigned char>(text[i + 1]);
    if ((lead == 0xCC && next >= 0x80 && next <= 0xBF) || (lead == 0xCD && next >= 0x80 && next <= 0xAF))
      return true;
  }
  return false;
}

std::string ascii_of(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x80) out += c;
  return out;
}

}  // namespace

KeyDifference difference_of(std::string_view left, std::string_view right) {
  const auto is_boundary = [](std::string_view text, std::size_t at) {
    return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
  };
  // The end first: keys that differ by a prefix share all the rest.
  std::size_t end = 0;
  const std::size_t most = std::min(left.size(), right.size());
  while (end < most && left[left.size() - 1 - end] == right[right.size() - 1 - end]) ++end;
  while (end > 0 && !is_boundary(left, left.size() - end)) --end;
  std::size_t start = 0;
  while (start < most - end && left[start] == right[start]) ++start;
  while (start > 0 && !is_boundary(left, start)) --start;
  return {start, left.substr(start, left.size() - end - start),
          right.substr(start, right.size() - end - start)};
}

bool differ_in_form(std::string_view left, std::string_view right) {
  return left != right && to_nfc(left) == to_nfc(right);
}

bool look_alike(std::string_view left, std::string_view right) {
  return differ_in_form(left, right) || has_combining_mark(left) || has_combining_mark(right) ||
         ascii_of(left) == ascii_of(right);
}

std::optional<KeyDifference> common_difference(const std::vector<ReportView::Sample>& pairs) {
  if (pairs.empty()) return std::nullopt;
  const KeyDifference first = difference_of(pairs.front().key, pairs.front().near_reference);
  for (const ReportView::Sample& pair : pairs) {
    const KeyDifference difference = difference_of(pair.key, pair.near_reference);
    if (difference.left != first.left || difference.right != first.right) return std::nullopt;
  }
  return first;
}

std::string sentence_of_difference(std::string_view object_piece, std::string_view reference_piece) {
  if (object_piece.empty() && reference_piece.empty()) return {};
  if (reference_piece.empty())
    return fmt::format("{} is missing in every reference shown here.", object_piece);
  if (object_piece.empty())
    return fmt::format("{} is too much in every reference shown here.", reference_piece);
  return fmt::format("Every reference shown here has {} where the object has {}.", reference_piece,
                     object_piece);
}

}  // namespace flotsam
