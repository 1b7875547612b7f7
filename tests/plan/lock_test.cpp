#include "plan/lock.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <gtest/gtest.h>
#include <optional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "plan/lock_fixture.h"

namespace flotsam::test {
namespace {

using std::chrono::minutes;

TEST_F(Lock, SaysWhoHoldsItAndIsGivenBackWithItsScope) {
  {
    const auto lock = acquire(ask());
    ASSERT_TRUE(lock.has_value()) << to_text(lock.error());
    const auto now = holders();
    ASSERT_EQ(now.size(), 1U);
    EXPECT_EQ(now[0].run, "apply 0011");
    EXPECT_EQ(now[0].prefixes, std::vector<std::string>{"books/"});
    EXPECT_EQ(now[0].pid, static_cast<std::uint64_t>(getpid()));
    EXPECT_GT(now[0].pid_started, 0U);
    EXPECT_EQ(now[0].host, this_process().host);
    EXPECT_EQ(now[0].boot_id, this_process().boot_id);
    EXPECT_EQ(now[0].machine, this_process().machine);
    EXPECT_EQ(now[0].pid_space, this_process().pid_space);
    EXPECT_EQ(now[0].token.size(), 32U);
    EXPECT_EQ(now[0].acquired_at, clock_.now());
    EXPECT_EQ(now[0].expires_at, clock_.now() + minutes(10));
  }
  EXPECT_TRUE(holders().empty());
  EXPECT_EQ(state_->list("locks").value_or(std::vector<std::string>{"?"}), std::vector<std::string>{})
      << "an entry without a holder is removed";
}

struct Pair {
  std::string name;
  std::vector<std::string> one, other;
  bool exclude;
};
class LockPair : public Lock, public testing::WithParamInterface<Pair> {};

TEST_P(LockPair, ExcludesWhatOverlapsAndNothingElse) {
  const auto first = acquire(ask("apply 0011", GetParam().one));
  ASSERT_TRUE(first.has_value());
  const auto second = acquire(ask("undo 2233", GetParam().other));
  EXPECT_EQ(second.has_value(), !GetParam().exclude);
  EXPECT_EQ(holders().size(), GetParam().exclude ? 1U : 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Prefixes, LockPair,
    testing::Values(Pair{"same", {"books/"}, {"books/"}, true}, Pair{"apart", {"books/"}, {"images/"}, false},
                    Pair{"inside", {"books/"}, {"books/new/"}, true},
                    Pair{"around", {"books/new/"}, {"books/"}, true},
                    Pair{"beside", {"books/new/"}, {"books/old/"}, false},
                    Pair{"one_of_several", {"a/", "books/"}, {"images/", "books/"}, true},
                    Pair{"none_of_several", {"a/", "b/"}, {"c/", "d/"}, false},
                    Pair{"whole_bucket_first", {""}, {"books/"}, true},
                    Pair{"whole_bucket_second", {"books/"}, {""}, true}),
    [](const auto& each) { return each.param.name; });

TEST_F(Lock, OfAnotherStoreIsAnotherLock) {
  const auto first = acquire(ask());
  ASSERT_TRUE(first.has_value());
  auto asked = ask();
  asked.store_identity = "another";
  EXPECT_TRUE(acquire(asked).has_value());
}

TEST_F(Lock, ThatIsHeldSaysByWhomSinceWhenAndWhatToDo) {
  const auto first = acquire(ask());
  ASSERT_TRUE(first.has_value());
  const auto second = acquire(ask("undo 2233"));
  ASSERT_FALSE(second.has_value());
  const std::string& message = second.error().message;
  for (const std::string& part :
       {std::string(kStore), std::string("'books/'"), std::string("\"flotsam apply 0011\""),
        this_process().host, std::to_string(getpid()), std::string("since 2026-11-23T07:00:00Z"),
        std::string("2026-11-23T07:10:00Z")})
    EXPECT_NE(message.find(part), std::string::npos) << part << " in: " << message;
  EXPECT_NE(second.error().hint.find("flotsam unlock --force"), std::string::npos);
}

TEST_F(Lock, OfALivingProcessIsNotTakenOverByTheSameRun) {
  const auto first = acquire(ask());
  ASSERT_TRUE(first.has_value());
  expect_locked(ask(), "lease runs until");
}

TEST_F(Lock, ThatExpiredIsTakenOverByTheSameRunAlone) {
  lease(on_another_machine);
  clock_.move(minutes(11));
  expect_locked(ask(), "runs until");  // the clocks of two machines may differ by a minute
  clock_.move(std::chrono::nanoseconds(1));
  expect_locked(ask("apply 2233"), "ran out at 2026-11-23T07:10:00Z");
  const auto other = acquire(ask("apply 2233"));
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().hint.find("flotsam apply 0011"), std::string::npos) << other.error().hint;
  const auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value()) << to_text(lock.error());
  const auto now = holders();
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0].host, this_process().host);
}

