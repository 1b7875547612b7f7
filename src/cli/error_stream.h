#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace flotsam::cli {

/// stderr, shared by the log and the progress line so that neither tears the other. Callable from several
/// threads.
class ErrorStream {
 public:
  explicit ErrorStream(std::function<void(std::string_view)> write) : write_(std::move(write)) {}
  /// Writes whole lines; a progress line that stands there is wiped first.
  void line(std::string_view text);
  /// Draws the progress line over the one before it. Only for terminals.
  void draw(std::string_view text);
  /// Wipes the progress line.
  void wipe();

 private:
  void wipe_locked();
  std::mutex mutex_;
  std::function<void(std::string_view)> write_;
  bool is_drawn_ = false;
};

}  // namespace flotsam::cli
