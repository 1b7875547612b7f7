// nth_call: preloaded into the real program, it counts the calls that change files, and at a chosen one kills the process
// (as power that fails, or kill -9) or makes the call fail (as a full or broken disk). What is written to the terminal is not counted.
//
//   LD_PRELOAD=libnth_call.so NTH_CALL_KILL=17 flotsam apply …      killed just before its 17th such call
//   LD_PRELOAD=libnth_call.so NTH_CALL_FAIL=17 NTH_CALL_ERRNO=28 …  its 17th such call fails (ENOSPC)
//   NTH_CALL_COUNT=FILE                                             how many there were, written at the end

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};

long number_of(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atol(text);
}

/// True where this call is to fail.
bool is_to_fail() {
  static const long kill_at = number_of("NTH_CALL_KILL");
  static const long fail_at = number_of("NTH_CALL_FAIL");
  const long now = ++calls;
  if (now == kill_at) kill(getpid(), SIGKILL);
  if (now != fail_at) return false;
  const long wanted = number_of("NTH_CALL_ERRNO");
  errno = wanted == 0 ? EIO : static_cast<int>(wanted);
  return true;
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool creates(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TRUNC) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

mode_t mode_of(int flags, va_list arguments) {
  return creates(flags) ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

struct AtEnd {
  ~AtEnd() {
    const char* path = std::getenv("NTH_CALL_COUNT");
    if (path == nullptr) return;
    const long counted = calls;
    if (FILE* file = std::fopen(path, "w")) {
      std::fprintf(file, "%ld\n", counted);
      std::fclose(file);
    }
  }
} at_end;

}  // namespace

extern "C" {

#define NTH_CALL(result, name, parameters, arguments)       \
  result name parameters {                                  \
    static auto* const next = real<result parameters>(#name); \
    if (is_to_fail()) return static_cast<result>(-1);       \
    return next arguments;                                  \
  }

NTH_CALL(int, fsync, (int fd), (fd))
NTH_CALL(int, fdatasync, (int fd), (fd))
NTH_CALL(int, ftruncate, (int fd, off_t size), (fd, size))
NTH_CALL(int, rename, (const char* from, const char* to), (from, to))
NTH_CALL(int, renameat, (int a, const char* from, int b, const char* to), (a, from, b, to))
NTH_CALL(int, renameat2, (int a, const char* from, int b, const char* to, unsigned flags), (a, from, b, to, flags))
NTH_CALL(int, link, (const char* from, const char* to), (from, to))
NTH_CALL(int, linkat, (int a, const char* from, int b, const char* to, int flags), (a, from, b, to, flags))
NTH_CALL(int, unlink, (const char* path), (path))
NTH_CALL(int, unlinkat, (int fd, const char* path, int flags), (fd, path, flags))
NTH_CALL(int, mkdir, (const char* path, mode_t mode), (path, mode))
NTH_CALL(int, mkdirat, (int fd, const char* path, mode_t mode), (fd, path, mode))
NTH_CALL(ssize_t, pwrite, (int fd, const void* bytes, size_t size, off_t at), (fd, bytes, size, at))

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const next = real<ssize_t(int, const void*, size_t)>("write");
  if (fd > 2 && is_to_fail()) return -1;
  return next(fd, bytes, size);
}

int open(const char* path, int flags, ...) {
  static auto* const next = real<int(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (creates(flags) && is_to_fail()) return -1;
  return next(path, flags, mode);
}

int openat(int fd, const char* path, int flags, ...) {
  static auto* const next = real<int(int, const char*, int, ...)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  if (creates(flags) && is_to_fail()) return -1;
  return next(fd, path, flags, mode);
}

}  // extern "C"
