#include "scan/planned_loose_forms.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <utility>

namespace flotsam::test {
namespace {

PlannedLooseForms loose_forms(PlannedLooseForms::Limits limits, const std::vector<std::uint64_t>& planned) {
  PlannedLooseForms forms(limits);
  for (const std::uint64_t loose : planned) forms.add(loose);
  forms.freeze();
  return forms;
}

Result<std::vector<bool>> all_stand(std::span<const Key> keys) {
  return std::vector<bool>(keys.size(), false);
}

}  // namespace

TEST(PlannedLooseForms, DoubtEveryFormOnceThereAreTooManyKeysWhateverTheirOrder) {
  struct Case {
    const char* name;
    PlannedLooseForms::Limits limits;
    bool is_over;
  };
  const Case cases[] = {
      {"as many keys as may be", {3, 1000}, false},
      {"one key more", {2, 1000}, true},
      {"as many bytes as may be", {100, 9}, false},
      {"one byte more", {100, 8}, true},
  };
  constexpr std::uint64_t k1 = 1ULL << 40U, k2 = 2ULL << 40U, k3 = 3ULL << 40U, k4 = 4ULL << 40U;
  const std::vector<std::pair<std::uint64_t, std::string>> keys = {{k1, "a/1"}, {k1, "b/1"}, {k2, "c/2"}};
  for (const Case& each : cases) {
    for (const bool reversed : {false, true}) {
      SCOPED_TRACE(fmt::format("{}, {}", each.name, reversed));
      PlannedLooseForms forms = loose_forms(each.limits, {k1, k2, k3, k1});
      auto order = keys;
      if (reversed) std::reverse(order.begin(), order.end());
      for (const auto& [loose, key] : order)
        for (int twice = 0; twice < 2; ++twice) forms.needed(loose, key);
      forms.needed(k4, "d/4");
      EXPECT_EQ(forms.is_over(), each.is_over);
      EXPECT_TRUE(forms.ask(all_stand, Cancel()));
      EXPECT_EQ(forms.makes_suspect(k1), each.is_over);
      EXPECT_EQ(forms.makes_suspect(k2), each.is_over);
      EXPECT_FALSE(forms.makes_suspect(k3));
      EXPECT_FALSE(forms.makes_suspect(k4));
    }
  }
}

}  // namespace flotsam::test
