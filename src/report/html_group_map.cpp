#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "base/text.h"
#include "report/html_chart.h"
#include "report/html_text.h"
#include "report/html_treemap.h"
#include "report/rows.h"
#include "report/text_layout.h"

// The map of groups. The report knows the bytes of each first path part, and of each group what is
// unreferenced of it: so a part is divided into its unreferenced groups and its rest, and every area is in
// bytes.

namespace flotsam {
namespace {

constexpr double kWidth = 1000, kHeight = 340;  ///< the width is nominal: places across become percentages
constexpr double kLetter = 6.6, kLine = 16;     ///< of a label, in pixels
constexpr std::size_t kNameBytesShown = 80;

struct Cell {
  std::string name;  ///< bytes
  std::uint64_t bytes = 0, objects = 0;
  bool unreferenced = false;
};

/// The groups of a part that hold unreferenced bytes, what other unreferenced there is, and the rest.
std::vector<Cell> cells_of(const ReportView& view, const ReportView::Row& part) {
  std::vector<Cell> cells;
  std::uint64_t in_groups = 0, objects = 0;
  for (const auto& group : view.groups) {
    const bool within = part.name == "(root)" ? group.name == part.name : group.name.starts_with(part.name);
    if (!within || part.name == kOtherRow || group.orphan_bytes == 0) continue;
    cells.push_back({group.name, group.orphan_bytes, group.orphans, true});
    in_groups += group.orphan_bytes;
    objects += group.orphans;
  }
  // Groups that do not fit their part are of another kind of name (there were too many): the part alone.
  if (in_groups > part.orphan_bytes || objects > part.orphans) {
    cells.clear();
    in_groups = objects = 0;
  }
  if (part.orphan_bytes > in_groups)
    cells.push_back({part.name + (cells.empty() ? "" : " (other)"), part.orphan_bytes - in_groups,
                     part.orphans - objects, true});
  if (part.bytes > part.orphan_bytes)
    cells.push_back({part.name, part.bytes - part.orphan_bytes,
                     part.objects - std::min(part.orphans, part.objects), false});
  std::stable_sort(cells.begin(), cells.end(),
                   [](const Cell& a, const Cell& b) { return a.bytes > b.bytes; });
  return cells;
}

/// `shown`: as a person sees it; in markup it is longer.
std::string label(std::string_view shown, std::string_view markup, double y) {
  return fmt::format(
      "<rect class=\"lab\" x=\"3\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\"/>"
      "<text class=\"name\" x=\"6\" y=\"{:.0f}\">{}</text>",
      y, static_cast<double>(columns_of(shown)) * kLetter + 7, kLine, y + 12, markup);
}

std::string drawn(const Cell& cell, const Rectangle& place) {
  if (place.width < 0.5 || place.height < 0.5) return {};
  const std::string name = html_plain_key(cell.name, kNameBytesShown);
  const std::string what =
      fmt::format("{}: {}", cell.unreferenced ? "unreferenced" : "the rest", to_human_bytes(cell.bytes));
  std::string out = fmt::format(
      "<svg x=\"{:.2f}%\" y=\"{:.1f}\" width=\"{:.2f}%\" height=\"{:.1f}\"><title>{}, {}, {}</title>"
      "<rect class=\"cell {}\" width=\"100%\" height=\"100%\"/>",
      place.x / kWidth * 100, place.y, place.width / kWidth * 100, place.height, name, what,
      counted(cell.objects, "object"), cell.unreferenced ? "unref" : "rest");
  // A label is drawn where at least its beginning can be read.
  const bool fits = place.width > 60 && place.height > kLine + 6;
  if (fits) out += label(plain_key(cell.name, kNameBytesShown), name, 3);
  if (fits && place.height > 2 * kLine + 8) out += label(what, what, 4 + kLine);
  return out + "</svg>\n";
}

}  // namespace

std::string group_map(const ReportView& view) {
  std::vector<ReportView::Row> parts = view.first_parts;
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  std::vector<double> sizes;
  for (const auto& part : parts) sizes.push_back(static_cast<double>(part.bytes));
  if (sizes.empty() || sizes.front() <= 0) return {};
  const std::vector<Rectangle> places = treemap(sizes, {0, 0, kWidth, kHeight});
  std::string out = fmt::format(
      "<svg class=\"map\" role=\"img\" width=\"100%\" height=\"{:.0f}\"><title>What lies where, by bytes: "
      "unreferenced groups and the rest of each first path part. The tables give the figures.</title>\n",
      kHeight);
  std::string borders;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::vector<Cell> cells = cells_of(view, parts[i]);
    std::vector<double> inner;
    for (const Cell& cell : cells) inner.push_back(static_cast<double>(cell.bytes));
    const std::vector<Rectangle> inside = treemap(inner, places[i]);
    for (std::size_t k = 0; k < cells.size(); ++k) out += drawn(cells[k], inside[k]);
    borders += fmt::format(
        "<rect class=\"part\" x=\"{:.2f}%\" y=\"{:.1f}\" width=\"{:.2f}%\" height=\"{:.1f}\"/>\n",
        places[i].x / kWidth * 100, places[i].y, places[i].width / kWidth * 100, places[i].height);
  }
  return out + borders + "</svg>\n";
}

}  // namespace flotsam
