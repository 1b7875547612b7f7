#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "report/guard_units.h"
#include "report/html_page.h"

// The one sentence at the top: for somebody who knows neither guards nor templates.

namespace flotsam {
namespace {

using Guard = ReportView::Guard;

std::string name_text(std::string_view bytes) {
  constexpr std::size_t kBytesShown = 60;
  if (bytes.size() <= kBytesShown) return in_quotes(bytes);
  std::size_t end = kBytesShown;
  while (end > 0 && (static_cast<unsigned char>(bytes[end]) & 0xC0U) == 0x80U) --end;
  return "'" + to_printable(bytes.substr(0, end)) + "…'";
}

/// Needed keys and how many of them are there: of a source, or of one template of it.
struct Needed {
  std::string from;  ///< " of 'book images'", empty where there is but one source
  std::uint64_t resolved = 0, of = 0;
  bool is_worse_than(const Needed& other) const {
    return static_cast<long double>(resolved) * static_cast<long double>(other.of) <
           static_cast<long double>(other.resolved) * static_cast<long double>(of);
  }
};

std::string unresolved_text(const HtmlPage& page, const Guard&) {
  const auto& sources = page.view.sources;
  Needed worst;
  const auto consider = [&](Needed needed) {
    if (needed.of > 0 && (worst.of == 0 || needed.is_worse_than(worst))) worst = std::move(needed);
  };
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].resolution) continue;
    const std::string from = sources.size() > 1 ? " of " + name_text(sources[i].name) : "";
    consider({from, sources[i].resolved, page.needed_of(i)});
    for (const auto& each : sources[i].templates)
      consider({" through " + name_text(each.text), each.resolved, each.distinct_keys});
  }
  if (worst.of == 0) return "the references do not exist under these keys";
  return fmt::format("{} of {} references{} do not exist under these keys",
                     with_separators(worst.of - std::min(worst.resolved, worst.of)),
                     with_separators(worst.of), worst.from);
}

std::string empty_text(const HtmlPage& page, const Guard&) {
  std::vector<std::string> silent;
  for (std::size_t i = 0; i < page.view.sources.size(); ++i) {
    const auto& source = page.view.sources[i];
    const std::uint64_t explained = i < page.facts.sources.size() ? page.facts.sources[i].explained : 0;
    if (source.distinct_keys == 0 && explained == 0) silent.push_back(name_text(source.name));
  }
  if (silent.size() == 1) return silent.front() + " names nothing that could be in this store";
  return fmt::format("{} of {} sources name nothing that could be in this store", silent.size(),
                     page.view.sources.size());
}

std::string dropped_text(const HtmlPage&, const Guard& guard) {
  if (!guard.value) return "a source of references that the last scan had is gone";
  return fmt::format("the references fell by {} since the last scan",
                     to_human_number(GuardUnit::percent, *guard.value));
}

std::string misspelt_text(const HtmlPage& page, const Guard&) {
  return fmt::format("{} of {} are referenced under another spelling of their keys",
                     with_separators(page.view.objects_of("suspect")), counted(page.view.scanned, "object"));
}

std::string restored_text(const HtmlPage&, const Guard&) {
  return "what was written lately is unreferenced and what is older is not, as after a database was restored "
         "from a backup";
}

std::string foreign_text(const HtmlPage& page, const Guard&) {
  std::uint64_t parts = 0, objects = 0;
  for (const auto& row : page.view.first_parts) {
    if (row.orphans == 0 || row.known > 0) continue;
    ++parts;
    objects += row.orphans;
  }
  if (parts == 0) return "some folders hold nothing that any reference names";
  return fmt::format("{} in {} that {} nothing that any reference names", counted(objects, "object"),
                     counted(parts, "folder"), parts == 1 ? "holds" : "hold");
}

std::string kind_text(const HtmlPage&, const Guard&) {
  return "of a whole kind of objects hardly any is referenced: they may be made from others";
}

std::string share_text(const HtmlPage& page, const Guard&) {
  return fmt::format("{} of {} ({} %) are unreferenced", with_separators(page.view.unreferenced),
                     counted(page.view.scanned, "object"), page.view.unreferenced_percentage);
}

std::string many_text(const HtmlPage& page, const Guard& guard) {
  const GuardUnit unit = unit_of_guard(guard.id);
  return fmt::format("{} ({}) {} more than the {} that may go without being asked for by number",
                     counted(page.view.plan_objects, "orphan"), to_human_bytes(page.view.plan_bytes),
                     page.view.plan_objects == 1 ? "is" : "are",
                     guard.limit ? to_human_number(unit, *guard.limit) : "limit");
}

std::string lost_text(const HtmlPage&, const Guard&) {
  return "what is deleted here could not be brought back";
}

/// What tells most comes first: a refusal for the references explains those for the shares.
struct Headline {
  std::string_view guard;
  std::string (*text)(const HtmlPage&, const Guard&);
};
constexpr std::array<Headline, 11> kHeadlines = {{
    {"references-empty", empty_text},
    {"resolution", unresolved_text},
    {"reference-drop", dropped_text},
    {"young-cliff", restored_text},
    {"suspects", misspelt_text},
    {"unexpected-prefix", foreign_text},
    {"shape-percent", kind_text},
    {"orphan-percent", share_text},
    {"max-bytes", many_text},
    {"max-deletions", many_text},
    {"recoverable", lost_text},
}};

std::string refused_text(const HtmlPage& page) {
  const auto& guards = page.view.guards;
  for (const Headline& headline : kHeadlines)
    for (const Guard& guard : guards)
      if (guard.ruling == "refuse" && guard.id == headline.guard)
        return "REFUSED: " + headline.text(page, guard);
  for (const Guard& guard : guards)
    if (guard.ruling == "refuse") return "REFUSED by the guard " + in_quotes(guard.id);
  return "REFUSED";
}

}  // namespace

std::string html_headline(const HtmlPage& page) {
  const ReportView& view = page.view;
  if (view.status == "refused") return refused_text(page);
  if (view.scanned == 0) return "No orphans: there is no object here";
  const std::string among = counted(view.scanned, "object");
  if (view.plan_objects > 0)
    return fmt::format("{} ({}) among {}; no guard refuses", counted(view.plan_objects, "orphan"),
                       to_human_bytes(view.plan_bytes), among);
  return fmt::format("No orphans{} among {}", view.objects_of("young") > 0 ? " yet" : "", among);
}

}  // namespace flotsam
