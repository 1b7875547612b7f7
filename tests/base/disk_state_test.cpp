#include "base/disk_state.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/state_name.h"
#include "support/state_contract.h"

namespace flotsam::test {
namespace {

class StateOnDisk final : public StateUnderTest {
 public:
  std::unique_ptr<State> open() override { return open_disk_state(folder_ / "not/yet/made"); }

 private:
  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Disk, StateContract,
                         testing::Values(StateImplementation{"disk",
                                                             []() -> std::unique_ptr<StateUnderTest> {
                                                               return std::make_unique<StateOnDisk>();
                                                             }}),
                         [](const auto& each) { return std::string(each.param.name); });

class DiskState : public testing::Test {
 protected:
  std::vector<std::string> lines_of(const std::string& name) {
    std::vector<std::string> lines;
    const auto there = state_->read_log(name, [&](std::string_view line) -> Result<void> {
      lines.emplace_back(line);
      return {};
    });
    EXPECT_TRUE(there.has_value()) << failure_of(there);
    return lines;
  }
  void append_bytes(std::string_view bytes) const {
    std::ofstream(folder_ / "state/journals/a", std::ios::binary | std::ios::app) << bytes;
  }
  Result<void> append(const std::string& line) {
    FLOTSAM_ASSIGN(const auto log, state_->open_log("journals/a"));
    FLOTSAM_TRY(log->append(line));
    return log->sync();
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::recursive_directory_iterator(folder_ / "state"))
      if (each.is_regular_file()) names.push_back(each.path().filename().native());
    std::sort(names.begin(), names.end());
    return names;
  }
  unsigned mode_of(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(stat((folder_ / name).c_str(), &status), 0) << name;
    return status.st_mode & 0777U;
  }

  TemporaryFolder folder_;
  std::unique_ptr<State> state_ = open_disk_state(folder_ / "state");
};

using Lines = std::vector<std::string>;

TEST_F(DiskState, IsMadeByTheFirstWriteForItsOwnerAlone) {
  EXPECT_TRUE(state_->list("plans").has_value());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "state")) << "looking makes nothing";
  ASSERT_TRUE(state_->put("plans/a", "x").has_value());
  ASSERT_TRUE(append("one").has_value());
  for (const char* each : {"state", "state/plans", "state/journals"}) EXPECT_EQ(mode_of(each), 0700U) << each;
  for (const char* each : {"state/plans/a", "state/journals/a"}) EXPECT_EQ(mode_of(each), 0600U) << each;
}

TEST_F(DiskState, LeavesNoTemporaryFileAndListsNoneOfItsOwn) {
  ASSERT_TRUE(state_->create("locks/a", "x").has_value());
  ASSERT_TRUE(state_->create("locks/a", "y").has_value());
  ASSERT_TRUE(state_->put("locks/a", "z").has_value());
  EXPECT_EQ(files(), (Lines{".lock", "a"}));
  folder_.write("state/locks/.a.0011223344556677.tmp", "of a run that was killed");
  const auto names = state_->list("locks");
  ASSERT_TRUE(names.has_value());
  EXPECT_EQ(*names, Lines{"locks/a"});
}

TEST_F(DiskState, IsTheSameBySeveralSpellingsOfItsFolder) {
  ASSERT_TRUE(state_->put("plans/a", "x").has_value());
  std::filesystem::create_directory_symlink(folder_ / "state", folder_ / "link");
  EXPECT_EQ(state_->name_of((folder_ / "link/plans/a").native()), "plans/a");
  EXPECT_EQ(state_->name_of((folder_ / "state/./journals/../plans/a").native()), "plans/a");
  EXPECT_EQ(open_disk_state(folder_ / "state/")->place_of("plans/a"), (folder_ / "state/plans/a").native());
  EXPECT_EQ(state_->name_of((folder_ / "state/.lock").native()), std::nullopt);
}

TEST_F(DiskState, AFileInPlaceOfAFolderIsNoAbsence) {
  folder_.write("state/plans", "a file");
  const auto entry = state_->read("plans/a");
  ASSERT_FALSE(entry.has_value());
  EXPECT_EQ(entry.error().code, ErrorCode::corrupt) << failure_of(entry);
  EXPECT_FALSE(state_->list("plans").has_value());
  EXPECT_FALSE(state_->read_log("plans/a", [](std::string_view) -> Result<void> { return {}; }).has_value());
  EXPECT_FALSE(state_->local_copy("plans/a").has_value());
  EXPECT_FALSE(state_->put("plans/a", "x").has_value());
}

TEST_F(DiskState, APipeInPlaceOfAnEntryIsNotWaitedFor) {
  ASSERT_TRUE(state_->put("plans/b", "x").has_value());
  ASSERT_EQ(mkfifo((folder_ / "state/plans/a").c_str(), 0600), 0);
  const auto entry = state_->read("plans/a");
  ASSERT_FALSE(entry.has_value());
  EXPECT_EQ(entry.error().code, ErrorCode::corrupt);
  const auto log = state_->open_log("plans/a");
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, ErrorCode::corrupt);
}

