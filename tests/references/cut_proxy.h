#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

namespace flotsam::test {

/// A TCP proxy on 127.0.0.1 that passes bytes on and ends the first connection after so many bytes of the
/// server's, with an orderly end (FIN) or a reset. One thread; ended by the destructor.
class CutProxy {
 public:
  enum class Manner { orderly, reset };
  struct Cut {
    std::uint64_t after_bytes;
    Manner manner = Manner::orderly;
  };
  explicit CutProxy(int target_port, std::optional<Cut> cut = std::nullopt);
  ~CutProxy();
  CutProxy(const CutProxy&) = delete;
  CutProxy& operator=(const CutProxy&) = delete;
  int port() const { return port_; }
  /// Bytes of the server's that were passed on in the first connection.
  std::uint64_t passed() const { return passed_.load(); }

 private:
  void run();
  int target_port_;
  std::optional<Cut> cut_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  int port_ = 0;
  std::atomic<std::uint64_t> passed_{0};
  std::thread thread_;
};

}  // namespace flotsam::test
