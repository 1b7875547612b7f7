#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
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
  return {start, left.substr(start, left.size() - end - start), right.substr(start, right.size() - end - start)};
}

std::string marks_under(const TextPage& page, std::string_view text, std::size_t start, std::string_view part,
                        std::size_t width) {
  // A key that had to be cut does not stand where it stood: no marks rather than wrong ones.
  if (part.empty() || columns_of(page.key(text)) > width) return {};
  return std::string(columns_of(page.key(text.substr(0, start))), ' ') +
         std::string(std::max<std::size_t>(columns_of(page.key(part)), 1), '^');
}

void write_pair(TextPage& page, const Sample& sample) {
  constexpr std::size_t kIndent = 14;
  const std::size_t width = page.style.width - kIndent;
  const Difference difference = difference_of(sample.key, sample.near_reference);
  const auto line = [&](std::string_view label, std::string_view key, std::string_view part) {
    page.add(fmt::format("    {:<10}{}\n", label, cut_middle(page.key(key), width, page.style)));
    const std::string marks = marks_under(page, key, difference.start, part, width);
    if (!marks.empty()) page.add(std::string(kIndent, ' ') + painted(marks, Colour::orange, page.style) + "\n");
  };
  line("object", sample.key, difference.left);
  line("reference", sample.near_reference, difference.right);
}

/// One sentence where all pairs differ by the same piece.
void write_common_difference(TextPage& page, const std::vector<Sample>& pairs) {
  const Difference first = difference_of(pairs.front().key, pairs.front().near_reference);
  for (const Sample& pair : pairs) {
    const Difference difference = difference_of(pair.key, pair.near_reference);
    if (difference.left != first.left || difference.right != first.right) return;
  }
  const auto in_marks = [&](std::string_view part) { return fmt::format("\"{}\"", page.key(part)); };
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
    page.heading(fmt::format("Samples ({} of {} unreferenced, spread over shapes and groups)", page.view.samples.size(),
                             with_separators(std::max<std::uint64_t>(page.view.unreferenced, page.view.samples.size()))));
    Table table({{"key", Align::left, true, 0}, {"verdict", Align::left, false, 0}, {"size", Align::right, false, 1},
                 {"age", Align::right, false, 2}}, 2);
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
