#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <random>
#include <set>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "cli/process.h"

namespace flotsam::test {
namespace {

constexpr int kOrphans = 130;  // batches of 1, 10, 100 and 19

/// A plan of kOrphans objects, made by the machine's own clock: real processes apply it.
struct RealPlan {
  CommandLine line;
  std::vector<std::string> before;
  std::vector<std::string> args = {"apply", "plan.ndjson", "--expect", std::to_string(kOrphans)};

  RealPlan() {
    with_images(line, kOrphans, "books/{s3_key}", "[guards]\norphan-percent = 99\n");
    std::string config = content_of(line.folder / "flotsam.toml");
    const std::string delete_section = "[delete]\n";
    config.replace(config.find(delete_section), delete_section.size(), "[delete]\nmax_rate = 100000\n");
    line.folder.write("flotsam.toml", config);
    line.clock.set(SystemClock().now());
    const int code = line.run({"scan", "--plan", "plan.ndjson"});
    EXPECT_TRUE(code == 0 || code == 4) << line.err;
    if (code == 4) args.insert(args.end(), {"--override", "shape-percent"});
    before = store_listing(line);
  }

  Ended apply(const std::function<void(const char*)>& on_step = {}) {
    return Process(line.folder.path(), args, discard_stdout, on_step).wait();
  }
  std::size_t left() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(line.folder / "media/books/600"), {}));
  }
  /// Ends what was begun, and proves that all of the plan and nothing else is gone, and comes back whole.
  void expect_the_same_end() {
    const Ended ended = apply();
    EXPECT_EQ(ended.code, 0) << ended.err;
    line.clock.set(SystemClock().now());
    args.emplace_back("--json");
    EXPECT_EQ(line.run(args), 0) << line.err;
    const auto result = nlohmann::json::parse(line.out);
    EXPECT_EQ(result["deleted"], kOrphans);
    EXPECT_EQ(result["status"], "ok");
    const auto after = store_listing(line);
    EXPECT_TRUE(std::includes(before.begin(), before.end(), after.begin(), after.end()));
    for (int i = 10; i < 30; ++i)
      EXPECT_TRUE(
          std::filesystem::exists(line.folder / ("media/books/515/image_" + std::to_string(i) + ".webp")));
    for (const std::string& entry : after) EXPECT_EQ(entry.find("left_"), std::string::npos) << entry;
    EXPECT_EQ(line.run({"undo", result["journal"], "--json"}), 0) << line.err << line.out;
    EXPECT_EQ(nlohmann::json::parse(line.out)["restored"], kOrphans);
    EXPECT_EQ(store_listing(line), before);
  }
};

/// An apply at a terminal of its own (pty(7)).
class AtATerminal {
 public:
  explicit AtATerminal(const RealPlan& plan) : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(grantpt(master_.get()), 0);
    EXPECT_EQ(unlockpt(master_.get()), 0);
    const FileDescriptor slave(open(ptsname(master_.get()), O_RDWR | O_NOCTTY));
    EXPECT_TRUE(slave.valid());
    std::vector<std::string> args = {"apply", "plan.ndjson", "--no-progress"};
    if (std::find(plan.args.begin(), plan.args.end(), "--override") != plan.args.end())
      args.insert(args.end(), {"--override", "shape-percent"});
    process_ = std::make_unique<Process>(plan.line.folder.path(), args, [&] {
      discard_stdout();
      dup2(slave.get(), STDIN_FILENO);
      dup2(slave.get(), STDERR_FILENO);
    });
  }
  /// Reads what the terminal shows until the question, or its end.
  bool is_asked() {
    const auto asks = [&] {
      return shown.find("Type the number of objects") != std::string::npos && shown.ends_with(": ");
    };
    while (!asks() && read_more()) {
    }
    return asks();
  }
  void type(std::string_view text) { EXPECT_TRUE(write_all(master_.get(), text, "pty")); }
  pid_t pid() const { return process_->pid(); }
  Ended wait() {
    while (read_more()) {
    }
    return process_->wait();
  }
  std::string shown;

 private:
  /// One byte more; false at the end, or where nothing comes for a minute.
  bool read_more() {
    struct pollfd input = {master_.get(), POLLIN, 0};
    char c = 0;
    if (poll(&input, 1, 60000) != 1 || read(master_.get(), &c, 1) != 1) return false;
    shown += c;
    return true;
  }

  FileDescriptor master_;
  std::unique_ptr<Process> process_;
};

TEST(ApplyProcess, ReadsTheNumberFromTheTerminal) {
  RealPlan plan;
  {
    AtATerminal terminal(plan);
    ASSERT_TRUE(terminal.is_asked()) << terminal.shown;
    terminal.type("131\n");
    EXPECT_EQ(terminal.wait().code, 4) << terminal.shown;
    EXPECT_EQ(store_listing(plan.line), plan.before);
  }
  AtATerminal terminal(plan);
  ASSERT_TRUE(terminal.is_asked()) << terminal.shown;
  terminal.type("130\n");
  EXPECT_EQ(terminal.wait().code, 0) << terminal.shown;
  plan.expect_the_same_end();
}

TEST(ApplyProcess, LeavesTheQuestionWhenItIsInterrupted) {
  RealPlan plan;
  AtATerminal terminal(plan);
  ASSERT_TRUE(terminal.is_asked()) << terminal.shown;
  terminal.type("13");
  ASSERT_EQ(kill(terminal.pid(), SIGINT), 0);
  EXPECT_EQ(terminal.wait().code, 130) << terminal.shown;
  EXPECT_EQ(store_listing(plan.line), plan.before);
}

