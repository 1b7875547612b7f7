#pragma once

#include <atomic>

#include "base/error.h"

namespace flotsam {

/// A wish to stop, set by a signal handler or a failing worker and looked at between steps. Safe from several
/// threads and from a signal handler.
class Cancel {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }
  /// An `interrupted` error once a stop was asked for.
  Result<void> check() const {
    if (requested()) return fail(ErrorCode::interrupted, "interrupted");
    return {};
  }

 private:
  std::atomic<bool> requested_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace flotsam