TEST_F(DiskState, ChangesWaitForTheLockOfTheFolder) {
  ASSERT_TRUE(state_->put("locks/a", "one").has_value());
  const auto entry = state_->read("locks/a");
  const FileDescriptor lock(open((folder_ / "state/.lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  std::atomic<bool> released{false}, early{false};
  {
    const std::jthread changer([&] {
      const auto replaced = state_->replace("locks/a", "three", (*entry)->tag);
      early = !released;
      EXPECT_TRUE(replaced.has_value());
      EXPECT_FALSE(replaced.value_or(true)) << "what it compares is what stands once it has the lock";
    });
    folder_.write("state/locks/a", "two");
    released = true;
    ASSERT_EQ(flock(lock.get(), LOCK_UN), 0);
  }
  EXPECT_FALSE(early);
  EXPECT_EQ(content_of(folder_ / "state/locks/a"), "two");
}

TEST_F(DiskState, PassesOverATornLastLineAndCutsItOffBeforeTheNext) {
  for (const std::string& torn :
       {std::string("{\"half"), std::string(1'000'000, 'x'), std::string(4096, '\0')}) {
    std::filesystem::remove_all(folder_ / "state");
    ASSERT_TRUE(append("one").has_value());
    append_bytes(torn);
    EXPECT_EQ(lines_of("journals/a"), Lines{"one"});
    ASSERT_TRUE(append("two").has_value());
    EXPECT_EQ(lines_of("journals/a"), (Lines{"one", "two"}));
    EXPECT_EQ(content_of(folder_ / "state/journals/a"), "one\ntwo\n");
  }
}

TEST_F(DiskState, ATornFirstLineLeavesAnEmptyLog) {
  folder_.write("state/journals/a", "{\"half");
  EXPECT_EQ(lines_of("journals/a"), Lines{});
  ASSERT_TRUE(state_->open_log("journals/a").has_value());
  EXPECT_EQ(content_of(folder_ / "state/journals/a"), "");
}

TEST_F(DiskState, ALogHoldsBackNothingOnceItIsSynced) {
  const auto log = state_->open_log("journals/a");
  ASSERT_TRUE(log.has_value());
  ASSERT_TRUE((*log)->append("one").has_value());
  EXPECT_EQ(content_of(folder_ / "state/journals/a"), "") << "an append is buffered";
  ASSERT_TRUE((*log)->sync().has_value());
  EXPECT_EQ(content_of(folder_ / "state/journals/a"), "one\n");
}

TEST_F(DiskState, ALogIsHeldForItsLifetimeAndNoLonger) {
  {
    const auto log = state_->open_log("journals/a");
    ASSERT_TRUE(log.has_value());
    const auto second = state_->open_log("journals/a");
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::refused);
    EXPECT_NE(second.error().message.find("journals/a"), std::string::npos);
    EXPECT_TRUE(state_->open_log("journals/b").has_value()) << "another log is another matter";
  }
  EXPECT_TRUE(state_->open_log("journals/a").has_value());
}

/// Runs `body` in a process of its own; its exit code.
int exit_code_of(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

TEST_F(DiskState, AfterAFailedWriteNothingMoreIsAppended) {
  // A process of its own: the limit on the size of files is as good as a full disk.
  const int code = exit_code_of([&] {
    auto log = state_->open_log("journals/a");
    if (!log || !(*log)->append("one") || !(*log)->sync()) return 1;
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{20, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    if (!(*log)->append(std::string(100, 'x'))) return 2;
    const auto failed = (*log)->sync();
    if (failed || failed.error().code != ErrorCode::unavailable) return 3;
    const rlimit large{limit.rlim_max, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &large);
    if ((*log)->append("two")) return 4;
    if ((*log)->sync()) return 5;
    return 0;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(lines_of("journals/a"), Lines{"one"}) << "what was written of the failed line is torn";
  ASSERT_TRUE(append("three").has_value());
  EXPECT_EQ(lines_of("journals/a"), (Lines{"one", "three"}));
}

TEST_F(DiskState, AWriteThatFailsLeavesTheOldEntry) {
  ASSERT_TRUE(state_->put("plans/a", "old").has_value());
  const int code = exit_code_of([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1, 1};
    setrlimit(RLIMIT_FSIZE, &small);
    if (state_->put("plans/a", "new and too long")) return 1;
    if (state_->create("plans/b", "new and too long")) return 2;
    const auto entry = state_->read("plans/a");
    if (!entry || state_->replace("plans/a", "new and too long", (*entry)->tag)) return 3;
    return 0;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(content_of(folder_ / "state/plans/a"), "old");
  EXPECT_EQ(files(), (Lines{".lock", "a"})) << "no half-written file is left";
}

TEST_F(DiskState, WhatAPersonMayStillWriteToIsNotWhatItTook) {
  const auto local = folder_.write("mine", "plan");
  ASSERT_TRUE(state_->take_file("plans/a", local).has_value());
  EXPECT_EQ(content_of(local), "plan");
  std::ofstream(local) << "changed";
  EXPECT_EQ(content_of(folder_ / "state/plans/a"), "plan");
  EXPECT_EQ(mode_of("state/plans/a"), 0600U);
}

TEST(StateName, AllowsTheNamesOfOursAlone) {
  for (const char* name : {"a", "history.ndjson", "journals/0a-b_C.undo.ndjson", "a/b/c", "a..b"})
    EXPECT_TRUE(is_state_name(name)) << name;
  for (const char* name :
       {"", "/", "a/", "/a", "a//b", ".", "..", "a/..", "../a", ".a", "a/.b", "a b", "a\nb", "\xc3\xa9"})
    EXPECT_FALSE(is_state_name(name)) << name;
  EXPECT_FALSE(is_state_name(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace flotsam::test
