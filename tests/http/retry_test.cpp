#include "http/retry.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <vector>

namespace flotsam {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr RetryOptions kOptions{.max_attempts = 5, .base = milliseconds(100), .cap = milliseconds(1000)};

/// The longest of many waits, that is the limit that the jitter is drawn below.
milliseconds longest_wait(unsigned attempt, RetryClass kind, RetryOptions options = kOptions) {
  milliseconds longest(-1);
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    RetryPolicy policy(options, seed * 7919);
    const auto wait = policy.wait_after(attempt, kind, std::nullopt);
    EXPECT_TRUE(wait.has_value());
    EXPECT_GE(wait->count(), 0);
    longest = std::max(longest, *wait);
  }
  return longest;
}

struct LimitCase {
  const char* name;
  unsigned attempt;
  RetryClass kind;
  int limit_ms;
};
void PrintTo(const LimitCase& row, std::ostream* out) {
  *out << row.name;
}
class WaitLimit : public testing::TestWithParam<LimitCase> {};
TEST_P(WaitLimit, DoublesUpToTheCap) {
  const auto longest = longest_wait(GetParam().attempt, GetParam().kind).count();
  EXPECT_LE(longest, GetParam().limit_ms);
  EXPECT_GT(longest, GetParam().limit_ms * 9 / 10);
}
INSTANTIATE_TEST_SUITE_P(Rows, WaitLimit,
                         testing::Values(LimitCase{"First", 1, RetryClass::transient, 100},
                                         LimitCase{"Second", 2, RetryClass::transient, 200},
                                         LimitCase{"Third", 3, RetryClass::transient, 400},
                                         LimitCase{"Fourth", 4, RetryClass::transient, 800},
                                         LimitCase{"ThrottledIsLonger", 1, RetryClass::throttled, 400},
                                         LimitCase{"ThrottledSecond", 2, RetryClass::throttled, 800},
                                         LimitCase{"ThrottledCapped", 3, RetryClass::throttled, 1000}));

