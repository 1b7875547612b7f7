#include "diagnosis/source_findings.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "diagnosis/draft.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kCliffMin = 20;

Proposal said(std::string kind, std::optional<std::string> source, std::string message) {
  Proposal proposal;
  proposal.kind = std::move(kind);
  proposal.source = std::move(source);
  proposal.message = std::move(message);
  return proposal;
}

/// A prefix as a glob for all below it.
std::string glob_below(std::string_view prefix) {
  std::string out;
  for (const char c : prefix) {
    if (c == '*' || c == '?' || c == '\\') out += '\\';
    out += c;
  }
  return out + "**";
}

void add_drops(const CountedFacts& facts, std::vector<Proposal>& out) {
  for (const SourceCounts& source : facts.sources) {
    if (!source.keys_before || source.keys >= *source.keys_before) continue;
    const std::uint64_t gone = *source.keys_before - source.keys;
    if (gone * 100 < facts.drop_percent_max * *source.keys_before) continue;
    out.push_back(said(
        "truncated", source.name,
        fmt::format("{} gave {} keys, {} at the last accepted scan: it looks half loaded, or its query or "
                    "table is not the same; objects of the missing rows look like orphans",
                    in_quotes(source.name), with_separators(source.keys),
                    with_separators(*source.keys_before))));
  }
  for (const std::string& name : facts.sources_gone)
    out.push_back(said(
        "source_missing", std::nullopt,
        fmt::format("the source {} of the last accepted scan is gone from the configuration: what only it "
                    "refers to looks like an orphan",
                    in_quotes(name))));
}

void add_cliff(const CountedFacts& facts, std::vector<Proposal>& out) {
  const AgeCounts& recent = facts.recent;
  const AgeCounts& older = facts.older;
  if (recent.judged < kCliffMin || older.judged < kCliffMin) return;
  if (recent.unreferenced * 10 < recent.judged * 9 || older.unreferenced * 2 >= older.judged) return;
  out.push_back(
      said("restored", std::nullopt,
           fmt::format("{} of {} objects of the last 30 days are unreferenced, and {} of {} older ones: the "
                       "database looks restored from an older backup, or a copy that is no longer filled",
                       with_separators(recent.unreferenced), with_separators(recent.judged),
                       with_separators(older.unreferenced), with_separators(older.judged))));
}

void add_foreign_prefixes(const CountedFacts& facts, std::vector<Proposal>& out) {
  bool any_known = false;
  for (const PrefixCounts& prefix : facts.prefixes) any_known = any_known || prefix.known > 0;
  // Where nothing at all is referenced, the references are amiss and not a prefix.
  if (!any_known) return;
  std::vector<std::string> globs = facts.protect;
  std::string names;
  std::uint64_t objects = 0;
  for (const PrefixCounts& prefix : facts.prefixes) {
    if (prefix.known > 0 || prefix.unreferenced == 0 || !prefix.prefix.ends_with('/') ||
        !is_utf8(prefix.prefix))
      continue;
    globs.push_back(glob_below(prefix.prefix));
    names += fmt::format("{}`{}` ({})", names.empty() ? "" : ", ", to_shown(prefix.prefix),
                         counted(prefix.unreferenced, "object"));
    objects += prefix.unreferenced;
  }
  if (names.empty()) return;
  Proposal proposal =
      said("foreign_prefix", std::nullopt,
           fmt::format("no reference leads to {}: another application's, or a source that is not "
                       "registered; keep it by `protect` or by narrower `prefixes`",
                       names));
  proposal.proposal = toml_line("protect", globs);
  proposal.resolves = objects;
  proposal.of = objects;
  out.push_back(std::move(proposal));
}

}  // namespace

std::vector<Proposal> source_findings(const CountedFacts& facts) {
  std::vector<Proposal> out;
  add_drops(facts, out);
  add_cliff(facts, out);
  add_foreign_prefixes(facts, out);
  return out;
}

}  // namespace flotsam
