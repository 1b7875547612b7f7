#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "scan/guard_text.h"
#include "scan/guards.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kOrphanPercentJudgedMin = 10;
constexpr std::uint64_t kShapeJudgedMin = 20;
constexpr std::uint64_t kSuspectsMin = 2;
constexpr std::uint64_t kCliffMin = 20;

std::string all_or_share(std::uint64_t part, std::uint64_t whole) {
  return part == whole ? fmt::format("All {}", with_separators(whole))
                       : fmt::format("{} of {} ({})", with_separators(part), with_separators(whole),
                                     share_text(part, whole));
}

// Rows where something is unreferenced and nothing at all is referenced or derived.
std::vector<const TallyRow*> unexpected_in(const std::vector<TallyRow>& rows) {
  std::vector<const TallyRow*> unexpected;
  for (const TallyRow& row : rows)
    if (row.ruled_orphans > 0 && row.known == 0) unexpected.push_back(&row);
  return unexpected;
}

bool breaks_shape_limit(const TallyRow& row, std::uint64_t judged, Percent limit) {
  if (row.ruled_judged < kShapeJudgedMin || !reaches(row.ruled_orphans, row.ruled_judged, limit))
    return false;
  return row.known == 0 || reaches(row.ruled_judged, judged, Percent::of_whole(1));
}

}  // namespace

GuardRuling rule_unexpected_prefix(const GuardInput& input) {
  std::vector<const TallyRow*> unexpected = unexpected_in(input.found.prefixes_found);
  for (const TallyRow* row : unexpected_in(input.found.scope_prefixes))
    if (std::none_of(unexpected.begin(), unexpected.end(),
                     [&](const TallyRow* known) { return known->name == row->name; }))
      unexpected.push_back(row);
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), static_cast<double>(unexpected.size()), 0.0);
  };
  if (unexpected.empty() && input.found.first_parts_merged)
    return figures(
        warns("There are more than 10,000 first path parts, so they were looked at by their shape: a part of "
              "which nothing is referenced may stand among others. Name the folders in prefixes to have each "
              "looked at."));
  if (unexpected.empty()) return figures(passes("Unreferenced objects stand only beside referenced ones."));
  std::sort(unexpected.begin(), unexpected.end(), [](const TallyRow* a, const TallyRow* b) {
    return a->ruled_orphans != b->ruled_orphans ? a->ruled_orphans > b->ruled_orphans : a->name < b->name;
  });
  std::vector<std::string> names;
  for (const TallyRow* row : unexpected)
    names.push_back(fmt::format("{} ({})", to_printable(row->name), counted(row->ruled_orphans, "object")));
  return figures(
      refuses(fmt::format("No reference needs or explains anything under {}. Most likely these objects "
                          "belong to another application, to a "
                          "table that is not configured, or the references spell their keys otherwise. Name "
                          "only your own folders in prefixes "
                          "or candidates, or add the [[references]] block that is missing, and scan again. "
                          "If all of them may really go: {}. "
                          "Nothing has been deleted.",
                          listed(names, 5), override_text(input.found, "unexpected-prefix"))));
}

GuardRuling rule_orphan_percent(const GuardInput& input) {
  const Percent limit = input.rules.limits.orphan_percent;
  const std::uint64_t part = input.unreferenced();
  const std::uint64_t judged = input.judged();
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), share_value(part, judged), limit.value());
  };
  const std::string seen =
      fmt::format("{} of {} ({}) are unreferenced; the limit is {}.", with_separators(part),
                  counted(judged, "judged object"), share_text(part, judged), limit_text(limit));
  if (judged < kOrphanPercentJudgedMin)
    return figures(passes(fmt::format("{} Too few to rule on a share.", seen)));
  if (!reaches(part, judged, limit)) return figures(passes(seen));
  return figures(
      refuses(fmt::format("{} So large a share is mostly a mistake in the references, sometimes a true "
                          "backlog: the tables of shapes and groups "
                          "tell which. If these objects may really go: {}. Nothing has been deleted.",
                          seen, override_text(input.found, "orphan-percent"))));
}

GuardRuling rule_shape_percent(const GuardInput& input) {
  const Percent limit = input.rules.limits.shape_percent;
  const std::uint64_t judged = input.judged();
  std::vector<const TallyRow*> broken;
  double highest = 0.0;
  for (const TallyRow& row : input.found.shapes) {
    if (row.ruled_judged >= kShapeJudgedMin)
      highest = std::max(highest, share_value(row.ruled_orphans, row.ruled_judged));
    if (breaks_shape_limit(row, judged, limit)) broken.push_back(&row);
  }
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), highest, limit.value());
  };
  if (broken.empty())
    return figures(
        passes(fmt::format("No kind of object is unreferenced by {} or more.", limit_text(limit))));
  std::vector<std::string> others;
  for (std::size_t i = 1; i < broken.size(); ++i) others.push_back(to_printable(broken[i]->name));
  const TallyRow& worst = *broken.front();
  std::string message = fmt::format("{} objects like {} are unreferenced; the limit is {}.",
                                    all_or_share(worst.ruled_orphans, worst.ruled_judged),
                                    to_printable(worst.name), limit_text(limit));
  const auto beside = std::find_if(input.found.shapes.begin(), input.found.shapes.end(),
                                   [](const TallyRow& row) { return row.known > 0; });
  if (worst.known == 0 && beside != input.found.shapes.end())
    message += fmt::format(" Of the objects like {}, {} are referenced or derived.",
                           to_printable(beside->name), with_separators(beside->known));
  if (!others.empty()) message += fmt::format(" So are those like {}.", listed(others));
  message += fmt::format(
      " A kind of object that nothing refers to is mostly one that the application derives from others, or "
      "of a table that "
      "is not configured: add a derived template or the [[references]] block that is missing and scan again; "
      "a kind that is "
      "never referenced belongs into disposable. If they may really go: {}. Nothing has been deleted.",
      override_text(input.found, "shape-percent"));
  return figures(refuses(std::move(message)));
}

