#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cli/cli.h"
#include "config/config.h"

namespace flotsam::cli {
namespace {

/// What a signal handler can reach.
Cancel interrupted;

/// What the first signal writes to stderr; points to text that is never changed again.
std::atomic<const std::string*> notice{nullptr};

void on_signal(int /*signal*/) {
  const int before = errno;
  interrupted.request();
  if (const std::string* text = notice.load(); text != nullptr)
    (void)!::write(STDERR_FILENO, text->data(), text->size());
  errno = before;
}

/// The first signal asks for a stop at a safe point; the second one ends the process (SA_RESETHAND).
void handle_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    // What nohup or a shell's background job ignores stays ignored.
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
  }
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigemptyset(&ignore.sa_mask);
  sigaction(SIGPIPE, &ignore, nullptr);  // a closed stdout shows as EPIPE
}

/// A closed standard descriptor would be taken by the next file that is opened, and results would be written
/// into it.
void hold_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) (void)!open("/dev/null", O_RDONLY);
}

/// Passwords are in this process's memory: no core file, and no other process of this user may read it.
void forbid_core_dumps() {
#ifndef __SANITIZE_ADDRESS__  // its leak check attaches to the process
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

/// A descriptor with a buffer; remembers a failed write.
class Output {
 public:
  Output(int fd, std::size_t limit) : fd_(fd), limit_(limit) {}
  void write(std::string_view bytes) {
    buffer_.append(bytes);
    if (buffer_.size() >= limit_) flush();
  }
  void flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && error_ == 0) {
      const ssize_t written = ::write(fd_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error_ = errno;
      } else {
        rest.remove_prefix(static_cast<std::size_t>(written));
      }
    }
    buffer_.clear();
  }
  int error() const { return error_; }

 private:
  int fd_;
  std::size_t limit_;
  std::string buffer_;
  int error_ = 0;
};

/// A line of stdin. An interrupt ends the wait: the person who is asked wants to leave.
std::optional<std::string> read_line() {
  constexpr std::size_t kLongest = 4096;
  sigset_t ours, before;
  sigemptyset(&ours);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ours, signal);
  // Signals come only within ppoll(): none is missed between the look and the wait.
  pthread_sigmask(SIG_BLOCK, &ours, &before);
  std::optional<std::string> line;
  std::string text;
  while (!interrupted.requested() && text.size() < kLongest) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (ppoll(&input, 1, nullptr, &before) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    char c = 0;
    if (::read(STDIN_FILENO, &c, 1) != 1) break;
    if (c == '\n') {
      line = std::move(text);
      break;
    }
    text += c;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return line;
}

unsigned terminal_width(const Environment& environment) {
  struct winsize size = {};
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
    if (isatty(fd) != 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const auto columns = parse_unsigned(environment.get("COLUMNS").value_or(""));
  return columns && *columns >= 20 && *columns <= 10000 ? static_cast<unsigned>(*columns) : 80U;
}

}  // namespace

int main(int argc, char** argv, std::function<void(const char* step)> on_step) {
  hold_standard_descriptors();
  forbid_core_dumps();
  handle_signals();
  Output out(STDOUT_FILENO, 64U << 10U);
  Output err(STDERR_FILENO, 0);
  SystemClock clock;
  Io io;
  io.out = [&](std::string_view text) { out.write(text); };
  io.err = [&](std::string_view text) { err.write(text); };
  io.read_line = read_line;
  std::vector<std::unique_ptr<const std::string>> notices;  // the handler may be reading an older one
  io.on_interrupt = [&](std::string_view line) {
    const std::string wipe = io.err_is_terminal ? "\r\x1b[K" : "";
    notices.push_back(std::make_unique<const std::string>(wipe + std::string(line)));
    notice.store(notices.back().get());
  };
  io.in_is_terminal = isatty(STDIN_FILENO) != 0;
  io.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  io.err_is_terminal = isatty(STDERR_FILENO) != 0;
  io.environment = Environment::from_process();
  io.width = terminal_width(io.environment);
  std::error_code error;
  io.working_folder = std::filesystem::current_path(error);
  io.clock = &clock;
  io.cancel = &interrupted;
  io.on_step = std::move(on_step);
  io.machine_memory_bytes = granted_memory_bytes();
  const std::vector<std::string> args(argv + std::min(argc, 1), argv + argc);
  const int code = run(args, io);
  notice.store(nullptr);
  out.flush();
  if (out.error() == 0) return code;
  // Whoever closed stdout knows it; a full disk is news.
  if (out.error() != EPIPE && out.error() != EBADF)
    io.err(std::string("error: cannot write to stdout: ") + strerrordesc_np(out.error()) + "\n");
  return code == kDone || code == kOrphansFound || code == kRefused ? kFailed : code;
}

}  // namespace flotsam::cli
