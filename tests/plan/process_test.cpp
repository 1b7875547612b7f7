#include "plan/process.h"

#include <ctime>
#include <functional>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace flotsam {
namespace {

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

TEST(Process, OfAnotherStartOfTheMachineIsToldFromOthersAndIsNotGoneForThat) {
  ProcessIdentity here;
  here.host = "host";
  here.machine = "machine";
  here.boot_id = "second";
  here.pid_space = "pid:[4026531836]";
  here.pid = 1;
  ProcessIdentity before = here;
  before.boot_id = "first";
  EXPECT_TRUE(is_of_another_start(before, here));
  EXPECT_FALSE(is_gone(before, here)) << "it may be one of a copy of this machine";
  EXPECT_FALSE(is_of_another_start(here, here));
  const auto differing = [&](auto field, const char* value) {
    ProcessIdentity other = before;
    other.*field = value;
    return is_of_another_start(other, here);
  };
  EXPECT_FALSE(differing(&ProcessIdentity::host, "another"));
  EXPECT_FALSE(differing(&ProcessIdentity::machine, "another"));
  EXPECT_FALSE(differing(&ProcessIdentity::pid_space, "another")) << "a container may have moved";
  EXPECT_FALSE(differing(&ProcessIdentity::boot_id, "")) << "its start is not known";
  ProcessIdentity nameless = here;
  nameless.machine = before.machine = "";
  EXPECT_FALSE(is_of_another_start(before, nameless));
}

TEST(Process, TellsWhenTheMachineWasStarted) {
  const auto started_at = machine_started_at();
  ASSERT_TRUE(started_at.has_value());
  timespec uptime{};
  ASSERT_EQ(clock_gettime(CLOCK_BOOTTIME, &uptime), 0);
  const Timestamp expected = SystemClock().now() - std::chrono::seconds(uptime.tv_sec);
  EXPECT_LT(*started_at, expected + std::chrono::hours(1));
  EXPECT_GT(*started_at, expected - std::chrono::hours(1));
}

}  // namespace
}  // namespace flotsam
