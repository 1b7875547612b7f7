#include "plan/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"

namespace flotsam {
namespace {

// The first pid namespace of a kernel has this number (PROC_PID_INIT_INO): no container.
constexpr std::string_view kNoContainer = "pid:[4026531836]";

/// A line of a file of the system; empty where it cannot be read.
std::string line_of(const char* path) {
  std::string text = read_file(path, 4096).value_or(std::string());
  return text.substr(0, text.find('\n'));
}

struct ProcessState {
  char letter = '?';  ///< 'Z' of a zombie
  std::uint64_t started = 0;
};

/// The third and the 22nd field of /proc/PID/stat (proc(5)).
std::optional<ProcessState> state_of(std::uint64_t pid) {
  const std::string text = read_file(fmt::format("/proc/{}/stat", pid), 4096).value_or(std::string());
  // The second field is the program's name in parentheses, which may hold anything.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return std::nullopt;
  std::string_view rest = std::string_view(text).substr(name_end + 2);
  ProcessState state{rest.front(), 0};
  for (int field = 3; field < 22; ++field) {
    const std::size_t blank = rest.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(blank + 1);
  }
  const auto started = parse_unsigned(rest.substr(0, rest.find(' ')));
  if (!started) return std::nullopt;
  state.started = *started;
  return state;
}

bool pid_is_gone(const ProcessIdentity& process) {
  if (process.pid == 0 || process.pid > 0x7FFFFFFF) return false;
  if (kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == ESRCH) return true;
  // Where the process is hidden from us it is there all the same.
  const auto state = state_of(process.pid);
  if (!state) return false;
  if (state->letter == 'Z' || state->letter == 'X') return true;
  return process.pid_started != 0 && state->started != process.pid_started;
}

}  // namespace

ProcessIdentity this_process() {
  ProcessIdentity here;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) here.host = name.data();
  // The id itself is not for the eyes of others (machine-id(5)).
  if (const std::string id = line_of("/etc/machine-id"); !id.empty())
    here.machine = sha256_hex("flotsam lock " + id).substr(0, 32);
  here.boot_id = line_of("/proc/sys/kernel/random/boot_id");
  std::array<char, 64> space{};
  if (readlink("/proc/self/ns/pid", space.data(), space.size() - 1) > 0) here.pid_space = space.data();
  here.pid = static_cast<std::uint64_t>(getpid());
  if (const auto state = state_of(here.pid)) here.pid_started = state->started;
  return here;
}

bool is_gone(const ProcessIdentity& process, const ProcessIdentity& here) {
  return !here.boot_id.empty() && process.boot_id == here.boot_id && !here.pid_space.empty() &&
         process.pid_space == here.pid_space && pid_is_gone(process);
}

bool is_of_another_start(const ProcessIdentity& process, const ProcessIdentity& here) {
  if (process.boot_id.empty() || here.boot_id.empty() || process.boot_id == here.boot_id) return false;
  // Containers share names and machine ids too easily.
  return process.host == here.host && !here.machine.empty() && process.machine == here.machine &&
         process.pid_space == kNoContainer && here.pid_space == kNoContainer;
}

std::optional<Timestamp> machine_started_at() {
  constexpr std::string_view kField = "btime ";
  constexpr std::size_t kStatMax = std::size_t{1} << 22U;
  // A machine of many cores and interrupts has a long file here.
  const std::string text = "\n" + read_file("/proc/stat", kStatMax).value_or(std::string());
  const std::size_t at = text.find("\n" + std::string(kField));
  if (at == std::string::npos) return std::nullopt;
  const std::size_t from = at + 1 + kField.size();
  const auto seconds = parse_unsigned(std::string_view(text).substr(from, text.find('\n', from) - from));
  if (!seconds || *seconds > 0xFFFFFFFFU) return std::nullopt;
  return Timestamp(Seconds(static_cast<std::int64_t>(*seconds)));
}

}  // namespace flotsam
