#include "plan/run_results.h"

#include <gtest/gtest.h>

#include "plan/journal.h"

namespace flotsam {
namespace {

TEST(RunResults, EveryReasonToSkipHasAName) {
  constexpr std::array<std::string_view, kSkipReasons> kNames = {"referenced",   "derived", "protected",
                                                                 "unrecognised", "young",   "suspect",
                                                                 "changed",      "gone",    "settling"};
  for (std::size_t i = 0; i < kSkipReasons; ++i) {
    const auto reason = static_cast<SkipReason>(i);
    EXPECT_EQ(to_string(reason), kNames[i]);
    EXPECT_EQ(skip_reason_of(kNames[i]), reason);
  }
  EXPECT_EQ(skip_reason_of("held"), std::nullopt);
  EXPECT_EQ(skip_reason_of(""), std::nullopt);
}

TEST(RunResults, EveryStatusHasAName) {
  EXPECT_EQ(to_string(RunStatus::ok), "ok");
  EXPECT_EQ(to_string(RunStatus::partial), "partial");
  EXPECT_EQ(to_string(RunStatus::failed), "failed");
  EXPECT_EQ(to_string(RunStatus::refused), "refused");
}

TEST(RunResults, EveryKindOfJournalHasAName) {
  for (const auto& [kind, name] :
       {std::pair{JournalKind::apply, "apply"}, std::pair{JournalKind::undo, "undo"},
        std::pair{JournalKind::rescue, "rescue"}, std::pair{JournalKind::purge, "purge"}}) {
    EXPECT_EQ(to_string(kind), name);
    EXPECT_EQ(journal_kind_of(name), kind);
  }
  EXPECT_EQ(journal_kind_of("scan"), std::nullopt);
}

}  // namespace
}  // namespace flotsam
