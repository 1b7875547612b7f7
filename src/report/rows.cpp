#include "report/rows.h"

namespace flotsam {

std::vector<TallyRow> capped(const std::vector<TallyRow>& rows) {
  std::vector<TallyRow> out;
  TallyRow other;
  other.name = kOtherRow;
  bool has_other = false;
  for (const TallyRow& row : rows) {
    if (row.name != kOtherRow && out.size() < kReportRows) {
      out.push_back(row);
      continue;
    }
    has_other = true;
    other.all.objects += row.all.objects;
    other.all.bytes += row.all.bytes;
    other.orphans.objects += row.orphans.objects;
    other.orphans.bytes += row.orphans.bytes;
    other.judged += row.judged;
    other.known += row.known;
    other.ruled_orphans += row.ruled_orphans;
    other.ruled_judged += row.ruled_judged;
  }
  if (has_other) out.push_back(other);
  return out;
}

}  // namespace flotsam
