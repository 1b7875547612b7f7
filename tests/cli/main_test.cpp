#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/process.h"

namespace flotsam::test {
namespace {

TEST(Main, RunsInTheRealWorld) {
  const TemporaryFolder folder;
  const Ended ended = Process(folder.path(), {"--version"}, [&] {
                        dup2(open((folder / "out").c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
                      }).wait();
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(content_of(folder / "out"), cli::version_line());
}

TEST(Main, OfABrokenPipeIsExitOneWithoutACrash) {
  const TemporaryFolder folder;
  const Ended ended = Process(folder.path(), {"--help"}, [] {
                        int ends[2];
                        if (pipe(ends) != 0) _exit(98);
                        close(ends[0]);
                        dup2(ends[1], STDOUT_FILENO);
                      }).wait();
  EXPECT_EQ(ended.signal, 0);
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "") << "whoever closed it knows";
}

TEST(Main, OfAClosedStdoutIsExitOneAndWritesIntoNoOtherFile) {
  CommandLine line;
  make_directory_and_database(line.folder, {"books/a.jpg"}, {"a.jpg"});
  line.folder.write("flotsam.toml", directory_config());
  const Ended ended =
      Process(line.folder.path(), {"scan", "--plan", "plan.ndjson"}, [] { close(STDOUT_FILENO); }).wait();
  EXPECT_EQ(ended.code, 1) << ended.err;
  EXPECT_EQ(line.run({"show", "plan.ndjson"}), 0) << "the report did not run into the plan";
}

TEST(Main, HoldsTheStandardDescriptors) {
  const pid_t pid = fork();
  if (pid == 0) {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(fd);
    std::string name = "flotsam", flag = "--version";
    char* argv[] = {name.data(), flag.data(), nullptr};
    const int code = cli::main(2, argv);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      if (fcntl(fd, F_GETFD) == -1) _exit(90 + fd);
    _exit(code);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 1) << "nothing could be printed, and no other file got it";
}

TEST(Main, OfAFullDiskSaysSo) {
  const TemporaryFolder folder;
  const Ended ended =
      Process(folder.path(), {"--help"}, [] { dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO); }).wait();
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "error: cannot write to stdout: No space left on device\n");
}

TEST(Main, KeepsTheExitCodeOfAUsageMistake) {
  const TemporaryFolder folder;
  const Ended ended = Process(folder.path(), {"scna"}, discard_stdout).wait();
  EXPECT_EQ(ended.code, 2);
}

TEST(Main, LeavesNoCoreAndNoMemoryToOthers) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer's leak check needs a dumpable process";
#endif
  const pid_t pid = fork();
  if (pid == 0) {
    discard_stdout();
    std::string name = "flotsam", flag = "--version";
    char* argv[] = {name.data(), flag.data(), nullptr};
    const int code = cli::main(2, argv);
    _exit(code == 0 && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

/// A scan whose configuration is a FIFO: once that opens for writing, the process waits in its read with its
/// signal handlers in place.
struct WaitingScan {
  CommandLine line;
  std::unique_ptr<Process> process;
  FileDescriptor config;

  WaitingScan() {
    make_directory_and_database(line.folder, {"books/a.jpg"}, {"a.jpg"});
    EXPECT_EQ(mkfifo((line.folder / "config").c_str(), 0600), 0);
    process = std::make_unique<Process>(
        line.folder.path(), std::vector<std::string>{"scan", "-c", "config", "--plan", "plan.ndjson"},
        discard_stdout);
    config = FileDescriptor(open((line.folder / "config").c_str(), O_WRONLY));
    EXPECT_TRUE(config.valid());
  }
  void go_on() {
    EXPECT_TRUE(write_all(config.get(), directory_config(), "config"));
    config.reset();
  }
};

TEST(Main, StopsAtASafePointWhenItIsInterrupted) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    WaitingScan scan;
    ASSERT_EQ(kill(scan.process->pid(), signal), 0);
    scan.go_on();
    const Ended ended = scan.process->wait();
    EXPECT_EQ(ended.code, 130) << strsignal(signal) << ended.err;
    EXPECT_FALSE(std::filesystem::exists(scan.line.folder / "plan.ndjson"));
  }
}

/// True where the process has a handler for the signal (SigCgt of proc(5)).
bool catches(pid_t pid, int signal) {
  const std::string status = content_of("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = status.find("SigCgt:");
  if (at == std::string::npos) return false;
  return (std::stoull(status.substr(at + 7), nullptr, 16) >> static_cast<unsigned>(signal - 1) & 1U) != 0;
}

TEST(Main, EndsAtOnceWhenItIsInterruptedTwice) {
  WaitingScan scan;
  const pid_t pid = scan.process->pid();
  ASSERT_TRUE(catches(pid, SIGINT));
  ASSERT_EQ(kill(pid, SIGINT), 0);
  // The second one must not melt into the first: the handler is taken away when it has run.
  for (int i = 0; i < 1000000 && catches(pid, SIGINT); ++i) sched_yield();
  ASSERT_EQ(kill(pid, SIGINT), 0);
  scan.config.reset();
  EXPECT_EQ(scan.process->wait().signal, SIGINT);
}

TEST(Main, LeavesIgnoredSignalsIgnored) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "config").c_str(), 0600), 0);
  Process process(folder.path(), {"check", "-c", "config"}, [] {
    discard_stdout();
    signal(SIGHUP, SIG_IGN);  // nohup
  });
  FileDescriptor config(open((folder / "config").c_str(), O_WRONLY));
  EXPECT_FALSE(catches(process.pid(), SIGHUP));
  EXPECT_TRUE(catches(process.pid(), SIGTERM));
  ASSERT_EQ(kill(process.pid(), SIGHUP), 0);
  ASSERT_TRUE(write_all(config.get(), directory_config(), "config"));
  config.reset();
  EXPECT_EQ(process.wait().code, 0);
}

}  // namespace
}  // namespace flotsam::test
