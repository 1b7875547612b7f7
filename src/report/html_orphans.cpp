#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "report/html_page.h"
#include "report/html_text.h"

// The list of the plan's objects: all of them, or as many as fit, spread evenly.

namespace flotsam {
namespace {

using Kind = HtmlTable::Kind;

/// The markup of all rows together; what is beyond is said. Keys of usual length never come near it.
constexpr std::size_t kListBytesMax = 1'500'000;

/// Chooses `most` of `whole` objects that come one after the other, evenly spread.
class EvenChoice {
 public:
  EvenChoice(std::uint64_t whole, std::uint64_t most) : whole_(whole), most_(most) {}
  bool takes_next() {
    if (whole_ <= most_) return true;
    // As a line is drawn on a grid: no multiplication that could overflow.
    sum_ += most_;
    if (sum_ < whole_) return false;
    sum_ -= whole_;
    return true;
  }

 private:
  std::uint64_t whole_, most_, sum_ = 0;
};

std::string row_of(const HtmlPage& page, const HtmlTable& table, const PlannedObject& planned) {
  const Object& object = planned.object;
  const bool dated = object.last_modified.has_value();
  return table.row_of({{html_key(object.key.bytes())},
                       HtmlTable::bytes(object.size_bytes),
                       {dated ? clock_text(*object.last_modified) : "unknown",
                        dated ? std::to_string(object.last_modified->time_since_epoch().count()) : ""},
                       {dated ? page.words().age_of(*object.last_modified) : "unknown"}});
}

void write_note(HtmlPage& page, std::uint64_t shown, std::uint64_t whole, bool fits) {
  if (shown == whole) {
    page.paragraph(fmt::format("All {} of the plan.", counted(whole, "object")));
  } else if (fits) {
    page.paragraph(fmt::format("{} of the {} of the plan, evenly spread over it in the order of keys.",
                               with_separators(shown), counted(whole, "object")));
  } else {
    page.paragraph(fmt::format("{} of the {} of the plan: more would make this file too large.",
                               with_separators(shown), counted(whole, "object")));
  }
  if (shown == whole) return;
  page.paragraph("The whole list:");
  page.command(fmt::format("{} show {} --csv", shell_quoted(page.options.program),
                           shell_quoted(page.words().plan_path())));
}

}  // namespace

Result<void> write_html_orphans(HtmlPage& page, const EachPlannedObject& orphans) {
  const std::uint64_t whole = page.view.plan_objects;
  HtmlTable table("Orphans of the plan, in the order of keys",
                  {{"key"}, {"size", Kind::number}, {"last modified", Kind::number}, {"age", Kind::number}},
                  HtmlTable::Order::by_person);
  std::uint64_t seen = 0, shown = 0;
  std::size_t used = 0;
  bool fits = true;
  EvenChoice choice(whole, page.options.orphans_max);
  if (orphans) {
    FLOTSAM_TRY(orphans([&](const PlannedObject& planned) -> Result<void> {
      ++seen;
      if (!choice.takes_next() || !fits) return {};
      const std::string row = row_of(page, table, planned);
      fits = used + row.size() <= kListBytesMax;
      if (!fits) return {};
      used += row.size();
      ++shown;
      table.add_row(row);
      return {};
    }));
    if (seen != whole)
      return fail(ErrorCode::corrupt,
                  fmt::format("the report says that the plan holds {}, but it holds {}",
                              counted(whole, "object"), with_separators(seen)),
                  "scan again");
  }
  page.section("orphans", "Orphans");
  const std::uint64_t suspects = page.view.objects_of("suspect");
  if (page.view.status == "refused" && whole > 0)
    page.paragraph("Guards refuse this plan: whether these objects may go is not settled.");
  if (suspects > 0)
    page.paragraph(fmt::format("{} {} in no plan and not listed here: another spelling is referenced.",
                               counted(suspects, "suspect"), suspects == 1 ? "is" : "are"));
  if (whole == 0) {
    page.paragraph("The plan holds no object: there is nothing to delete.");
  } else {
    write_note(page, shown, whole, fits);
  }
  if (!table.empty()) {
    page.add(
        "<p id=\"find\" hidden><label for=\"words\">Only keys with all of these words</label> "
        "<input id=\"words\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> "
        "<span id=\"count\" role=\"status\"></span></p>\n");
    page.add(table.render("list"));
  }
  page.end_section();
  return {};
}

}  // namespace flotsam