TEST_F(Lock, OfAProcessOfThisMachineThatIsGoneIsTakenOverByTheSameRunAlone) {
  lease([](LockHolder& holder) { ++holder.pid_started; });
  expect_locked(ask("apply 2233"), "that process is gone");
  const auto lock = acquire(ask());
  EXPECT_TRUE(lock.has_value());
}

// Copied machines share name and machine id: only what such a holder does tells whether it lived here.
TEST_F(Lock, OfAnotherStartOfThisMachineIsTakenOverOnlyWhereTheStartEndedItsRenewals) {
  using std::chrono::seconds;
  struct Row {
    const char* name;
    seconds started;  ///< after the last renewal
    seconds asked;    ///< the same
    bool taken;
  };
  for (const Row& row :
       {Row{"started after the last renewal, two more are overdue", seconds(20), seconds(181), true},
        Row{"started after the last renewal, the next is not long overdue", seconds(20), seconds(180), false},
        Row{"renewed since the start", seconds(-1), seconds(400), false},
        Row{"renewed in the second of the start", seconds(0), seconds(400), false},
        Row{"expired", seconds(-3600), seconds(660), false},
        Row{"expired, and the grace is over", seconds(-3600), seconds(661), true}}) {
    SCOPED_TRACE(row.name);
    ProcessIdentity here = this_process();
    if (here.machine.empty() || here.pid_space != "pid:[4026531836]")
      GTEST_SKIP() << "of a container, or a machine without an id, nothing is taken over early";
    const Timestamp renewed_at = clock_.now();
    lease([](LockHolder& holder) { holder.boot_id = "another"; });
    LockTimes times;
    times.machine_started_at = renewed_at + row.started;
    clock_.move(row.asked);
    const auto lock = ScopeLock::acquire(*state_, ask(), clock_, times);
    EXPECT_EQ(lock.has_value(), row.taken);
    if (!lock) {
      EXPECT_NE(lock.error().message.find("lease runs until"), std::string::npos) << lock.error().message;
    }
  }
}

TEST_F(Lock, TakenOverForAWiderScopeKeepsOthersOut) {
  lease([](LockHolder& holder) { ++holder.pid_started; });
  const auto apart = acquire(ask("purge", {"images/"}));
  ASSERT_TRUE(apart.has_value());
  expect_locked(ask("apply 0011", {"books/", "images/"}), "\"flotsam purge\"");
  EXPECT_EQ(holders().size(), 2U) << "nothing was taken over by a run that was refused";
}

TEST_F(Lock, OfAChildThatWasKilledIsTakenOverByTheSameRunAlone) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    SystemClock clock;
    const auto state = open_disk_state(folder_ / "state");
    const auto lock = ScopeLock::acquire(*state, ask(), clock);
    if (write(ready[1], lock ? "y" : "n", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char answer = '?';
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  SystemClock clock;
  const auto locked = [&](const std::string& run) {
    const auto lock = ScopeLock::acquire(*state_, ask(run), clock);
    return lock ? std::string("taken") : lock.error().message;
  };
  EXPECT_NE(locked("apply 0011").find("process " + std::to_string(child)), std::string::npos);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_NE(locked("apply 2233").find("is gone"), std::string::npos) << "a zombie does nothing any more";
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_NE(locked("apply 2233").find("is gone"), std::string::npos);
  EXPECT_EQ(locked("apply 0011"), "taken");
  close(ready[0]);
  close(ready[1]);
}

TEST_F(Lock, OfSeveralThatAskAtOnceIsGivenToOne) {
  std::array<std::optional<Result<ScopeLock>>, 4> locks;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < locks.size(); ++i)
      threads.emplace_back([&, i] {
        locks[i].emplace(ScopeLock::acquire(*state_, ask("apply " + std::to_string(i)), clock_));
      });
  }
  EXPECT_EQ(std::count_if(locks.begin(), locks.end(), [](const auto& lock) { return lock->has_value(); }), 1);
}

