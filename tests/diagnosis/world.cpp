#include "diagnosis/world.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

namespace flotsam::test {
namespace {

std::vector<FieldView> fields_of(const Made& row) {
  std::vector<FieldView> fields;
  for (const std::string& column : row.columns) fields.push_back({column, false, false});
  return fields;
}

class KeyList final : public ResolvedKeySink {
 public:
  void key(const ResolvedKey& key) override {
    if (key.kind == KeyKind::needed) keys.emplace_back(key.key);
    if (key.kind == KeyKind::derived) keys.emplace_back(key.key);
  }
  std::vector<std::string> keys;
};

Resolver bound_resolver(const ResolverRules& rules, const ColumnNames& columns) {
  auto resolver = Resolver::create(rules);
  EXPECT_TRUE(resolver) << (resolver ? "" : to_text(resolver.error()));
  const auto bound = resolver->bind(columns);
  EXPECT_TRUE(bound) << (bound ? "" : to_text(bound.error()));
  return std::move(*resolver);
}

void add_templates(const toml::node_view<toml::node>& node, std::vector<KeyTemplate>& out) {
  if (!node.is_array()) return;
  out.clear();
  for (const auto& one : *node.as_array()) {
    auto parsed = KeyTemplate::parse(one.value<std::string>().value_or(""));
    EXPECT_TRUE(parsed) << (parsed ? "" : to_text(parsed.error()));
    if (parsed) out.push_back(std::move(*parsed));
  }
}

}  // namespace

ResolverRules rules_of(const std::string& current, const std::string& extract) {
  ResolverRules rules;
  rules.objects.push_back(*KeyTemplate::parse(current));
  rules.extract = extract;
  return rules;
}

World world_of(const Layout& layout, std::uint64_t seed) {
  World world{layout.name, layout.columns, rules_of(layout.current, layout.extract), {}, {}, {}};
  Names names(seed);
  std::set<std::vector<std::string>> seen;
  std::uint64_t number = 1000 + names.below(5000);
  for (std::size_t i = 0; i < layout.rows;) {
    number += names.percent(85) ? 1 : names.between(2, 6);
    Made made = layout.make(names, number);
    if (!seen.insert(made.columns).second) {
      ++i;
      continue;
    }
    const bool is_backlog = names.percent(layout.backlog_percent);
    const bool is_lost = !is_backlog && names.percent(layout.lost_percent);
    if (!is_lost) {
      for (const auto* keys : {&made.keys, &made.derived})
        for (const std::string& key : *keys)
          if (world.key_set.insert(key).second) world.keys.push_back(key);
    }
    if (!is_backlog) {
      world.rows.push_back(std::move(made));
      ++i;
    }
  }
  return world;
}

World crossed(const World& references, const World& bucket) {
  World world = references;
  world.name = references.name + " against " + bucket.name;
  world.keys = bucket.keys;
  world.key_set = bucket.key_set;
  return world;
}

std::vector<std::string> keys_of_row(Resolver& resolver, const Made& row) {
  KeyList list;
  resolver.resolve(fields_of(row), list);
  return list.keys;
}

std::unordered_set<std::string> needed_keys(const World& world, const ResolverRules& rules) {
  std::unordered_set<std::string> needed;
  Resolver resolver = bound_resolver(rules, world.columns);
  for (const Made& row : world.rows)
    for (std::string& key : keys_of_row(resolver, row)) needed.insert(std::move(key));
  return needed;
}

DiagnosisCaps corpus_caps() {
  DiagnosisCaps caps;
  caps.pairs = 72;
  caps.scored_rows = 200;
  return caps;
}

std::vector<Proposal> diagnose_world(const World& world, DiagnosisCaps caps) {
  RowCollector collector(1, caps);
  collector.columns(0, world.columns);
  for (const Made& row : world.rows) collector.row(0, fields_of(row));
  DiagnosisSample sample(collector.finish(), {{"photos", world.rules}}, caps);
  const auto needed = needed_keys(world, world.rules);
  {
    KeySampler sampler(sample.keys());
    for (const std::string& key : world.keys)
      sampler.offer(key, needed.contains(key) ? KeyStanding::referenced : KeyStanding::unreferenced);
  }
  DiagnosisQuestion question;
  question.is_reference = [&](std::string_view key) { return needed.contains(std::string(key)); };
  return diagnose(sample, question);
}

ResolverRules with_proposal(const ResolverRules& rules, const Proposal& proposal) {
  ResolverRules changed = rules;
  try {
    toml::table table = toml::parse(proposal.proposal);
    add_templates(table["objects"], changed.objects);
    add_templates(table["derived"], changed.derived);
    if (const auto extract = table["extract"].value<std::string>()) changed.extract = *extract;
  } catch (const toml::parse_error& error) {
    ADD_FAILURE() << proposal.proposal << ": " << error.description();
  }
  return changed;
}

Outcome outcome_of(const World& world, const ResolverRules& rules) {
  Outcome outcome;
  Resolver resolver = bound_resolver(rules, world.columns);
  std::unordered_set<std::string> counted;
  for (const Made& row : world.rows) {
    const std::vector<std::string> keys = keys_of_row(resolver, row);
    for (const std::string& own : row.keys) {
      if (!world.key_set.contains(own)) continue;
      ++outcome.can;
      if (std::find(keys.begin(), keys.end(), own) != keys.end()) ++outcome.does;
    }
    for (const std::string& key : keys) {
      if (!counted.insert(key).second) continue;
      ++outcome.needed;
      if (!world.key_set.contains(key)) continue;
      ++outcome.resolved;
      if (std::find(row.keys.begin(), row.keys.end(), key) == row.keys.end()) ++outcome.foreign;
    }
  }
  return outcome;
}

std::string shown(const std::vector<Proposal>& proposals) {
  std::string out;
  for (const Proposal& one : proposals)
    out += fmt::format("    {} | {} | {} of {} | {}\n", one.kind, one.proposal, one.resolves, one.of,
                       one.message);
  return out;
}

std::string to_string(Found found) {
  switch (found) {
    case Found::right:
      return "right";
    case Found::partly:
      return "partly";
    case Found::missed:
      return "missed";
    case Found::wrong:
      return "WRONG";
  }
  return {};
}

Found judged(const World& world, const std::vector<Proposal>& proposals, std::string& why) {
  const Proposal* mapping = nullptr;
  why = shown(proposals);
  for (const Proposal& one : proposals)
    if (mapping == nullptr && !one.proposal.empty() && one.kind != "derived") mapping = &one;
  if (mapping == nullptr) return Found::missed;
  const Outcome outcome = outcome_of(world, with_proposal(world.rules, *mapping));
  const double claim =
      static_cast<double>(mapping->resolves) / static_cast<double>(std::max<std::uint64_t>(1, mapping->of));
  const double fact =
      static_cast<double>(outcome.resolved) / static_cast<double>(std::max<std::size_t>(1, outcome.needed));
  why +=
      fmt::format("    claims {} of {}; resolves {} of {}, {} foreign; {} of {} own\n", mapping->resolves,
                  mapping->of, outcome.resolved, outcome.needed, outcome.foreign, outcome.does, outcome.can);
  const double slack = mapping->sampled ? 0.03 : 0.01;
  if (claim > fact + slack || 50 * outcome.foreign > outcome.resolved) return Found::wrong;
  return 100 * outcome.does >= 97 * outcome.can ? Found::right : Found::partly;
}

}  // namespace flotsam::test