TEST(ApplyProcess, LeavesTheQuestionAtTheEndOfInput) {
  RealPlan plan;
  AtATerminal terminal(plan);
  ASSERT_TRUE(terminal.is_asked()) << terminal.shown;
  terminal.type("\x04");
  EXPECT_EQ(terminal.wait().code, 4) << terminal.shown;
  EXPECT_EQ(store_listing(plan.line), plan.before);
}

TEST(ApplyProcess, ThatIsInterruptedEndsItsBatchAndGoesOnLater) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    RealPlan plan;
    int removals = 0;
    const Ended ended = plan.apply([&](const char* step) {
      if (std::string_view(step) == "remove" && ++removals == 2) raise(signal);
    });
    EXPECT_EQ(ended.code, 130) << ended.err;
    EXPECT_EQ(ended.signal, 0);
    EXPECT_NE(ended.err.find("interrupted: stopping at the next safe point"), std::string::npos) << ended.err;
    EXPECT_EQ(plan.left(), static_cast<std::size_t>(kOrphans - 11)) << "batches of 1 and 10";
    plan.expect_the_same_end();
  }
}

TEST(ApplyProcess, ThatIsInterruptedTwiceEndsAtOnceAndGoesOnLater) {
  RealPlan plan;
  int removals = 0;
  const Ended ended = plan.apply([&](const char* step) {
    if (std::string_view(step) != "remove" || ++removals < 2) return;
    raise(SIGINT);
    raise(SIGINT);
  });
  EXPECT_EQ(ended.signal, SIGINT);
  EXPECT_NE(ended.err.find("a second interrupt ends at once"), std::string::npos) << ended.err;
  plan.expect_the_same_end();
}

TEST(ApplyProcess, ThatIsKilledAtEachStepGoesOnLater) {
  int steps = 0;
  RealPlan plan;
  // Each run is killed at its first step of a kind that no earlier run was killed at.
  std::set<std::string> seen;
  for (;;) {
    const std::filesystem::path name = plan.line.folder / "killed-at";
    const Ended ended = plan.apply([&](const char* step) {
      if (seen.contains(step)) return;
      plan.line.folder.write("killed-at", step);
      kill(getpid(), SIGKILL);
    });
    if (ended.signal == 0) {
      EXPECT_EQ(ended.code, 0) << ended.err;
      break;
    }
    ASSERT_EQ(ended.signal, SIGKILL);
    seen.insert(content_of(name));
    ASSERT_LT(++steps, 50);
  }
  EXPECT_GE(steps, 3) << testing::PrintToString(seen);
  std::cout << "killed at " << testing::PrintToString(seen) << "\n";
  plan.expect_the_same_end();
}

TEST(UndoProcess, ThatIsKilledAtEachStepGoesOnLater) {
  RealPlan plan;
  ASSERT_EQ(plan.apply().code, 0);
  const std::string journal =
      "state/journals/" +
      std::filesystem::directory_iterator(plan.line.folder / "state/journals")->path().filename().native();
  std::set<std::string> seen;
  for (int kills = 0; kills < 50; ++kills) {
    const Ended ended =
        Process(plan.line.folder.path(), {"undo", journal}, discard_stdout, [&](const char* step) {
          if (seen.contains(step)) return;
          plan.line.folder.write("killed-at", step);
          kill(getpid(), SIGKILL);
        }).wait();
    if (ended.signal == 0) {
      EXPECT_EQ(ended.code, 0) << ended.err;
      break;
    }
    seen.insert(content_of(plan.line.folder / "killed-at"));
  }
  EXPECT_GE(seen.size(), 3U) << testing::PrintToString(seen);
  EXPECT_EQ(store_listing(plan.line), plan.before);
  plan.line.clock.set(SystemClock().now());
  EXPECT_EQ(plan.line.run({"undo", journal, "--json"}), 0) << plan.line.err;
  const auto result = nlohmann::json::parse(plan.line.out);
  EXPECT_EQ(result["restored"], kOrphans);
  EXPECT_TRUE(result["superseded"].empty());
}

TEST(ApplyProcess, ThatIsKilledAtRandomMomentsGoesOnLater) {
  RealPlan plan;
  std::mt19937 random(std::random_device{}());
  int survived = 0;
  for (int i = 0; i < 10; ++i) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(pipe(ends), 0);
    Process process(plan.line.folder.path(), plan.args, discard_stdout,
                    [&](const char*) { (void)!write(ends[1], ".", 1); });
    close(ends[1]);
    const FileDescriptor steps(ends[0]);
    // Some steps, then some turns of the scheduler: anywhere between two steps.
    char dot = 0;
    for (auto left = random() % 6; left > 0 && read(steps.get(), &dot, 1) == 1;) --left;
    for (auto turns = random() % 2000; turns > 0; --turns) sched_yield();
    kill(process.pid(), SIGKILL);
    const Ended ended = process.wait();
    if (ended.signal == SIGKILL) {
      ++survived;
    } else {
      EXPECT_EQ(ended.code, 0) << ended.err;
    }
  }
  std::cout << survived << " kills survived\n";
  plan.expect_the_same_end();
}

}  // namespace
}  // namespace flotsam::test
