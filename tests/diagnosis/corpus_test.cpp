#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

TEST(Diagnosis, FindsTheMappingOfKnownLayouts) {
  std::array<int, 4> tally{};
  for (const Layout& layout : mismatched_layouts()) {
    const char* only = std::getenv("FLOTSAM_DIAGNOSIS_ONLY");
    if (only != nullptr && layout.name.find(only) == std::string::npos) continue;
    const World world = world_of(layout);
    std::string why;
    const Found found = judged(world, diagnose_world(world), why);
    ++tally[static_cast<std::size_t>(found)];
    EXPECT_EQ(found, Found::right) << layout.name << ": " << to_string(found) << "\n" << why;
  }
  fmt::print("right {} partly {} missed {} wrong {}\n", tally[0], tally[1], tally[2], tally[3]);
}

}  // namespace
}  // namespace flotsam::test
