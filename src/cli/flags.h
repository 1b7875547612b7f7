#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"

namespace flotsam::cli {

/// A command line's flags and arguments, after parsing.
class ParsedFlags {
 public:
  /// True where the flag was given; `name` is its long name, "--json".
  bool has(std::string_view name) const { return values_.contains(name); }
  /// How often a switch was given.
  std::size_t count(std::string_view name) const;
  /// The last value of a flag; empty where it was not given.
  std::string value(std::string_view name) const;
  const std::vector<std::string>& values(std::string_view name) const;
  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  friend Result<ParsedFlags> parse_flags(const Command& command, const std::vector<std::string>& args);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> arguments_;
};

/// Parses what follows the command's name. Errors: invalid_argument with one sentence, an unknown flag with
/// its nearest.
Result<ParsedFlags> parse_flags(const Command& command, const std::vector<std::string>& args);

/// The long name of a flag ("--config" of "-c,--config"), or its only one.
std::string_view long_name_of(const Flag& flag);

}  // namespace flotsam::cli