GuardRuling rule_suspects(const GuardInput& input) {
  const Percent limit = input.rules.limits.suspects;
  const std::uint64_t part = input.found.of(Verdict::suspect).objects;
  const std::uint64_t judged = input.judged();
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), share_value(part, judged), limit.value());
  };
  const std::string seen =
      fmt::format("Of {} of {} ({}) another spelling is referenced; the limit is {}.", with_separators(part),
                  counted(judged, "judged object"), share_text(part, judged), limit_text(limit));
  if (part < kSuspectsMin || !reaches(part, judged, limit))
    return figures(passes(part == 0 ? "Of no unreferenced object another spelling is referenced."
                                    : seen + " They are kept."));
  std::string message = seen;
  if (!input.pairs.empty())
    message += " A row " + pair_text(input.pairs.front().needed_key, input.pairs.front().object_key);
  else if (!input.found.sample_suspects.empty())
    message += fmt::format(" One of them: {}.",
                           to_printable(input.found.sample_suspects.front().object.key.bytes()));
  message +=
      " Most likely rows and store spell keys differently (a prefix, upper case, percent-encoding, Unicode "
      "form, an "
      "extension), so "
      "these objects are in use. None of them is in the plan; correct objects in the [[references]] block "
      "and scan "
      "again. Nothing has been deleted.";
  return figures(refuses(std::move(message)));
}

GuardRuling rule_max_deletions(const GuardInput& input) {
  const std::uint64_t limit = input.rules.limits.max_deletions;
  const std::uint64_t count = input.found.plan.objects;
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), static_cast<double>(count), static_cast<double>(limit));
  };
  const std::string seen =
      fmt::format("The plan holds {}; the limit is {}.", counted(count, "orphan"), with_separators(limit));
  if (count <= limit) return figures(passes(seen));
  return figures(
      refuses(fmt::format("{} If you have looked at them and all may go, name the count: flotsam apply PLAN "
                          "--expect {}. Nothing has been deleted.",
                          seen, count)));
}

GuardRuling rule_max_bytes(const GuardInput& input) {
  const std::uint64_t limit = input.rules.limits.max_bytes;
  const std::uint64_t bytes = input.found.plan.bytes;
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), static_cast<double>(bytes), static_cast<double>(limit));
  };
  const std::string seen = fmt::format("The orphans of the plan hold {}; the limit is {}.",
                                       to_human_bytes(bytes), to_human_bytes(limit));
  if (bytes <= limit) return figures(passes(seen));
  return figures(refuses(
      fmt::format("{} Look at the largest shapes. If they may really go: {}. Nothing has been deleted.", seen,
                  override_text(input.found, "max-bytes"))));
}

GuardRuling rule_young_cliff(const GuardInput& input) {
  const CliffCounts& seen = input.cliff;
  const bool recent = seen.recent_judged >= kCliffMin &&
                      reaches(seen.recent_orphans, seen.recent_judged, Percent::of_whole(90));
  const bool older = seen.older_judged >= kCliffMin && seen.older_orphans * 2 < seen.older_judged;
  const auto figures = [&](GuardRuling ruling) {
    const auto value = seen.recent_judged >= kCliffMin
                           ? std::optional(share_value(seen.recent_orphans, seen.recent_judged))
                           : std::nullopt;
    return with_figures(std::move(ruling), value, 90.0);
  };
  if (seen.recent_judged < kCliffMin || seen.older_judged < kCliffMin)
    return figures(passes("Too few objects of the last 30 days, or too few older ones, to compare them."));
  const std::string figures_text = fmt::format(
      "Of {} of the last 30 days (older than min_age) {} are unreferenced, of {} older ones {}.",
      counted(seen.recent_judged, "judged object"), share_text(seen.recent_orphans, seen.recent_judged),
      with_separators(seen.older_judged), share_text(seen.older_orphans, seen.older_judged));
  if (!recent || !older) return figures(passes(figures_text));
  return figures(
      refuses(fmt::format("{} Most likely the database was restored from a backup, or shows an old state: "
                          "rows of the last days are missing, and "
                          "their objects are in use. Check when the newest row was written. If the objects "
                          "may really go: {}. Nothing has been "
                          "deleted.",
                          figures_text, override_text(input.found, "young-cliff"))));
}

GuardRuling rule_sightings(const GuardInput& input) {
  const std::uint64_t wanted = input.rules.limits.sightings;
  const auto figures = [&](GuardRuling ruling) {
    ruling.overridable = false;
    return with_figures(std::move(ruling), static_cast<double>(input.held_back), static_cast<double>(wanted));
  };
  if (wanted <= 1) return figures(passes("One scan is enough for an orphan to be planned."));
  if (input.held_back == 0) return figures(passes("No orphan is held back."));
  return figures(
      warns(fmt::format("{} not been seen unreferenced and unchanged by {} scans, {} apart, and {} kept as "
                        "young; scan again later.",
                        input.held_back == 1 ? "1 object has" : counted(input.held_back, "object") + " have",
                        with_separators(wanted), to_human_seconds(input.rules.min_age.count()),
                        input.held_back == 1 ? "is" : "are")));
}

}  // namespace flotsam
