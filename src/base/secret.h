#pragma once

#include <string>
#include <utility>

namespace flotsam {

/// Text that must never be printed. It has no stream output and no conversion; reveal() marks every place
/// that uses it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  /// What any output shows instead.
  static const char* shown() { return "***"; }

 private:
  std::string text_;
};

}  // namespace flotsam