TEST(Wait, IsCappedAtAnyAttempt) {
  const RetryOptions many{.max_attempts = std::numeric_limits<unsigned>::max(),
                          .base = milliseconds(100),
                          .cap = milliseconds(1000)};
  EXPECT_LE(longest_wait(4'000'000'000U, RetryClass::transient, many), milliseconds(1000));
}

TEST(Wait, IsSpreadOverTheWholeRange) {
  RetryPolicy policy(kOptions, 1);
  std::set<std::int64_t> waits;
  for (int i = 0; i < 100; ++i)
    waits.insert(policy.wait_after(4, RetryClass::transient, std::nullopt)->count() / 200);
  EXPECT_EQ(waits, (std::set<std::int64_t>{0, 1, 2, 3}));
}

TEST(Wait, IsTheSameForTheSameSeed) {
  RetryPolicy one(kOptions, 42);
  RetryPolicy two(kOptions, 42);
  for (unsigned attempt = 1; attempt < 5; ++attempt)
    EXPECT_EQ(one.wait_after(attempt, RetryClass::transient, std::nullopt),
              two.wait_after(attempt, RetryClass::transient, std::nullopt));
}

TEST(Wait, EndsWithTheLastAttemptAndIsNotForFinalFailures) {
  RetryPolicy policy(kOptions, 1);
  EXPECT_FALSE(policy.wait_after(1, RetryClass::final_, std::nullopt).has_value());
  EXPECT_FALSE(policy.wait_after(1, RetryClass::final_, seconds(1)).has_value());
  EXPECT_TRUE(policy.wait_after(4, RetryClass::transient, std::nullopt).has_value());
  EXPECT_FALSE(policy.wait_after(5, RetryClass::transient, std::nullopt).has_value());
  EXPECT_FALSE(policy.wait_after(6, RetryClass::throttled, std::nullopt).has_value());
  EXPECT_EQ(policy.retries(), 1U);
}

TEST(Wait, HonoursRetryAfterUpToTheCap) {
  const RetryOptions options{.max_attempts = 5, .base = milliseconds(10), .cap = milliseconds(5000)};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RetryPolicy policy(options, seed);
    const auto asked = policy.wait_after(1, RetryClass::transient, seconds(3));
    EXPECT_GE(*asked, seconds(3));
    EXPECT_LE(*asked, seconds(3) + milliseconds(10));
    const auto absurd = policy.wait_after(1, RetryClass::transient, seconds::max());
    EXPECT_GE(*absurd, milliseconds(5000));
    EXPECT_LE(*absurd, milliseconds(5010));
    EXPECT_LE(*policy.wait_after(1, RetryClass::transient, seconds(-5)), milliseconds(10));
    EXPECT_LE(*policy.wait_after(1, RetryClass::transient, seconds(0)), milliseconds(10));
  }
}

unsigned retries_until_empty(RetryPolicy& policy) {
  unsigned count = 0;
  while (count < 10'000 && policy.wait_after(1, RetryClass::transient, std::nullopt)) ++count;
  return count;
}

TEST(Budget, OfAllWorkersIsUsedUpByFailuresAndGivenBackBySuccess) {
  RetryPolicy policy(kOptions, 1);
  EXPECT_EQ(retries_until_empty(policy), 500U);
  EXPECT_EQ(policy.retries(), 500U);
  EXPECT_FALSE(policy.wait_after(1, RetryClass::throttled, seconds(1)).has_value());
  for (int i = 0; i < 20; ++i) policy.succeeded();
  EXPECT_EQ(retries_until_empty(policy), 10U);
}

TEST(Budget, IsNeverMoreThanAtTheStart) {
  RetryPolicy policy(kOptions, 1);
  for (int i = 0; i < 5000; ++i) policy.succeeded();
  EXPECT_EQ(retries_until_empty(policy), 500U);
}

/// A clock that asks to stop after so many sleeps.
class StoppingClock final : public Clock {
 public:
  StoppingClock(Cancel& cancel, int sleeps) : cancel_(cancel), sleeps_left_(sleeps) {}
  Timestamp now() const override { return clock_.now(); }
  std::chrono::nanoseconds monotonic() const override { return clock_.monotonic(); }
  void sleep_for(std::chrono::nanoseconds duration) override {
    longest = std::max(longest, duration);
    clock_.sleep_for(duration);
    if (--sleeps_left_ == 0) cancel_.request();
  }
  std::chrono::nanoseconds longest{0};

 private:
  Cancel& cancel_;
  int sleeps_left_;
  ManualClock clock_{Timestamp{}};
};

TEST(Sleep, LastsAsLongAsAskedInShortSteps) {
  Cancel cancel;
  StoppingClock clock(cancel, -1);
  ASSERT_TRUE(sleep_unless_cancelled(clock, milliseconds(12'345), &cancel).has_value());
  EXPECT_EQ(clock.monotonic(), milliseconds(12'345));
  EXPECT_LE(clock.longest, milliseconds(100));
}

TEST(Sleep, WithoutACancelLastsAsLongAsAsked) {
  ManualClock clock(Timestamp{});
  ASSERT_TRUE(sleep_unless_cancelled(clock, milliseconds(150), nullptr).has_value());
  EXPECT_EQ(clock.monotonic(), milliseconds(150));
}

TEST(Sleep, EndsSoonAfterAWishToStop) {
  Cancel cancel;
  StoppingClock clock(cancel, 2);
  const auto slept = sleep_unless_cancelled(clock, milliseconds(12'345), &cancel);
  ASSERT_FALSE(slept.has_value());
  EXPECT_EQ(slept.error().code, ErrorCode::interrupted);
  EXPECT_LE(clock.monotonic(), milliseconds(200));
}

TEST(Sleep, OfNothingStillSeesTheWishToStop) {
  Cancel cancel;
  cancel.request();
  ManualClock clock(Timestamp{});
  EXPECT_FALSE(sleep_unless_cancelled(clock, milliseconds(0), &cancel).has_value());
}

TEST(Sleep, ThatIsCancelledAtItsEndIsInterrupted) {
  Cancel cancel;
  StoppingClock clock(cancel, 1);
  EXPECT_FALSE(sleep_unless_cancelled(clock, milliseconds(10), &cancel).has_value());
}

}  // namespace
}  // namespace flotsam
