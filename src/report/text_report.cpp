#include <algorithm>

#include "report/report.h"
#include "report/text_page.h"

namespace flotsam {
Result<std::string> to_text_report(std::string_view report, std::string_view evidence,
                                   const TextStyle& style) {
  FLOTSAM_ASSIGN(const ReportView view, parse_report_view(report, evidence));
  TextStyle used = style;
  used.width = std::max(style.width, kTextWidthMin);
  TextPage page(view, used);
  write_verdict_sentence(page);
  if (used.quiet) {
    write_rulings(page, Passing::hidden);
    return page.take();
  }
  write_references(page);
  write_rulings(page, Passing::shown);
  write_verdicts(page);
  write_shapes(page);
  write_samples(page);
  write_histograms(page);
  write_first_parts_and_groups(page);
  write_provenance(page);
  write_assumptions(page);
  write_next(page);
  return page.take();
}

}  // namespace flotsam
