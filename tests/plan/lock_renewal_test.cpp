#include <condition_variable>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <utility>

#include "plan/lock_fixture.h"
#include "support/faulty_state.h"

namespace flotsam::test {
namespace {

using std::chrono::minutes;

using LockRenewal = Lock;

TEST_F(LockRenewal, IsRenewedByCheckWhenTimeGetsShort) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  clock_.move(minutes(8));
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, at("2026-11-23T07:10:00Z")) << "two minutes are enough";
  clock_.move(std::chrono::seconds(1));
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, clock_.now() + minutes(10));
}

TEST_F(LockRenewal, IsRenewedInTimeThoughTheClockWasSetBack) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  clock_.move(minutes(9));
  clock_.set_back(minutes(8));
  ASSERT_TRUE(lock->check().has_value());
  const auto now = holders();
  EXPECT_EQ(now.at(0).expires_at, clock_.now() + minutes(10));
  clock_.move(minutes(7));
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, now.at(0).expires_at);
}

TEST_F(LockRenewal, ComesInTimeThoughTheMachineSlept) {
  auto lock = acquire(ask());
  ASSERT_TRUE(lock.has_value());
  clock_.set_back(-minutes(9));  // the date went on; the clock that counts running time did not
  ASSERT_TRUE(lock->check().has_value());
  EXPECT_EQ(holders().at(0).expires_at, clock_.now() + minutes(10));
}

/// Lets everything through, counts replacements and can be switched off.
class WatchedState final : public State {
 public:
  explicit WatchedState(State& behind) : behind_(behind) {}
  void switch_off(ErrorCode code) { off_ = code; }
  void switch_on() { off_.reset(); }
  /// The next change is sent twice, as by a client that saw no answer: the second answer is what comes back.
  void repeat_next_change() { repeats_ = true; }
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
    if (std::exchange(repeats_, false)) static_cast<void>(behind_.create(name, bytes));
    return behind_.create(name, bytes);
  }
  Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) override {
    if (off_) return off();
    if (std::exchange(repeats_, false)) static_cast<void>(behind_.replace(name, bytes, tag));
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
  bool repeats_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  int replaced_ = 0;
};

TEST_F(LockRenewal, IsRenewedByAThreadOfItsOwn) {
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

TEST_F(LockRenewal, OfAStateThatDoesNotAnswerHoldsWhileItsLeaseHasTime) {
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

TEST_F(LockRenewal, OfAStateThatRepeatsARequestIsNotHeldOffByItself) {
  for (const bool beside_another : {false, true}) {
    std::optional<Result<ScopeLock>> other;
    if (beside_another) other.emplace(acquire(ask("rescue", {"images/"})));
    WatchedState state(*state_);
    state.repeat_next_change();
    auto lock = ScopeLock::acquire(state, ask(), clock_);
    ASSERT_TRUE(lock.has_value()) << to_text(lock.error());
    EXPECT_EQ(holders().size(), beside_another ? 2U : 1U);
    clock_.move(minutes(9));
    state.repeat_next_change();
    EXPECT_TRUE(lock->check().has_value());
  }
}

TEST_F(LockRenewal, WhoseTakingFailsAtAnyCallHoldsNobodyOff) {
  for (const auto effect : {FaultyState::Effect::none, FaultyState::Effect::whole})
    for (std::uint64_t n = 1; n <= 2; ++n) {
      FaultyState faulty(*state_, {n, effect, false, ErrorCode::unavailable});
      const auto lock = ScopeLock::acquire(faulty, ask(), clock_);
      ASSERT_FALSE(lock.has_value()) << "call " << n;
      EXPECT_EQ(lock.error().code, ErrorCode::unavailable);
      ASSERT_TRUE(acquire(ask("undo 2233")).has_value()) << "call " << n;
    }
}

}  // namespace
}  // namespace flotsam::test