TEST_F(Lock, OfScopesApartAreAllGivenAtOnce) {
  std::array<std::optional<Result<ScopeLock>>, 4> locks;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < locks.size(); ++i)
      threads.emplace_back([&, i] {
        locks[i].emplace(ScopeLock::acquire(*state_, ask("rescue", {std::to_string(i) + "/"}), clock_));
      });
  }
  for (const auto& lock : locks) EXPECT_TRUE(lock->has_value()) << to_text(lock->error());
  EXPECT_EQ(holders().size(), locks.size());
}

TEST_F(Lock, ThatExpiredAndNobodyTookIsStillOurs) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  clock_.move(minutes(60));
  EXPECT_TRUE(lock->check().has_value()) << "a machine that slept goes on";
  EXPECT_EQ(holders().at(0).expires_at, clock_.now() + minutes(10));
}

TEST_F(Lock, ThatAnotherTookIsSeenLostByCheckAndNotGivenBack) {
  {
    auto lock = acquire(ask());
    ASSERT_TRUE(lock.has_value());
    lease([](LockHolder& holder) { on_another_machine(holder); });
    for (int i = 0; i < 2; ++i) {
      const auto checked = lock->check();
      ASSERT_FALSE(checked.has_value());
      EXPECT_EQ(checked.error().code, ErrorCode::refused);
      EXPECT_EQ(checked.error().service_code, "LockLost");
      EXPECT_NE(checked.error().message.find("on elsewhere"), std::string::npos) << checked.error().message;
    }
  }
  EXPECT_EQ(holders().size(), 1U) << "the other's lease stands";
}

TEST_F(Lock, ThatWasBrokenIsSeenLostByCheckForGood) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  const auto broken = break_locks(*state_, kStore, {"books/new/"});
  ASSERT_TRUE(broken.has_value()) << to_text(broken.error());
  ASSERT_EQ(broken->size(), 1U);
  EXPECT_EQ(broken->at(0).run, "apply 0011");
  const auto checked = lock->check();
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().service_code, "LockLost");
  EXPECT_NE(checked.error().message.find("somebody broke it"), std::string::npos) << checked.error().message;
  const auto other = acquire(ask("undo 2233"));
  EXPECT_TRUE(other.has_value());
  EXPECT_FALSE(lock->check().has_value());
}

TEST_F(Lock, BreakingLeavesScopesApart) {
  const auto books = acquire(ask()), images = acquire(ask("rescue", {"images/"}));
  ASSERT_TRUE(books.has_value() && images.has_value());
  ASSERT_TRUE(break_locks(*state_, kStore, {"books/"}).has_value());
  const auto left = holders();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].run, "rescue");
  const auto none = break_locks(*state_, kStore, {"books/"});
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->empty());
}

TEST_F(Lock, ThatCannotBeReadHoldsEveryoneOffUntilItIsBroken) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  std::string entry = to_lock_entry(kStore, holders());
  for (const std::string& content :
       {std::string(), std::string("hello"), std::string("{\"flotsam_lock\":2,\"leases\":[]}"),
        to_lock_entry("another store", {}), entry.replace(entry.find("\"token\""), 7, "\"other\"")}) {
    ASSERT_TRUE(state_->put(lock_name(kStore), content).has_value());
    const auto other = acquire(ask("undo 2233"));
    ASSERT_FALSE(other.has_value()) << content;
    EXPECT_EQ(other.error().code, ErrorCode::corrupt);
    EXPECT_NE(other.error().hint.find("unlock --force"), std::string::npos);
    EXPECT_FALSE(lock_holders(*state_, kStore).has_value());
    EXPECT_FALSE(lock->check().has_value());
    const auto broken = break_locks(*state_, kStore, {"books/"});
    ASSERT_TRUE(broken.has_value()) << to_text(broken.error());
    ASSERT_EQ(broken->size(), 1U);
    EXPECT_EQ(broken->at(0).run, "(unreadable)");
    EXPECT_TRUE(holders().empty());
  }
}

TEST_F(Lock, NeedsAPrefixAndARun) {
  EXPECT_EQ(acquire(ask("apply 0011", {})).error().code, ErrorCode::internal);
  EXPECT_EQ(acquire(ask("")).error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace flotsam::test
