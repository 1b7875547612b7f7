#include "http/sigpipe.h"

#include <cerrno>
#include <ctime>

#include "base/check.h"

namespace flotsam {
namespace {

sigset_t sigpipe_only() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

bool is_pending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

SigpipeBlock::SigpipeBlock() : before_(), was_pending_(is_pending()) {
  const sigset_t set = sigpipe_only();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, &before_) == 0);
}

SigpipeBlock::~SigpipeBlock() {
  if (!was_pending_ && is_pending()) {
    const sigset_t set = sigpipe_only();
    const timespec now{};
    while (sigtimedwait(&set, nullptr, &now) < 0 && errno == EINTR) {
    }
  }
  CHECK(pthread_sigmask(SIG_SETMASK, &before_, nullptr) == 0);
}

}  // namespace flotsam
