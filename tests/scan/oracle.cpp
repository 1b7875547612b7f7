#include "scan/oracle.h"

#include <gtest/gtest.h>

#include "model/spelling.h"

namespace flotsam::test {
namespace {

struct References {
  std::set<std::string> needed, derived, folders, spellings, dangling_loose;
};

std::string loose_of(const std::string& key) {
  std::string loose;
  loose_form_of(key, loose);
  return loose;
}

bool any_matches(const std::vector<Glob>& globs, const std::string& key) {
  for (const Glob& glob : globs)
    if (glob.matches(KeyView(key))) return true;
  return false;
}

bool below_any(const std::set<std::string>& folders, const std::string& key) {
  for (const std::string& folder : folders)
    if (key.starts_with(folder)) return true;
  return false;
}

bool is_respelt(const References& references, const ScanRules& rules, const std::string& key) {
  const CanonicalSpelling spelling(rules.bucket);
  std::set<std::string> tried;
  std::string canonical = spelling.of(key);
  tried.insert(canonical);
  for (int parts = 0; parts < 3 && canonical.find('/') != std::string::npos; ++parts) {
    canonical = canonical.substr(canonical.find('/') + 1);
    tried.insert(canonical);
  }
  for (const std::string& prefix : rules.scope.prefixes())
    if (!prefix.empty() && key.starts_with(prefix)) tried.insert(spelling.of(key.substr(prefix.size())));
  tried.erase("");
  for (const std::string& each : tried)
    if (references.spellings.contains(each)) return true;
  return references.dangling_loose.contains(loose_of(key));
}

void read_source(const ScanFixture& fixture, const SourceRules& source, References& references,
                 OracleAnswer& answer) {
  const CanonicalSpelling spelling(fixture.rules.bucket);
  const FakeTable& table = fixture.database.tables.at(source.query.name);
  const auto expand_all = [&](const std::vector<KeyTemplate>& texts, bool needs) {
    for (KeyTemplate text : texts) {
      if (!text.bind(table.columns)) ADD_FAILURE() << "bind " << text.text();
      for (const auto& row : table.rows) {
        std::vector<FieldView> fields;
        for (const auto& value : row)
          fields.push_back(value ? FieldView{.bytes = *value} : FieldView{.bytes = {}, .is_null = true});
        std::string key;
        if (!text.expand(fields, key)) continue;
        if (!source.spelling_exact && text.lone_column() >= 0)
          references.spellings.insert(spelling.of(*row[static_cast<std::size_t>(text.lone_column())]));
        if (!needs) {
          (text.is_folder_rule() ? references.folders : references.derived).insert(key);
          continue;
        }
        references.needed.insert(key);
        if (!source.spelling_exact) references.spellings.insert(spelling.of(key));
        const bool in_scope = fixture.rules.scope.contains(KeyView(key));
        (in_scope ? answer.needed : answer.outside)[source.query.name].insert(key);
        if (!in_scope || fixture.lister.objects.contains(key)) continue;
        answer.dangling[source.query.name].insert(key);
        if (!source.spelling_exact) references.dangling_loose.insert(loose_of(key));
      }
    }
  };
  expand_all(source.resolver.objects, true);
  expand_all(source.resolver.derived, false);
}

}  // namespace

OracleAnswer oracle_of(const ScanFixture& fixture) {
  const ScanRules& rules = fixture.rules;
  OracleAnswer answer;
  References references;
  Timestamp cutoff = fixture.lister.store.clock;
  for (const SourceRules& source : rules.databases.front().sources) {
    read_source(fixture, source, references, answer);
    const auto& true_at = fixture.database.tables.at(source.query.name).true_at;
    if (true_at) cutoff = std::min(cutoff, *true_at);
  }
  cutoff -= rules.min_age;
  for (const auto& [key, object] : fixture.lister.objects) {
    if (!rules.scope.contains(KeyView(key))) continue;
    Verdict verdict = Verdict::orphan;
    if (references.needed.contains(key))
      verdict = Verdict::referenced;
    else if (references.derived.contains(key) || below_any(references.folders, key))
      verdict = Verdict::derived;
    else if (object.size_bytes == 0 && key.ends_with("/"))
      verdict = Verdict::marker;
    else if (any_matches(rules.protect, key) || rules.restored.contains(key))
      verdict = Verdict::protected_;
    else if (!rules.candidates.empty() && !any_matches(rules.candidates, key))
      verdict = Verdict::unrecognised;
    else if (!object.last_modified || *object.last_modified > cutoff)
      verdict = Verdict::young;
    else if (is_respelt(references, rules, key))
      verdict = Verdict::suspect;
    answer.verdicts[key] = verdict;
  }
  return answer;
}

}  // namespace flotsam::test
