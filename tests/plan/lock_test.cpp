#include "plan/lock.h"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <gtest/gtest.h>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/disk_state.h"
#include "plan/leases.h"
#include "plan/plan_fixture.h"
#include "support/faulty_state.h"

namespace flotsam::test {
namespace {

using std::chrono::minutes;

/// A clock that a test moves while a lock's thread looks at it.
class MovedClock final : public Clock {
 public:
  Timestamp now() const override { return at("2026-11-23T07:00:00Z") + moved(); }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::nanoseconds(monotonic_); }
  void sleep_for(std::chrono::nanoseconds duration) override { move(duration); }
  void move(std::chrono::nanoseconds duration) {
    moved_ += duration.count();
    monotonic_ += duration.count();
  }
  /// As a person sets it.
  void set_back(std::chrono::nanoseconds duration) { moved_ -= duration.count(); }

 private:
  std::chrono::nanoseconds moved() const { return std::chrono::nanoseconds(moved_); }
  std::atomic<std::int64_t> moved_{0}, monotonic_{0};
};

class Lock : public testing::Test {
 protected:
  static constexpr const char* kStore = "https://s3.example.com my-bucket";

  static ScopeLock::Ask ask(const std::string& run = "apply 0011",
                            std::vector<std::string> prefixes = {"books/"}) {
    return {kStore, std::move(prefixes), run};
  }
  Result<ScopeLock> acquire(const ScopeLock::Ask& asked) {
    return ScopeLock::acquire(*state_, asked, clock_);
  }
  std::vector<LockHolder> holders() {
    auto holders = lock_holders(*state_, kStore);
    EXPECT_TRUE(holders.has_value()) << to_text(holders.error());
    return holders ? *std::move(holders) : std::vector<LockHolder>{};
  }
  /// Writes a lease as another process would have.
  void lease(const std::function<void(LockHolder&)>& change) {
    LockHolder holder;
    static_cast<ProcessIdentity&>(holder) = this_process();
    holder.run = "apply 0011";
    holder.prefixes = {"books/"};
    holder.token = "of another";
    holder.acquired_at = clock_.now();
    holder.expires_at = clock_.now() + minutes(10);
    change(holder);
    ASSERT_TRUE(state_->put(lock_name(kStore), to_lock_entry(kStore, {holder})).has_value());
  }
  static void on_another_machine(LockHolder& holder) {
    holder.host = "elsewhere";
    holder.boot_id = "another";
    holder.machine = "another";
  }
  void expect_locked(const ScopeLock::Ask& asked, const std::string& complaint) {
    const auto lock = acquire(asked);
    ASSERT_FALSE(lock.has_value());
    EXPECT_EQ(lock.error().code, ErrorCode::refused);
    EXPECT_EQ(lock.error().service_code, "Locked");
    EXPECT_NE(lock.error().message.find(complaint), std::string::npos) << lock.error().message;
    EXPECT_FALSE(lock.error().hint.empty());
  }

  TemporaryFolder folder_;
  std::unique_ptr<State> state_ = open_disk_state(folder_ / "state");
  MovedClock clock_;
};

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
    const auto lock = ScopeLock::acquire(*open_disk_state(folder_ / "state"), ask(), clock);
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

TEST_F(Lock, IsRenewedByCheckWhenTimeGetsShort) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  clock_.move(minutes(8));
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, at("2026-11-23T07:10:00Z")) << "two minutes are enough";
  clock_.move(std::chrono::seconds(1));
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, clock_.now() + minutes(10));
}

TEST_F(Lock, IsRenewedInTimeThoughTheClockWasSetBack) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  clock_.move(minutes(9));
  clock_.set_back(minutes(9));
  ASSERT_TRUE(lock->check().has_value());
  const auto now = holders();
  EXPECT_EQ(now.at(0).expires_at, clock_.now() + minutes(10));
  clock_.move(minutes(7));
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, now.at(0).expires_at);
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

/// Lets everything through, counts replacements and can be switched off.
class WatchedState final : public State {
 public:
  explicit WatchedState(State& behind) : behind_(behind) {}
  void switch_off(ErrorCode code) { off_ = code; }
  void switch_on() { off_.reset(); }
  /// Waits, for at most ten seconds, until an entry was replaced so often.
  bool wait_for_replacements(int count) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, std::chrono::seconds(10), [&] { return replaced_ >= count; });
  }
  Result<std::optional<Entry>> read(const std::string& name, std::uint64_t limit_bytes) override {
    if (off_) return off();
    return behind_.read(name, limit_bytes);
  }
  Result<bool> create(const std::string& name, std::string_view bytes) override {
    if (off_) return off();
    return behind_.create(name, bytes);
  }
  Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) override {
    if (off_) return off();
    auto done = behind_.replace(name, bytes, tag);
    const std::lock_guard guard(mutex_);
    ++replaced_;
    changed_.notify_all();
    return done;
  }
  Result<void> put(const std::string& name, std::string_view bytes) override {
    return behind_.put(name, bytes);
  }
  Result<bool> remove(const std::string& name, const std::string& tag) override {
    if (off_) return off();
    return behind_.remove(name, tag);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return behind_.list(folder); }
  Result<std::unique_ptr<AppendLog>> open_log(const std::string& name) override {
    return behind_.open_log(name);
  }
  Result<bool> read_log(const std::string& name,
                        const std::function<Result<void>(std::string_view line)>& use) override {
    return behind_.read_log(name, use);
  }
  Result<std::optional<std::filesystem::path>> local_copy(const std::string& name) override {
    return behind_.local_copy(name);
  }
  Result<void> take_file(const std::string& name, const std::filesystem::path& local) override {
    return behind_.take_file(name, local);
  }
  std::string place_of(const std::string& name) const override { return behind_.place_of(name); }
  std::optional<std::string> name_of(const std::string& place) const override {
    return behind_.name_of(place);
  }

 private:
  std::unexpected<Error> off() const { return fail(*off_, "the state is switched off"); }
  State& behind_;
  std::optional<ErrorCode> off_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int replaced_ = 0;
};

