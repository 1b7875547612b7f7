#pragma once

/// cli/: the commands. One file pair a command, one row in the table of commands (commands.cpp); parsing
/// apart from running. Everything that a command touches comes in through Io, so that whole command lines run
/// in-process in tests.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/environment.h"
#include "base/time.h"

namespace flotsam::cli {

/// SPEC §3.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kOrphansFound = 3,
  kRefused = 4,
  kIncomplete = 5,
  kBadPlan = 6,
  kLocked = 7,
  kInterrupted = 130,
};

/// A command line's world.
struct Io {
  std::function<void(std::string_view)> out;  ///< stdout: results only
  std::function<void(std::string_view)> err;  ///< stderr: log and progress
  /// One line of stdin without its break; nothing at its end, after an interrupt, or where there is no stdin.
  std::function<std::optional<std::string>()> read_line;
  /// Takes the line that the first interrupt from now on writes to stderr.
  std::function<void(std::string_view)> on_interrupt;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  unsigned width = 80;  ///< of the terminal behind stdout
  Environment environment;
  std::filesystem::path working_folder;
  Clock* clock = nullptr;
  Cancel* cancel = nullptr;
  std::uint64_t machine_memory_bytes = 0;
  std::optional<std::uint64_t> hash_seed;  ///< tests fix it
  /// Called before each step of a run that writes, with its name: tests count, stop and kill there.
  std::function<void(const char* step)> on_step;
};

/// Runs one command line (without the program's name) and returns its exit code.
int run(const std::vector<std::string>& args, Io& io);

/// The real world around run(): descriptors, terminal, signals. For main(); `on_step` as in Io.
int main(int argc, char** argv, std::function<void(const char* step)> on_step = {});

}  // namespace flotsam::cli
