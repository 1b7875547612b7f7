#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/error.h"

namespace flotsam::test {

/// What a program that was run came to.
struct RunOutcome {
  int exit_code = -1;  ///< -1: it could not be run, or a signal ended it
  std::string output;
  std::string errors;
};

/// Runs a program of PATH with these arguments, variables added to the environment, and text as its standard
/// input.
RunOutcome run_program(const std::vector<std::string>& arguments,
                       const std::map<std::string, std::string>& environment, const std::string& input);

/// A server that a script of tests/servers starts in a folder of its own, and that ends with this test
/// program even where it crashes: a child of ours waits for the end of a pipe that only we hold open, and
/// runs the stop script.
class PrivateServer {
 public:
  struct Scripts {
    std::string name;   ///< for folders and messages
    std::string start;  ///< start_x.sh, called with the folder
    std::string stop;   ///< stop_x.sh, called with the folder and --purge
  };
  explicit PrivateServer(Scripts scripts);
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  /// Starts it. The value: the assignments of the folder's `env` file. Errors: what the script said, which
  /// names the package where a tool is missing.
  Result<std::map<std::string, std::string>> start(
      const std::map<std::string, std::string>& environment = {});
  const std::string& folder() const { return data_; }

 private:
  bool watch();
  Scripts scripts_;
  std::string folder_;
  std::string data_;
  int pipe_ = -1;
  pid_t watcher_ = -1;
};

}  // namespace flotsam::test
