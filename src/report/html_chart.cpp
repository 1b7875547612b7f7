#include "report/html_chart.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"

namespace flotsam {
namespace {

/// No part that is there is narrower than this, in percent of the bar.
constexpr double kPartMin = 0.4;
constexpr std::size_t kSlotsMin = 4;  ///< of a histogram: a lone class is no wall
constexpr int kPlotHeight = 150;      ///< of a histogram's bars, in pixels

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Widths in percent that add up to 100; what a small part was given is taken from the widest.
std::vector<double> widths_of(const std::vector<ChartPart>& parts) {
  std::uint64_t whole = 0;
  for (const ChartPart& part : parts) whole += part.value;
  if (whole == 0) return {};
  std::vector<double> widths;
  double used = 0;
  for (const ChartPart& part : parts) {
    widths.push_back(part.value == 0 ? 0 : std::max(kPartMin, 100 * ratio(part.value, whole)));
    used += widths.back();
  }
  *std::max_element(widths.begin(), widths.end()) += 100 - used;
  return widths;
}

/// A bar of a histogram and the percentage above it.
std::string column(double x, double width, std::uint64_t part, std::uint64_t whole, std::string_view fill) {
  const double height = ratio(part, whole) * kPlotHeight;
  const double drawn = part == 0 ? 0 : std::max(height, 1.5);
  std::string out;
  if (part > 0)
    out = fmt::format("<rect class=\"{}\" x=\"{:.2f}%\" y=\"{:.1f}\" width=\"{:.2f}%\" height=\"{:.1f}\"/>",
                      fill, x, 18 + kPlotHeight - drawn, width, drawn);
  const std::string percent = part == 0 ? "0" : to_percent(part, whole);
  const std::string_view shown =
      percent.ends_with(".0") ? std::string_view(percent).substr(0, percent.size() - 2) : percent;
  return out + fmt::format("<text class=\"tick\" x=\"{:.2f}%\" y=\"{:.1f}\">{}</text>", x + width / 2,
                           18 + kPlotHeight - drawn - 4, shown);
}

}  // namespace

std::string_view chart_patterns() {
  return "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>"
         "<pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">"
         "<rect class=\"h-ground\" width=\"7\" height=\"7\"/>"
         "<path class=\"h-line\" d=\"M-1 8L8 -1M-2 2L2 -2M5 9L9 5\"/></pattern>"
         "<pattern id=\"cross\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">"
         "<rect class=\"h-ground\" width=\"7\" height=\"7\"/>"
         "<path class=\"h-line\" d=\"M-1 -1L8 8M-1 8L8 -1\"/></pattern>"
         "<pattern id=\"dots\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">"
         "<rect class=\"d-ground\" width=\"7\" height=\"7\"/>"
         "<circle class=\"d-dot\" cx=\"3.5\" cy=\"3.5\" r=\"1.3\"/></pattern>"
         "</defs></svg>\n";
}

std::string stacked_bar(const std::vector<ChartPart>& parts, std::string_view title) {
  const std::vector<double> widths = widths_of(parts);
  if (widths.empty()) return {};
  std::string out =
      fmt::format("<svg class=\"bar\" role=\"img\" width=\"100%\" height=\"26\"><title>{}</title>", title);
  double x = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].value == 0) continue;
    out += fmt::format(
        "<rect class=\"{}\" x=\"{:.2f}%\" y=\"0\" width=\"{:.2f}%\" height=\"26\"><title>{}</title></rect>",
        parts[i].fill, x, widths[i], parts[i].label);
    x += widths[i];
  }
  return out + "</svg>\n";
}

std::string legend_of(const std::vector<ChartPart>& parts) {
  std::string out = "<ul class=\"legend\">";
  for (const ChartPart& part : parts)
    out += fmt::format(
        "<li><svg class=\"piece\" width=\"14\" height=\"14\" aria-hidden=\"true\"><rect class=\"{}\" "
        "width=\"14\" height=\"14\"/></svg> {}</li>",
        part.fill, part.label);
  return out + "</ul>\n";
}

std::string share_bar(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return {};
  std::string filled;
  if (part > 0)
    filled = fmt::format("<rect class=\"unref\" width=\"{:.1f}%\" height=\"9\"/>",
                         std::max(2.0, 100 * ratio(part, whole)));
  return fmt::format(
      "<svg class=\"small\" width=\"54\" height=\"9\" aria-hidden=\"true\"><rect class=\"rail\" "
      "width=\"100%\" height=\"9\"/>{}</svg>",
      filled);
}

std::string histogram(const std::vector<ChartClass>& classes, std::string_view title) {
  std::uint64_t rest = 0, unreferenced = 0;
  for (const ChartClass& each : classes) {
    rest += each.rest;
    unreferenced += each.unreferenced;
  }
  if (classes.empty()) return {};
  std::string out =
      fmt::format("<svg class=\"plot\" role=\"img\" width=\"100%\" height=\"{}\"><title>{}</title>",
                  kPlotHeight + 56, title);
  const double slot = 100.0 / static_cast<double>(std::max<std::size_t>(classes.size(), kSlotsMin));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double left = slot * static_cast<double>(i);
    const ChartClass& each = classes[i];
    if (unreferenced > 0) {
      out += column(left + slot * 0.1, slot * 0.38, each.unreferenced, unreferenced, "unref");
      out += column(left + slot * 0.52, slot * 0.38, each.rest, rest, "rest");
    } else {
      out += column(left + slot * 0.25, slot * 0.5, each.rest, rest, "rest");
    }
    out += fmt::format(
        "<text class=\"tick\" x=\"{0:.2f}%\" y=\"{1}\">{2}</text><text class=\"tick\" x=\"{0:.2f}%\" "
        "y=\"{3}\">{4}</text>\n",
        left + slot / 2, kPlotHeight + 34, each.first_line, kPlotHeight + 48, each.second_line);
  }
  return out + fmt::format("<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{0}\" y2=\"{0}\"/></svg>\n",
                           kPlotHeight + 18);
}

}  // namespace flotsam
