#include "plan/process.h"

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
}  // namespace flotsam
