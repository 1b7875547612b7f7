#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

/// Runs every layout and counts; each must come out as `wanted` says.
void expect_all(const std::vector<Layout>& layouts, std::initializer_list<Found> wanted) {
  std::array<int, 4> tally{};
  const char* only = std::getenv("FLOTSAM_DIAGNOSIS_ONLY");
  for (const Layout& layout : layouts) {
    if (only != nullptr && layout.name.find(only) == std::string::npos) continue;
    const World world = world_of(layout);
    std::string why;
    const Found found = judged(world, diagnose_world(world, corpus_caps()), why);
    ++tally[static_cast<std::size_t>(found)];
    EXPECT_NE(std::find(wanted.begin(), wanted.end(), found), wanted.end()) << layout.name << ": " << to_string(found) << "\n" << why;
  }
  fmt::print("right {}, partly {}, missed {}, wrong {}\n", tally[0], tally[1], tally[2], tally[3]);
}

TEST(Diagnosis, FindsTheMappingOfKnownLayouts) {
  expect_all(mismatched_layouts(), {Found::right});
}

TEST(Diagnosis, ExtractsNamesThatStandInsideValues) {
  expect_all(embedded_layouts(), {Found::right});
}

}  // namespace
}  // namespace flotsam::test
