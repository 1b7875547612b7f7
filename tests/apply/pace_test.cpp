#include "apply/pace.h"

#include <gtest/gtest.h>

#include "apply/fixture.h"

namespace flotsam::test {
namespace {

using std::chrono::milliseconds;

/// How long a clock waits for its turn.
milliseconds wait_of(Pace& pace, HeldClock& clock) {
  const Cancel cancel;
  const auto before = clock.monotonic();
  pace.wait(cancel, std::nullopt);
  return std::chrono::duration_cast<milliseconds>(clock.monotonic() - before);
}

TEST(Pace, SpreadsKeysOverTime) {
  HeldClock clock;
  Pace pace(100, clock);
  EXPECT_EQ(wait_of(pace, clock), milliseconds(0));
  pace.spend(100);
  EXPECT_EQ(wait_of(pace, clock), milliseconds(1000));
  pace.spend(50);
  EXPECT_EQ(wait_of(pace, clock), milliseconds(500));
}

TEST(Pace, CountsTheTimeThatABatchTook) {
  HeldClock clock;
  Pace pace(100, clock);
  pace.spend(100);
  clock.sleep_for(milliseconds(700));
  EXPECT_EQ(wait_of(pace, clock), milliseconds(300));
}

TEST(Pace, GivesNoMoreCreditThanAFifthOfASecond) {
  HeldClock clock;
  Pace pace(100, clock);
  clock.sleep_for(std::chrono::hours(1));
  pace.spend(20);
  EXPECT_EQ(wait_of(pace, clock), milliseconds(0));
  pace.spend(100);
  EXPECT_EQ(wait_of(pace, clock), milliseconds(1000));
}

TEST(Pace, HalvesAndRisesAgainByATwentieth) {
  HeldClock clock;
  Pace pace(1000, clock);
  pace.throttled();
  EXPECT_DOUBLE_EQ(pace.rate(), 500);
  pace.throttled();
  EXPECT_DOUBLE_EQ(pace.rate(), 250);
  EXPECT_EQ(pace.batch_max(), 250U);
  pace.went_well();
  EXPECT_DOUBLE_EQ(pace.rate(), 300);
  for (int i = 0; i < 100; ++i) pace.went_well();
  EXPECT_DOUBLE_EQ(pace.rate(), 1000);
  for (int i = 0; i < 100; ++i) pace.throttled();
  EXPECT_DOUBLE_EQ(pace.rate(), 1);
  EXPECT_EQ(pace.batch_max(), 1U);
}

TEST(Pace, NeverMakesABatchLargerThan1000) {
  HeldClock clock;
  EXPECT_EQ(Pace(1'000'000, clock).batch_max(), 1000U);
  EXPECT_EQ(Pace(0, clock).batch_max(), 1U);
}

TEST(Pace, StopsWaitingForAPersonOrTheDeadline) {
  HeldClock clock;
  Pace pace(1, clock);
  pace.spend(3600);
  Cancel cancel;
  const Timestamp deadline = clock.now() + std::chrono::seconds(3);
  pace.wait(cancel, deadline);
  EXPECT_EQ(clock.now(), deadline);
  cancel.request();
  pace.wait(cancel, std::nullopt);
  EXPECT_EQ(clock.now(), deadline);
}

}  // namespace
}  // namespace flotsam::test
