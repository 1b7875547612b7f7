#include "http/sigpipe.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

namespace flotsam {
namespace {

bool is_blocked() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, SIGPIPE) == 1;
}

bool is_pending() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

TEST(SigpipeBlock, SwallowsTheSignalOfAWriteThatNobodyReads) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  {
    const SigpipeBlock block;
    EXPECT_TRUE(is_blocked());
    EXPECT_EQ(write(ends[1], "x", 1), -1);
    EXPECT_TRUE(is_pending());
  }
  close(ends[1]);
  EXPECT_FALSE(is_pending());
  EXPECT_FALSE(is_blocked());
}

TEST(SigpipeBlock, LeavesASignalThatWasThereBefore) {
  const SigpipeBlock outer;
  ASSERT_EQ(pthread_kill(pthread_self(), SIGPIPE), 0);
  {
    const SigpipeBlock inner;
  }
  EXPECT_TRUE(is_pending());
  EXPECT_TRUE(is_blocked());
}

}  // namespace
}  // namespace flotsam
