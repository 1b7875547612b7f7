#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "report/html_page.h"
#include "report/html_text.h"

// Where the figures come from, what they rest on, and what to type next.

namespace flotsam {
namespace {

using Kind = HtmlTable::Kind;

/// As in the text report: a clock that is off by more makes ages by the machine's clock wrong.
constexpr std::int64_t kClockDifferenceMax = 5;
constexpr std::size_t kRulesShown = 100, kReadingsShown = 50;
constexpr std::size_t kTextBytesShown = 400;

std::string text_of(std::string_view bytes) {
  return html_key(bytes, kTextBytesShown);
}

void fact(HtmlPage& page, std::string_view name, std::string_view markup) {
  if (!markup.empty()) page.add(fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, markup));
}

std::string warning_of(const HtmlPage& page, std::string_view text) {
  return page.ruling("warn") + " " + html_sentence(text);
}

std::string listing_text(const ReportView& view) {
  std::string text =
      fmt::format("{} in {}", counted(view.listed, "object"), counted(view.requests, "request"));
  if (view.retries > 0)
    text += fmt::format(", {} {}", with_separators(view.retries), view.retries == 1 ? "retry" : "retries");
  text += ", complete";
  const auto skipped = [&](std::uint64_t count, std::string_view noun) {
    if (count > 0) text += fmt::format("; skipped {}", counted(count, noun));
  };
  skipped(view.skipped_symlinks, "symbolic link");
  skipped(view.skipped_special, "special file");
  skipped(view.skipped_own, "key");
  if (view.skipped_own > 0) text += " of flotsam's own";
  return text;
}

void write_store(HtmlPage& page) {
  const ReportView& view = page.view;
  fact(page, "store", page.scope());
  if (!view.store_identity.empty()) fact(page, "identity", text_of(view.store_identity));
  if (!view.region.empty()) fact(page, "region", text_of(view.region));
  if (!view.credentials.empty()) fact(page, "credentials", text_of(view.credentials));
  fact(page, "versioning", html_sentence(view.versioning) + (page.facts.object_lock ? ", object lock" : ""));
  std::string lifecycle;
  for (const std::string& rule : page.facts.lifecycle)
    lifecycle += (lifecycle.empty() ? "" : "<br>") + html_sentence(rule);
  fact(page, "lifecycle",
       !page.facts.lifecycle_known ? "not known"
       : lifecycle.empty()         ? "no rules"
                                   : lifecycle);
  fact(page, "method of deletion", html_sentence(view.method));
  fact(page, "listing", listing_text(view));
  const auto difference = std::chrono::duration_cast<Seconds>(view.local_clock - view.store_clock).count();
  if (std::llabs(difference) > kClockDifferenceMax)
    fact(page, "clock",
         warning_of(page, fmt::format("this machine's clock is {} {} the store's; ages count by the store's",
                                      to_human_seconds(std::llabs(difference)),
                                      difference > 0 ? "ahead of" : "behind")));
  for (const std::string& warning : view.store_warnings) fact(page, "store", warning_of(page, warning));
}

void write_reading(HtmlPage& page, const ReportView::Reading& reading) {
  std::string text = fmt::format("{} from {}: {}, {}", text_of(reading.name), text_of(reading.database),
                                 counted(reading.rows, "row"),
                                 reading.true_at ? "as of " + clock_text(*reading.true_at)
                                                 : "one snapshot at " + clock_text(reading.started_at));
  for (const auto* pairs : {&reading.identity, &reading.evidence})
    for (const auto& [name, value] : *pairs)
      text += fmt::format("<br><small>{} {}</small>", html_plain_key(name, 80), text_of(value));
  if (reading.non_text_values > 0)
    text += "<br>" + warning_of(page, fmt::format("{} {} neither text nor bytes",
                                                  counted(reading.non_text_values, "value"),
                                                  reading.non_text_values == 1 ? "is" : "are"));
  if (reading.invalid_utf8 > 0)
    text += fmt::format("<br>{} {} not UTF-8 and taken as bytes", counted(reading.invalid_utf8, "value"),
                        reading.invalid_utf8 == 1 ? "is" : "are");
  for (const std::string& warning : reading.warnings) text += "<br>" + warning_of(page, warning);
  fact(page, "references", text);
}

void write_rules(HtmlPage& page) {
  if (page.facts.rules.empty()) return;
  HtmlTable table("Rules of the configuration, and how many objects match",
                  {{"rule"}, {"kind"}, {"objects", Kind::number}});
  for (std::size_t i = 0; i < page.facts.rules.size() && i < kRulesShown; ++i) {
    const auto& rule = page.facts.rules[i];
    table.add({{text_of(rule.text)}, {html_sentence(rule.kind)}, HtmlTable::number(rule.matched)});
  }
  page.add(table.render());
  if (page.facts.rules.size() > kRulesShown)
    page.paragraph(fmt::format("{} more are in the configuration.", page.facts.rules.size() - kRulesShown));
}

/// Sentences of the text report as HTML: a title is left out, what is indented further is a command.
void write_words(HtmlPage& page, void (*section)(TextPage&)) {
  constexpr std::string_view kCommand = "    ";
  TextPage words = page.words();
  section(words);
  const std::string text = words.take();
  std::string_view left = text;
  for (bool first = true; !left.empty(); first = false) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    const std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    if (first || line.empty()) continue;
    if (line.starts_with(kCommand)) {
      page.command(line.substr(kCommand.size()));
    } else {
      page.paragraph(line.substr(std::min(line.find_first_not_of(' '), line.size())));
    }
  }
}

}  // namespace

void write_html_provenance(HtmlPage& page) {
  const ReportView& view = page.view;
  page.section("provenance", "Where this comes from");
  page.add("<dl class=\"facts\">\n");
  write_store(page);
  for (std::size_t i = 0; i < view.readings.size() && i < kReadingsShown; ++i)
    write_reading(page, view.readings[i]);
  fact(page, "scan", fmt::format("{} to {}", clock_text(view.started_at), clock_text(view.finished_at)));
  fact(page, "cutoff", clock_text(view.cutoff));
  fact(page, "plan",
       fmt::format("{}<br>{}, {} ({}), until {}", text_of(page.words().plan_path()), text_of(view.plan_id),
                   counted(view.plan_objects, "object"), to_human_bytes(view.plan_bytes),
                   clock_text(view.plan_expires_at)));
  if (!page.options.version.empty()) fact(page, "program", html_sentence("flotsam " + page.options.version));
  page.add("</dl>\n");
  write_rules(page);
  page.subheading("What it rests on");
  write_words(page, write_assumptions);
  if (!page.facts.assumptions.empty()) {
    HtmlTable table("Assumptions, and the figure in use", {{"assumption"}, {"figure"}});
    for (const auto& each : page.facts.assumptions)
      table.add({{html_sentence(each.id + ": " + each.text)}, {html_sentence(each.figure)}});
    page.add(table.render());
  }
  page.end_section();
}

void write_html_next(HtmlPage& page) {
  page.section("next", "Next");
  write_words(page, write_next);
  page.end_section();
}

}  // namespace flotsam
