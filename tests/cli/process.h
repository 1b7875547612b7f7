#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/file.h"

namespace flotsam::test {

/// How a process ended, and what it wrote to stderr.
struct Ended {
  int code = -1;   ///< of exit
  int signal = 0;  ///< that ended it
  std::string err;
};

/// cli::main() in a process of its own, in `folder`.
class Process {
 public:
  /// `prepare` is run in it just before, `on_step` before each step of a run that writes.
  Process(const std::filesystem::path& folder, std::vector<std::string> args,
          const std::function<void()>& prepare, const std::function<void(const char* step)>& on_step = {});
  pid_t pid() const { return pid_; }
  Ended wait();

 private:
  pid_t pid_ = -1;
  FileDescriptor err_;
};

void discard_stdout();

}  // namespace flotsam::test
