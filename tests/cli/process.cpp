#include "cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

namespace flotsam::test {

Process::Process(const std::filesystem::path& folder, std::vector<std::string> args,
                 const std::function<void()>& prepare, const std::function<void(const char* step)>& on_step) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) ADD_FAILURE() << "no pipe";
  pid_ = fork();
  if (pid_ == 0) {
    dup2(ends[1], STDERR_FILENO);
    if (chdir(folder.c_str()) != 0) _exit(99);
    setenv("HOME", folder.c_str(), 1);
    prepare();
    args.insert(args.begin(), "flotsam");
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    const int count = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    _exit(cli::main(count, argv.data(), on_step));
  }
  close(ends[1]);
  err_ = FileDescriptor(ends[0]);
}

Ended Process::wait() {
  Ended ended;
  char block[4096];
  for (ssize_t got = read(err_.get(), block, sizeof block); got > 0;
       got = read(err_.get(), block, sizeof block))
    ended.err.append(block, static_cast<std::size_t>(got));
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) ADD_FAILURE() << "waitpid";
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  return ended;
}

void discard_stdout() {
  dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
}

}  // namespace flotsam::test
