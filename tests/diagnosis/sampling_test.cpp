#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <thread>

#include "diagnosis/hashes.h"
#include "diagnosis/layouts.h"
#include "diagnosis/listed_keys.h"

namespace flotsam::test {
namespace {

/// So small that of some thousand rows everything is a sample.
DiagnosisCaps small_caps() {
  DiagnosisCaps caps = corpus_caps();
  caps.rows = 1024;
  caps.pairing_rows = 300;
  caps.key_hashes = 1024;
  caps.sampled_keys = 256;
  caps.form_dead = 64;
  return caps;
}

TEST(Sampling, FindsTheSameMappingsInASample) {
  std::array<int, 4> tally{};
  std::vector<Layout> layouts = mismatched_layouts();
  const std::size_t step = std::getenv("FLOTSAM_DIAGNOSIS_TRIES") != nullptr ? 1 : 6;
  for (std::size_t i = 0; i < layouts.size(); i += step) {
    layouts[i].rows = 4000;
    const World world = world_of(layouts[i]);
    const std::vector<Proposal> proposals = diagnose_world(world, small_caps());
    std::string why;
    const Found found = judged(world, proposals, why);
    ++tally[static_cast<std::size_t>(found)];
    // Of so few rows with another spelling a sample may hold too few to be sure.
    if (layouts[i].name.starts_with("one row in twenty-five") && found == Found::missed) continue;
    EXPECT_EQ(found, Found::right) << layouts[i].name << "\n" << why;
    if (found != Found::right) continue;
    EXPECT_TRUE(proposals[0].sampled && proposals[0].message.ends_with("sampled references")) << why;
  }
  fmt::print("right {}, partly {}, missed {}, wrong {}\n", tally[0], tally[1], tally[2], tally[3]);
}

TEST(Sampling, StaysSilentInASample) {
  const std::size_t step = std::getenv("FLOTSAM_DIAGNOSIS_TRIES") != nullptr ? 1 : 5;
  for (std::vector<Layout> layouts : {healthy_layouts(), hopeless_layouts()}) {
    for (std::size_t i = 0; i < layouts.size(); i += step) {
      // What is right for five objects need not be for thousands.
      if (layouts[i].rows < 100) continue;
      layouts[i].rows = 4000;
      const World world = world_of(layouts[i]);
      const std::vector<Proposal> proposals = diagnose_world(world, small_caps());
      for (const Proposal& one : proposals)
        EXPECT_EQ(one.proposal, "") << world.name << "\n" << shown(proposals);
    }
  }
}

TEST(Sampling, ExplainsDerivedObjectsInASample) {
  const std::size_t step = std::getenv("FLOTSAM_DIAGNOSIS_TRIES") != nullptr ? 1 : 4;
  std::vector<Layout> layouts = derived_layouts();
  for (std::size_t i = 0; i < layouts.size(); i += step) {
    layouts[i].rows = 4000;
    const World world = world_of(layouts[i]);
    const std::vector<Proposal> proposals = diagnose_world(world, small_caps());
    ASSERT_EQ(proposals.size(), 1U) << world.name << "\n" << shown(proposals);
    const ResolverRules rules = with_proposal(world.rules, proposals[0]);
    std::size_t derived = 0, explained = 0;
    const auto yielded = needed_keys(world, rules);
    for (const Made& row : world.rows)
      for (const std::string& key : row.derived) {
        derived += world.key_set.contains(key) ? 1U : 0U;
        explained += world.key_set.contains(key) && yielded.contains(key) ? 1U : 0U;
      }
    EXPECT_EQ(explained, derived) << world.name << "\n" << shown(proposals);
    // An estimate.
    EXPECT_NEAR(static_cast<double>(proposals[0].resolves), static_cast<double>(explained),
                0.25 * static_cast<double>(explained))
        << shown(proposals);
  }
}

}  // namespace
}  // namespace flotsam::test
