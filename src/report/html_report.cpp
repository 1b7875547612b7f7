#include "report/html_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/html_assets.h"
#include "report/html_chart.h"
#include "report/html_page.h"
#include "report/html_text.h"

namespace flotsam {

void write_html_head(HtmlPage& page) {
  page.add(fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}: {}</title>\n<style>",
      html_policy(), html_plain_key(page.view.store_url, 200), html_sentence(html_headline(page))));
  page.add(html_style());
  page.add("</style>\n</head>\n<body>\n");
  page.add(chart_patterns());
}

Result<void> to_html_report(const HtmlInput& input, const HtmlOptions& options,
                            const std::function<Result<void>(std::string_view)>& write) {
  FLOTSAM_ASSIGN(const ReportView view, parse_report_view(input.report, input.evidence));
  FLOTSAM_ASSIGN(const HtmlFacts facts, parse_html_facts(input.report, input.evidence));
  HtmlPage page(view, facts, options);
  write_html_head(page);
  write_html_verdict(page);
  page.add("<main>\n<div class=\"first\">\n");
  write_html_references(page);
  write_html_rulings(page);
  write_html_diagnosis(page);
  page.add(
      "</div>\n<nav aria-label=\"Sections\"><a href=\"#verdicts\">Verdicts</a> <a "
      "href=\"#guards\">Guards</a> "
      "<a href=\"#orphans\">Orphans</a> <a href=\"#provenance\">Where this comes from</a> "
      "<a href=\"#next\">Next</a></nav>\n");
  write_html_verdicts(page);
  write_html_shapes(page);
  write_html_ages_and_sizes(page);
  write_html_groups(page);
  write_html_samples(page);
  write_html_templates(page);
  write_html_guards(page);
  FLOTSAM_TRY(write(page.take()));
  FLOTSAM_TRY(write_html_orphans(page, input.orphans));
  write_html_provenance(page);
  write_html_next(page);
  page.add("</main>\n<script>");
  page.add(html_script());
  page.add("</script>\n</body>\n</html>\n");
  return write(page.take());
}

}  // namespace flotsam
