#include "cli/error_stream.h"

namespace flotsam::cli {
namespace {

/// To the first column, and erase to the end of the line (ECMA-48).
constexpr std::string_view kWipe = "\r\x1b[K";

}  // namespace

void ErrorStream::wipe_locked() {
  if (is_drawn_) write_(kWipe);
  is_drawn_ = false;
}

void ErrorStream::line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  wipe_locked();
  write_(std::string(text) + "\n");
}

void ErrorStream::draw(std::string_view text) {
  const std::lock_guard lock(mutex_);
  write_(std::string(kWipe) + std::string(text));
  is_drawn_ = true;
}

void ErrorStream::wipe() {
  const std::lock_guard lock(mutex_);
  wipe_locked();
}

}  // namespace flotsam::cli
