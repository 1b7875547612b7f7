#include "support/private_server.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flotsam::test {
namespace {

std::string script(const std::string& name) {
  return std::string(FLOTSAM_SOURCE_DIR) + "/tests/servers/" + name;
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// `export NAME=value` lines; the scripts write no quotes.
std::map<std::string, std::string> assignments_of(const std::filesystem::path& path) {
  std::map<std::string, std::string> values;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kStart = "export ";
    const std::size_t sign = line.find('=');
    if (line.starts_with(kStart) && sign != std::string::npos)
      values[line.substr(kStart.size(), sign - kStart.size())] = line.substr(sign + 1);
  }
  return values;
}

/// Everything between fork and exec is prepared before: the child of a program with threads may call little.
struct PreparedCall {
  std::vector<std::string> texts;
  std::vector<char*> arguments;

  explicit PreparedCall(std::vector<std::string> words) : texts(std::move(words)) {
    for (std::string& text : texts) arguments.push_back(text.data());
    arguments.push_back(nullptr);
  }
};

/// Writes the input and gathers both outputs until they end.
void exchange(int in, int out, int err, const std::string& input, RunOutcome& outcome) {
  std::size_t written = 0;
  std::array<pollfd, 3> entries{{{in, POLLOUT, 0}, {out, POLLIN, 0}, {err, POLLIN, 0}}};
  if (input.empty()) {
    close(in);
    entries[0].fd = -1;
  }
  std::string block(1U << 16U, '\0');
  while (entries[1].fd >= 0 || entries[2].fd >= 0) {
    if (poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) break;
    if (entries[0].fd >= 0 && entries[0].revents != 0) {
      const ssize_t got = write(in, input.data() + written, input.size() - written);
      if (got > 0) written += static_cast<std::size_t>(got);
      if (got < 0 || written == input.size()) {
        close(in);
        entries[0].fd = -1;
      }
    }
    for (std::size_t i = 1; i < entries.size(); ++i) {
      if (entries[i].fd < 0 || entries[i].revents == 0) continue;
      const ssize_t got = read(entries[i].fd, block.data(), block.size());
      if (got > 0)
        (i == 1 ? outcome.output : outcome.errors).append(block, 0, static_cast<std::size_t>(got));
      else if (got == 0 || errno != EINTR)
        entries[i].fd = -1;
    }
  }
  if (entries[0].fd >= 0) close(in);
}

}  // namespace

RunOutcome run_program(const std::vector<std::string>& arguments,
                       const std::map<std::string, std::string>& environment, const std::string& input) {
  RunOutcome outcome;
  std::vector<std::string> words{"/usr/bin/env"};
  for (const auto& [name, value] : environment) words.push_back(name + "=" + value);
  words.insert(words.end(), arguments.begin(), arguments.end());
  const PreparedCall call(std::move(words));
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return outcome;
  signal(SIGPIPE, SIG_IGN);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    execv(call.arguments[0], call.arguments.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  exchange(in[1], out[0], err[0], input, outcome);
  close(out[0]);
  close(err[0]);
  int status = 0;
  if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
    outcome.exit_code = WEXITSTATUS(status);
  return outcome;
}

PrivateServer::PrivateServer(Scripts scripts) : scripts_(std::move(scripts)) {}

PrivateServer::~PrivateServer() {
  if (pipe_ >= 0) close(pipe_);
  if (watcher_ > 0) waitpid(watcher_, nullptr, 0);
}

bool PrivateServer::watch() {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  const PreparedCall call({"/usr/bin/env", "bash", "-c",
                           "read -r _; [ ! -e \"$2/data\" ] || bash \"$1\" \"$2\" --purge; rm -rf -- \"$3\"",
                           "watch", script(scripts_.stop), data_, folder_});
  watcher_ = fork();
  if (watcher_ == 0) {
    setsid();
    dup2(ends[0], 0);
    execv(call.arguments[0], call.arguments.data());
    _exit(127);
  }
  close(ends[0]);
  pipe_ = ends[1];
  return watcher_ > 0;
}

Result<std::map<std::string, std::string>> PrivateServer::start(
    const std::map<std::string, std::string>& environment) {
  folder_ = "/tmp/flotsam-" + scripts_.name + "-XXXXXX";  // short: a socket's path has room for 107 bytes
  if (mkdtemp(folder_.data()) == nullptr) return fail(ErrorCode::unavailable, "cannot make " + folder_);
  chmod(folder_.c_str(), 0755);  // the server may run as another user
  data_ = folder_ + "/s";
  if (!watch()) return fail(ErrorCode::unavailable, "cannot watch over " + scripts_.name);
  std::string said;
  for (int attempt = 0; attempt < 3; ++attempt) {  // another program may take the free port first
    // The server inherits the standard outputs: a file, because a pipe would never end.
    const std::string log = folder_ + "/start.log";
    const RunOutcome outcome = run_program(
        {"bash", "-c", "exec bash \"$1\" \"$2\" >>\"$3\" 2>&1", "start", script(scripts_.start), data_, log},
        environment, "");
    said = text_of(log);
    if (outcome.exit_code == 0) return assignments_of(data_ + "/env");
    if (outcome.exit_code != 1) break;
    run_program({"bash", script(scripts_.stop), data_, "--purge"}, {}, "");
    std::filesystem::remove_all(data_);
  }
  return fail(ErrorCode::unavailable, fmt::format("{} did not start: {}", scripts_.name, said));
}

}  // namespace flotsam::test
