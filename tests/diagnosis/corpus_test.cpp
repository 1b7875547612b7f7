#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

/// Other names for the same layouts, by hand.
std::uint64_t seed() {
  const char* text = std::getenv("FLOTSAM_DIAGNOSIS_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

/// Runs every layout and counts; each must come out as `wanted` says.
void expect_all(const std::vector<Layout>& layouts, std::initializer_list<Found> wanted) {
  std::array<int, 4> tally{};
  const char* only = std::getenv("FLOTSAM_DIAGNOSIS_ONLY");
  for (const Layout& layout : layouts) {
    if (only != nullptr && layout.name.find(only) == std::string::npos) continue;
    const World world = world_of(layout, seed());
    std::string why;
    const Found found = judged(world, diagnose_world(world, corpus_caps()), why);
    ++tally[static_cast<std::size_t>(found)];
    EXPECT_NE(std::find(wanted.begin(), wanted.end(), found), wanted.end())
        << layout.name << ": " << to_string(found) << "\n"
        << why;
  }
  fmt::print("right {}, partly {}, missed {}, wrong {}\n", tally[0], tally[1], tally[2], tally[3]);
}

void expect_no_change(const std::vector<Layout>& layouts) {
  for (const Layout& layout : layouts) {
    const World world = world_of(layout, seed());
    const std::vector<Proposal> proposals = diagnose_world(world, corpus_caps());
    for (const Proposal& one : proposals)
      EXPECT_EQ(one.proposal, "") << layout.name << "\n" << shown(proposals);
  }
}

TEST(Diagnosis, FindsTheMappingOfKnownLayouts) {
  expect_all(mismatched_layouts(), {Found::right});
}

TEST(Diagnosis, ExtractsNamesThatStandInsideValues) {
  expect_all(embedded_layouts(), {Found::right});
}

TEST(Diagnosis, ExplainsDerivedObjects) {
  for (const Layout& layout : derived_layouts()) {
    const World world = world_of(layout, seed());
    const std::vector<Proposal> proposals = diagnose_world(world, corpus_caps());
    ASSERT_EQ(proposals.size(), 1U) << layout.name << "\n" << shown(proposals);
    const ResolverRules rules = with_proposal(world.rules, proposals[0]);
    EXPECT_EQ(proposals[0].kind, "derived") << layout.name;
    EXPECT_EQ(rules.objects[0].text(), layout.current);
    std::size_t derived = 0, explained = 0;
    const auto yielded = needed_keys(world, rules);
    for (const Made& row : world.rows)
      for (const std::string& key : row.derived) {
        if (!world.key_set.contains(key)) continue;
        ++derived;
        explained += yielded.contains(key) ? 1U : 0U;
      }
    EXPECT_EQ(explained, derived) << layout.name << "\n" << shown(proposals);
    EXPECT_LE(proposals[0].resolves, explained + explained / 100) << shown(proposals);
  }
}

TEST(Diagnosis, ProposesNothingWhereTheReferencesResolve) {
  expect_no_change(healthy_layouts());
}

TEST(Diagnosis, ProposesNothingWhereNothingFits) {
  expect_no_change(hopeless_layouts());
}

}  // namespace
}  // namespace flotsam::test
