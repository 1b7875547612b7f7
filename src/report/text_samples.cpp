#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "model/unicode.h"
#include "report/text_page.h"

// A few objects to look at, and those that are nearly referenced beside the key that nearly names them.

namespace flotsam {
namespace {

using Align = Table::Align;
using Sample = ReportView::Sample;

/// Where two keys differ: what lies between their common beginning and their common end.
struct Difference {
  std::size_t start = 0;
  std::string_view left, right;
};

Difference difference_of(std::string_view left, std::string_view right) {
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

/// True where two keys are the same text in other bytes: their normal forms C agree.
bool differ_in_form(const Sample& pair) {
  return pair.key != pair.near_reference && to_nfc(pair.key) == to_nfc(pair.near_reference);
}

/// True where two keys may look the same on a screen though their bytes differ.
bool look_alike(const Sample& pair) {
  return differ_in_form(pair) || has_combining_mark(pair.key) || has_combining_mark(pair.near_reference) ||
         ascii_of(pair.key) == ascii_of(pair.near_reference);
}

/// How the keys of a pair are shown: where they may look the same, character by character.
TextStyle style_of(const TextPage& page, const Sample& pair) {
  TextStyle style = page.style;
  if (look_alike(pair)) style.unicode = false;
  return style;
}

std::string marks_under(std::string_view text, std::size_t start, std::string_view part, std::size_t width,
                        const TextStyle& style) {
  // A key that had to be cut does not stand where it stood: no marks rather than wrong ones.
  if (part.empty() || columns_of(shown(text, style)) > width) return {};
  return std::string(columns_of(shown(text.substr(0, start), style)), ' ') +
         std::string(std::max<std::size_t>(columns_of(shown(part, style)), 1), '^');
}

void write_pair(TextPage& page, const Sample& sample) {
  constexpr std::size_t kIndent = 14;
  const std::size_t width = page.style.width - kIndent;
  const Difference difference = difference_of(sample.key, sample.near_reference);
  const TextStyle style = style_of(page, sample);
  const auto line = [&](std::string_view label, std::string_view key, std::string_view part) {
    page.add(fmt::format("    {:<10}{}\n", label, cut_middle(shown(key, style), width, page.style)));
    const std::string marks = marks_under(key, difference.start, part, width, style);
    if (!marks.empty())
      page.add(std::string(kIndent, ' ') + painted(marks, Colour::orange, page.style) + "\n");
  };
  line("object", sample.key, difference.left);
  line("reference", sample.near_reference, difference.right);
  if (differ_in_form(sample)) page.paragraph("they differ in Unicode form", kIndent);
}

/// One sentence where all pairs differ by the same piece.
void write_common_difference(TextPage& page, const std::vector<Sample>& pairs) {
  const Difference first = difference_of(pairs.front().key, pairs.front().near_reference);
  for (const Sample& pair : pairs) {
    const Difference difference = difference_of(pair.key, pair.near_reference);
    if (difference.left != first.left || difference.right != first.right) return;
  }
  const bool alike = std::any_of(pairs.begin(), pairs.end(), look_alike);
  TextStyle style = page.style;
  if (alike) style.unicode = false;
  const auto in_marks = [&](std::string_view part) { return fmt::format("\"{}\"", shown(part, style)); };
  std::string text;
  if (first.right.empty() && !first.left.empty()) {
    text = fmt::format("{} is missing in every reference shown here.", in_marks(first.left));
  } else if (first.left.empty() && !first.right.empty()) {
    text = fmt::format("{} is too much in every reference shown here.", in_marks(first.right));
  } else if (!first.left.empty()) {
    text = fmt::format("Every reference shown here has {} where the object has {}.", in_marks(first.right),
                       in_marks(first.left));
  }
  if (!text.empty()) page.paragraph(text);
}

}  // namespace

void write_samples(TextPage& page) {
  if (!page.view.samples.empty()) {
    page.heading(fmt::format(
        "Samples ({} of {} unreferenced, spread over shapes and groups)", page.view.samples.size(),
        with_separators(std::max<std::uint64_t>(page.view.unreferenced, page.view.samples.size()))));
    Table table({{"key", Align::left, true, 0},
                 {"verdict", Align::left, false, 0},
                 {"size", Align::right, false, 1},
                 {"age", Align::right, false, 2}},
                2);
    for (const Sample& sample : page.view.samples)
      table.add({{page.key(sample.key)},
                 {page.key(sample.verdict)},
                 {to_human_bytes(sample.size_bytes)},
                 {sample.last_modified ? page.age_of(*sample.last_modified) : "unknown"}});
    page.add(table);
  }
  std::vector<Sample> pairs;
  for (const Sample& sample : page.view.suspects)
    if (!sample.near_reference.empty()) pairs.push_back(sample);
  if (pairs.empty()) return;
  page.heading("Nearly referenced");
  for (const Sample& pair : pairs) write_pair(page, pair);
  write_common_difference(page, pairs);
}

}  // namespace flotsam
