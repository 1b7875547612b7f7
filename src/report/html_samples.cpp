#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"
#include "report/html_page.h"
#include "report/html_text.h"
#include "report/key_difference.h"

// A few objects to look at, and those that are nearly referenced beside the key that nearly names them.

namespace flotsam {
namespace {

using Kind = HtmlTable::Kind;
using Sample = ReportView::Sample;

std::string age_of(const HtmlPage& page, const std::optional<Timestamp>& moment) {
  return moment ? page.words().age_of(*moment) : "unknown";
}

KeyForm form_of(const Sample& pair) {
  return look_alike(pair.key, pair.near_reference) ? KeyForm::ascii : KeyForm::as_it_is;
}

/// Object and reference beside each other, the piece in which they differ marked in both.
void write_pairs(HtmlPage& page, const std::vector<Sample>& pairs) {
  HtmlTable table("Each suspect beside the reference that nearly names it; the difference is marked",
                  {{"object"}, {"nearest reference"}, {"size", Kind::number}, {"age", Kind::number}});
  bool any_by_character = false;
  for (const Sample& pair : pairs) {
    const KeyDifference difference = difference_of(pair.key, pair.near_reference);
    const KeyForm form = form_of(pair);
    any_by_character = any_by_character || form == KeyForm::ascii;
    std::string reference =
        html_marked_key(pair.near_reference, difference.start, difference.right.size(), form);
    if (differ_in_form(pair.key, pair.near_reference))
      reference += "<br><small>they differ in Unicode form</small>";
    table.add({{html_marked_key(pair.key, difference.start, difference.left.size(), form)},
               {reference},
               HtmlTable::bytes(pair.size_bytes),
               {age_of(page, pair.last_modified)}});
  }
  page.subheading("Nearly referenced");
  if (const auto difference = common_difference(pairs)) {
    const auto piece = [&](std::string_view text) {
      if (text.empty()) return std::string();
      return any_by_character ? html_ascii_key(text) : html_key(text);
    };
    const std::string markup = sentence_of_difference(piece(difference->left), piece(difference->right));
    if (!markup.empty()) page.add("<p class=\"finding\">" + markup + "</p>\n");
  }
  page.add(table.render());
}

}  // namespace

void write_html_samples(HtmlPage& page) {
  std::vector<Sample> pairs;
  for (const Sample& sample : page.view.suspects)
    if (!sample.near_reference.empty()) pairs.push_back(sample);
  if (page.view.samples.empty() && pairs.empty()) return;
  page.section("samples", "Samples");
  if (!pairs.empty()) write_pairs(page, pairs);
  if (!page.view.samples.empty()) {
    const std::uint64_t of = std::max<std::uint64_t>(page.view.unreferenced, page.view.samples.size());
    page.subheading(fmt::format("{} of {} unreferenced objects, spread over shapes and groups",
                                page.view.samples.size(), with_separators(of)));
    HtmlTable table(
        "Samples of unreferenced objects",
        {{"key"}, {"verdict"}, {"size", Kind::number}, {"age", Kind::number}, {"nearest reference"}});
    for (const Sample& sample : page.view.samples)
      table.add({{html_key(sample.key)},
                 {html_sentence(sample.verdict)},
                 HtmlTable::bytes(sample.size_bytes),
                 {age_of(page, sample.last_modified)},
                 {sample.near_reference.empty() ? "–" : html_key(sample.near_reference)}});
    page.add(table.render());
  }
  page.end_section();
}

}  // namespace flotsam
