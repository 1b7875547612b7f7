#include "report/rows.h"

#include "report/names.h"

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

std::string_view name_of(Ruling ruling) {
  switch (ruling) {
    case Ruling::pass:
      return "pass";
    case Ruling::warn:
      return "warn";
    case Ruling::refuse:
      break;
  }
  return "refuse";
}

std::string_view name_of(Versioning versioning) {
  switch (versioning) {
    case Versioning::enabled:
      return "enabled";
    case Versioning::suspended:
      return "suspended";
    case Versioning::none:
      return "none";
    case Versioning::unknown:
      break;
  }
  return "unknown";
}

std::string_view name_of(DeleteMethod method) {
  switch (method) {
    case DeleteMethod::version:
      return "version";
    case DeleteMethod::quarantine:
      return "quarantine";
    case DeleteMethod::permanent:
      return "permanent";
    case DeleteMethod::none:
      break;
  }
  return "none";
}

}  // namespace flotsam
