#pragma once

#include <csignal>

namespace flotsam {

/// Keeps SIGPIPE from this thread while it stands, and takes away one that came meanwhile: TLS writes to a
/// connection that the other side has closed raise it, and libcurl leaves it to its user where it must not
/// touch signal handlers (CURLOPT_NOSIGNAL). The process's own way with SIGPIPE stays as it is.
class SigpipeBlock {
 public:
  SigpipeBlock();
  ~SigpipeBlock();
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace flotsam
