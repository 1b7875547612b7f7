#include "report/view_rows.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/rows.h"

namespace flotsam {
namespace {

using Row = ReportView::Row;

struct VerdictText {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<VerdictText, 8> kMeanings = {{
    {"referenced", "needed by a reference"},
    {"derived", "explained by a reference"},
    {"marker", "an empty folder marker"},
    {"protected", "protected, or lately restored"},
    {"unrecognised", "none of candidates matches"},
    {"young", "after the cutoff, or undated"},
    {"suspect", "another spelling is referenced"},
    {"orphan", "none of these: in the plan"},
}};

}  // namespace

std::string_view meaning_of(std::string_view verdict) {
  for (const VerdictText& each : kMeanings)
    if (each.name == verdict) return each.meaning;
  return {};
}

bool is_fully_unreferenced(const Row& row) {
  return row.orphans > 0 && row.orphans == row.objects;
}

std::vector<Row> shortened(const std::vector<Row>& rows, std::size_t count) {
  std::vector<Row> out;
  Row other;
  std::size_t left_out = 0;
  bool had_other = false;
  for (const Row& row : rows) {
    if (row.name != kOtherRow && out.size() < count) {
      out.push_back(row);
      continue;
    }
    had_other = had_other || row.name == kOtherRow;
    ++left_out;
    other.objects += row.objects;
    other.orphans += row.orphans;
    other.bytes += row.bytes;
    other.orphan_bytes += row.orphan_bytes;
    other.known += row.known;
  }
  if (left_out == 0) return out;
  other.name = had_other ? std::string(kOtherRow) : fmt::format("({} more)", left_out);
  out.push_back(other);
  return out;
}

std::vector<Row> most_telling(std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    const bool a_last = a.name == kOtherRow, b_last = b.name == kOtherRow;
    if (a_last != b_last) return b_last;
    if (is_fully_unreferenced(a) != is_fully_unreferenced(b)) return is_fully_unreferenced(a);
    if (a.orphan_bytes != b.orphan_bytes) return a.orphan_bytes > b.orphan_bytes;
    if (a.orphans != b.orphans) return a.orphans > b.orphans;
    return a.objects > b.objects;
  });
  return rows;
}

std::string days_text(std::uint64_t seconds) {
  if (seconds % 86400 == 0 && seconds / 86400 == 365) return "1 y";
  if (seconds % 86400 == 0) return fmt::format("{} d", seconds / 86400);
  return to_human_seconds(static_cast<std::int64_t>(seconds));
}

std::string size_text(std::uint64_t bytes) {
  std::string text = to_human_bytes(bytes);
  if (const auto at = text.find(".0 "); at != std::string::npos) text.erase(at, 2);
  return text;
}

std::vector<ReportView::Bin> without_empty_ends(const std::vector<ReportView::Bin>& bins) {
  std::vector<ReportView::Bin> bounded, unbounded;
  for (const auto& bin : bins) {
    if (!bin.from && bin.objects > 0) unbounded.push_back(bin);
    if (bin.from) bounded.push_back(bin);
  }
  const auto holds = [](const ReportView::Bin& bin) { return bin.objects > 0; };
  const auto first = std::find_if(bounded.begin(), bounded.end(), holds);
  const auto end = std::find_if(bounded.rbegin(), bounded.rend(), holds).base();
  std::vector<ReportView::Bin> kept;
  if (first != bounded.end()) kept.assign(first, end);
  kept.insert(kept.end(), unbounded.begin(), unbounded.end());
  return kept;
}

std::uint64_t highest_of(const std::vector<ReportView::Bin>& bins) {
  std::uint64_t highest = 0;
  for (const auto& bin : bins) highest = std::max(highest, bin.objects);
  return highest;
}

}  // namespace flotsam
