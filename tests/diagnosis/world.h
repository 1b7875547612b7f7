#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "diagnosis/diagnose.h"
#include "diagnosis/names.h"

namespace flotsam::test {

/// What an application makes at once: a row, the objects that it means, and objects derived from these.
struct Made {
  std::vector<std::string> columns;
  std::vector<std::string> keys;
  std::vector<std::string> derived;
};

/// A layout with the configuration that somebody wrote for it.
struct Layout {
  std::string name;
  ColumnNames columns;
  std::string current;  ///< the template in force
  std::function<Made(Names&, std::uint64_t number)> make;
  std::size_t rows = 500;
  unsigned backlog_percent = 5;  ///< objects whose row is gone
  unsigned lost_percent = 1;     ///< rows whose object is gone
  std::string extract = {};
};

/// A generated database and bucket.
struct World {
  std::string name;
  ColumnNames columns;
  ResolverRules rules;
  std::vector<Made> rows;
  std::vector<std::string> keys;  ///< of all objects
  std::unordered_set<std::string> key_set;
};

ResolverRules rules_of(const std::string& current, const std::string& extract = {});
World world_of(const Layout& layout, std::uint64_t seed = 1);
/// The references of one against the bucket of the other.
World crossed(const World& references, const World& bucket);

/// The keys that a row needs by the rules.
std::vector<std::string> keys_of_row(Resolver& resolver, const Made& row);
std::unordered_set<std::string> needed_keys(const World& world, const ResolverRules& rules);

/// Fewer pairs than in a scan: the corpus is small, and many worlds are tried.
DiagnosisCaps corpus_caps();

/// Collects, lists and diagnoses, as a scan would.
std::vector<Proposal> diagnose_world(const World& world, DiagnosisCaps caps = {});

/// The rules with the lines of a proposal put in; a failure of the test where they do not parse.
ResolverRules with_proposal(const ResolverRules& rules, const Proposal& proposal);

/// What the references come to under some rules: over the whole of what was generated.
struct Outcome {
  std::size_t can = 0;       ///< keys of rows whose object stands
  std::size_t does = 0;      ///< of these, those that the rules yield
  std::size_t needed = 0;    ///< distinct keys that the rules yield
  std::size_t resolved = 0;  ///< of these, those that stand
  std::size_t foreign = 0;   ///< of these, those that are not the row's own
};
Outcome outcome_of(const World& world, const ResolverRules& rules);

/// Proposals a line each, for failures.
std::string shown(const std::vector<Proposal>& proposals);

enum class Found { right, partly, missed, wrong };
std::string to_string(Found found);
/// Judges the mappings among the proposals by applying them. `why` says what was seen.
Found judged(const World& world, const std::vector<Proposal>& proposals, std::string& why);

}  // namespace flotsam::test
