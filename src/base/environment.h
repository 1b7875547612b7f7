#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace flotsam {

/// The process's environment as a value, so that tests bring their own. No code calls getenv beside
/// from_process().
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}
  static Environment from_process();
  /// The variable's value; nothing where it is not set. An empty value is a value.
  std::optional<std::string> get(std::string_view name) const;
  const std::map<std::string, std::string>& all() const { return variables_; }
  void set(std::string name, std::string value) { variables_[std::move(name)] = std::move(value); }

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace flotsam
