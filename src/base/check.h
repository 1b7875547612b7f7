#pragma once

namespace flotsam {

/// Prints the failed condition and its place to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace flotsam

/// For our own mistakes, always on. What can fail for reasons outside the program returns a Result instead.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::flotsam::check_failed(#condition, __FILE__, __LINE__))
