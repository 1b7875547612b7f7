#pragma once

#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/disk_state.h"
#include "plan/leases.h"
#include "plan/lock.h"
#include "plan/plan_fixture.h"

namespace flotsam::test {

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
    holder.expires_at = clock_.now() + std::chrono::minutes(10);
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

}  // namespace flotsam::test
