#include "scan/findings.h"

#include <algorithm>

#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::size_t kDanglingShown = 10;

SourceFindings described(const ReadSource& source) {
  SourceFindings found;
  const SourceRules& rules = *source.rules;
  found.name = rules.query.name;
  found.database = source.database;
  found.rows = source.proof.rows;
  found.empty = source.empty;
  found.unmatched = source.unmatched;
  found.has_objects = !rules.resolver.objects.empty();
  found.outside_ignored = rules.outside_ignored;
  found.may_be_empty = rules.may_be_empty;
  for (const KeyTemplate& text : rules.resolver.objects) found.templates.emplace_back().text = text.text();
  for (const KeyTemplate& text : rules.resolver.derived) {
    found.templates.emplace_back().text = text.text();
    found.templates.back().is_derived = true;
  }
  found.sample_values = source.values;
  found.proof = source.proof;
  found.identity = source.identity;
  return found;
}

// One set of templates, once for every template in it, and once for every source in it.
void add_set(const TemplateSet& set, std::uint64_t seen, std::uint64_t derived_objects,
             const ReadReferences& references, std::vector<SourceFindings>& sources) {
  std::vector<bool> needed(sources.size()), explained(sources.size());
  for (const std::uint16_t id : set.templates) {
    const TemplateInfo& info = references.templates[id];
    TemplateFindings& found =
        sources[info.source].templates[id - references.sources[info.source].first_template];
    (set.outside ? found.outside : found.distinct_keys) += set.keys;
    if (!set.outside) found.resolved += seen;
    found.matched_objects += derived_objects;
    (info.kind == KeyKind::needed ? needed : explained)[info.source] = true;
  }
  for (std::size_t number = 0; number < sources.size(); ++number) {
    SourceFindings& source = sources[number];
    if (needed[number]) (set.outside ? source.outside : source.distinct_keys) += set.keys;
    if (needed[number] && !set.outside) source.resolved += seen;
    if (explained[number] && !set.outside) source.explained += set.keys;
  }
}

bool counts_in_database(const TemplateSet& set, const ReadReferences& references) {
  if (!set.needed) return false;
  if (!set.outside) return true;
  return std::any_of(set.templates.begin(), set.templates.end(), [&](std::uint16_t id) {
    const TemplateInfo& info = references.templates[id];
    return info.kind == KeyKind::needed && !references.sources[info.source].rules->outside_ignored;
  });
}

}  // namespace

void write_sources(const ReadReferences& references, const ReferenceHashes& hashes, const Tally& tally,
                   ScanResult& result) {
  const ReferenceIndex& index = references.index;
  for (const ReadSource& source : references.sources) result.sources.push_back(described(source));
  const std::vector<std::uint64_t> seen = index.seen_by_set();
  for (std::size_t number = 0; number < index.sets().size(); ++number) {
    const TemplateSet& set = index.sets()[number];
    // The listing is inside the scope: what looks seen outside of it is a collision of fingerprints.
    add_set(set, set.outside ? 0 : seen[number], tally.derived_by_set[number], references, result.sources);
    if (counts_in_database(set, references)) result.objects_in_database += set.keys;
  }
  for (std::size_t number = 0; number < result.sources.size(); ++number) {
    SourceFindings& source = result.sources[number];
    source.dangling = source.distinct_keys - source.resolved;
    for (const BottomSample::Item& item : references.sources[number].needed) {
      if (source.sample_dangling.size() == kDanglingShown) break;
      const std::size_t entry = index.find(hashes.key(item.text));
      CHECK(entry != ReferenceIndex::kAbsent);
      if (!index.seen(entry)) source.sample_dangling.push_back(item.text);
    }
  }
}

std::vector<SourceFindings> sources_of_reading(const ReadReferences& references) {
  std::vector<SourceFindings> sources;
  for (const ReadSource& source : references.sources) sources.push_back(described(source));
  for (const TemplateSet& set : references.index.sets()) add_set(set, 0, 0, references, sources);
  return sources;
}

void write_rules(const ScanRules& rules, const Tally& tally, ScanResult& result) {
  const auto add_all = [&](const char* kind, const std::vector<Glob>& globs) {
    for (const Glob& glob : globs)
      result.rules.push_back({kind, glob.text(), tally.rule_matches[result.rules.size()]});
  };
  add_all("protect", rules.protect);
  add_all("candidates", rules.candidates);
  add_all("disposable", rules.disposable);
}

std::vector<std::string> cut_points_of(const std::vector<ReadSource>& sources, std::size_t count) {
  std::vector<std::string_view> keys;
  for (const ReadSource& source : sources)
    for (const BottomSample::Item& item : source.needed) keys.push_back(item.text);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::vector<std::string> points;
  const std::size_t wanted = std::min(count, keys.size());
  for (std::size_t i = 0; i < wanted; ++i) points.emplace_back(keys[i * keys.size() / wanted]);
  return points;
}

}  // namespace flotsam
