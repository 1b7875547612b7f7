#include "support/rgw.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flotsam::test {
namespace {

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool ok = fd >= 0 && bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0;
  if (fd >= 0) close(fd);
  return ok ? ntohs(address.sin_port) : 0;
}

std::string script(const char* name) {
  return std::string(FLOTSAM_SOURCE_DIR) + "/tests/servers/" + name;
}

/// Runs a script with two arguments, its output in a file. Returns its exit code, -1 where it cannot be run.
int run_script(const std::string& path, const std::string& first, const std::string& second,
               const std::string& output) {
  const pid_t pid = fork();
  if (pid == 0) {
    const int null = open("/dev/null", O_RDONLY);
    const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(null, 0);
    dup2(out, 1);
    dup2(out, 2);
    execl("/usr/bin/env", "env", "bash", path.c_str(), first.c_str(), second.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Owns the running server. A child of ours waits for the end of a pipe that only we hold open, and then
/// stops the server: so it ends with us even where we crash or are killed.
class Gateway {
 public:
  Gateway() : server_(start()) {}
  ~Gateway() {
    if (pipe_ >= 0) close(pipe_);
    if (watcher_ > 0) waitpid(watcher_, nullptr, 0);
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  const Result<S3Server>& server() const { return server_; }

 private:
  Result<S3Server> start() {
    std::string folder = (std::filesystem::temp_directory_path() / "flotsam-rgw-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr)
      return fail(ErrorCode::unavailable, "cannot make a folder for the gateway");
    const std::string data = folder + "/data";
    const std::string output = folder + "/start.log";
    if (!watch(data, folder)) return fail(ErrorCode::unavailable, "cannot watch over the gateway");
    for (int attempt = 0; attempt < 3; ++attempt) {  // another program may take the port first
      const int port = free_port();
      const int code = run_script(script("start_rgw.sh"), data, std::to_string(port), output);
      if (code == 0) return S3Server{fmt::format("http://127.0.0.1:{}", port), "testaccess", "testsecret"};
      if (code != 1) break;
      run_script(script("stop_rgw.sh"), data, "--purge", output);
    }
    return fail(ErrorCode::unavailable, "the Ceph gateway did not start: " + text_of(output));
  }

  bool watch(const std::string& data, const std::string& folder) {
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    watcher_ = fork();
    if (watcher_ == 0) {
      setsid();
      dup2(ends[0], 0);
      const char* command =
          "read -r _; [ ! -f \"$2/ceph.conf\" ] || bash \"$1\" \"$2\" --purge; rm -rf -- \"$3\"";
      execl("/usr/bin/env", "env", "bash", "-c", command, "watch", script("stop_rgw.sh").c_str(),
            data.c_str(), folder.c_str(), nullptr);
      _exit(127);
    }
    close(ends[0]);
    pipe_ = ends[1];
    return watcher_ > 0;
  }

  pid_t watcher_ = -1;
  int pipe_ = -1;
  Result<S3Server> server_;
};

}  // namespace

const Result<S3Server>& shared_rgw() {
  static const Gateway gateway;
  return gateway.server();
}

}  // namespace flotsam::test