TEST_F(Lock, IsRenewedByAThreadOfItsOwn) {
  WatchedState state(*state_);
  LockTimes times;
  times.renew_each = std::chrono::milliseconds(1);
  const auto lock = ScopeLock::acquire(state, ask(), clock_, times);
  ASSERT_TRUE(lock.has_value()) << to_text(lock.error());
  clock_.move(minutes(9));
  ASSERT_TRUE(state.wait_for_replacements(2)) << "the one under way may have begun before";
  EXPECT_EQ(holders().at(0).expires_at, clock_.now() + minutes(10));
  EXPECT_EQ(holders().at(0).acquired_at, at("2026-11-23T07:00:00Z"));
}

TEST_F(Lock, OfAStateThatDoesNotAnswerHoldsWhileItsLeaseHasTime) {
  WatchedState state(*state_);
  auto lock = ScopeLock::acquire(state, ask(), clock_);
  ASSERT_TRUE(lock.has_value());
  state.switch_off(ErrorCode::unavailable);
  clock_.move(minutes(8));
  EXPECT_TRUE(lock->check().has_value());
  clock_.move(std::chrono::seconds(1));
  const auto checked = lock->check();
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().service_code, "LockLost");
  EXPECT_NE(checked.error().message.find("the state is switched off"), std::string::npos);
  state.switch_on();
  EXPECT_TRUE(lock->check().has_value()) << "nobody took it meanwhile";
  state.switch_off(ErrorCode::permission_denied);
  EXPECT_EQ(lock->check().error().code, ErrorCode::permission_denied);
}

TEST_F(Lock, WhoseTakingFailsAtAnyCallHoldsNobodyOff) {
  for (const auto effect : {FaultyState::Effect::none, FaultyState::Effect::whole})
    for (std::uint64_t n = 1; n <= 2; ++n) {
      FaultyState faulty(*state_, {n, effect, false, ErrorCode::unavailable});
      const auto lock = ScopeLock::acquire(faulty, ask(), clock_);
      ASSERT_FALSE(lock.has_value()) << "call " << n;
      EXPECT_EQ(lock.error().code, ErrorCode::unavailable);
      ASSERT_TRUE(acquire(ask("undo 2233")).has_value()) << "call " << n;
    }
}

TEST(Process, OfThisMachineIsGoneOnlyWhereThatIsCertain) {
  const ProcessIdentity here = this_process();
  ASSERT_FALSE(here.boot_id.empty());
  ASSERT_FALSE(here.pid_space.empty());
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  struct Case {
    const char* name;
    std::function<void(ProcessIdentity&)> change;
    bool gone;
  };
  const auto dead = [&](ProcessIdentity& process) { process.pid = static_cast<std::uint64_t>(child); };
  const std::vector<Case> cases = {
      {"this one", [](ProcessIdentity&) {}, false},
      {"the first one", [](ProcessIdentity& process) { process.pid = 1, process.pid_started = 0; }, false},
      {"of a pid that is free", dead, true},
      {"of a pid that was given anew", [](ProcessIdentity& process) { process.pid_started += 1; }, true},
      {"of an unknown start", [](ProcessIdentity& process) { process.pid_started = 0; }, false},
      {"of no pid", [](ProcessIdentity& process) { process.pid = 0; }, false},
      {"of another container",
       [&](ProcessIdentity& process) {
         dead(process);
         process.pid_space = "pid:[1]";
       },
       false},
      {"of another machine",
       [&](ProcessIdentity& process) {
         dead(process);
         process.boot_id = "x";
         process.host = "elsewhere";
       },
       false},
      {"of a machine that is not known",
       [&](ProcessIdentity& process) {
         dead(process);
         process.boot_id = "";
       },
       false},
  };
  for (const Case& each : cases) {
    ProcessIdentity process = here;
    each.change(process);
    EXPECT_EQ(is_gone(process, here), each.gone) << each.name;
  }
}

TEST(Process, OfBeforeARestartIsGoneWhereTheMachineIsTheSame) {
  ProcessIdentity here;
  here.host = "host";
  here.machine = "machine";
  here.boot_id = "second";
  here.pid_space = "pid:[4026531836]";
  here.pid = 1;
  ProcessIdentity before = here;
  before.boot_id = "first";
  EXPECT_TRUE(is_gone(before, here));
  const auto differing = [&](auto field) {
    ProcessIdentity other = before;
    other.*field = "another";
    return is_gone(other, here);
  };
  EXPECT_FALSE(differing(&ProcessIdentity::host));
  EXPECT_FALSE(differing(&ProcessIdentity::machine));
  EXPECT_FALSE(differing(&ProcessIdentity::pid_space)) << "a container may have moved";
  ProcessIdentity nameless = here;
  nameless.machine = before.machine = "";
  EXPECT_FALSE(is_gone(before, nameless));
}

}  // namespace
}  // namespace flotsam::test
