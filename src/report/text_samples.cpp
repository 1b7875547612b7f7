#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"
#include "report/key_difference.h"
#include "report/text_page.h"

// A few objects to look at, and those that are nearly referenced beside the key that nearly names them.

namespace flotsam {
namespace {

using Align = Table::Align;
using Sample = ReportView::Sample;

/// How the keys of a pair are shown: where they may look the same, character by character.
TextStyle style_of(const TextPage& page, const Sample& pair) {
  TextStyle style = page.style;
  if (look_alike(pair.key, pair.near_reference)) style.unicode = false;
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
  const KeyDifference difference = difference_of(sample.key, sample.near_reference);
  const TextStyle style = style_of(page, sample);
  const auto line = [&](std::string_view label, std::string_view key, std::string_view part) {
    page.add(fmt::format("    {:<10}{}\n", label, cut_middle(shown(key, style), width, page.style)));
    const std::string marks = marks_under(key, difference.start, part, width, style);
    if (!marks.empty())
      page.add(std::string(kIndent, ' ') + painted(marks, Colour::orange, page.style) + "\n");
  };
  line("object", sample.key, difference.left);
  line("reference", sample.near_reference, difference.right);
  if (differ_in_form(sample.key, sample.near_reference))
    page.paragraph("they differ in Unicode form", kIndent);
}

/// One sentence where all pairs differ by the same piece.
void write_common_difference(TextPage& page, const std::vector<Sample>& pairs) {
  const auto difference = common_difference(pairs);
  if (!difference) return;
  TextStyle style = page.style;
  if (std::any_of(pairs.begin(), pairs.end(),
                  [](const Sample& pair) { return look_alike(pair.key, pair.near_reference); }))
    style.unicode = false;
  const auto in_marks = [&](std::string_view piece) {
    return piece.empty() ? std::string() : fmt::format("\"{}\"", shown(piece, style));
  };
  const std::string text = sentence_of_difference(in_marks(difference->left), in_marks(difference->right));
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
