#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/key.h"

namespace flotsam {

/// A pattern over keys (SPEC §2): anchored at both ends, bytewise; `*` and `?` stop at "/", `**` does not,
/// `\` takes the next byte literally.
class Glob {
 public:
  /// Errors: invalid_argument for an empty pattern or a `\` at the end.
  static Result<Glob> parse(std::string_view pattern);
  /// True where the whole key matches. Time is at most (pattern length × key length), whatever the pattern.
  bool matches(KeyView key) const;
  const std::string& text() const { return text_; }

 private:
  struct Step {
    enum class Kind { literal, one, many, any } kind = Kind::literal;
    char byte = 0;
  };
  std::string text_;
  std::string literal_start_;  ///< the bytes before the first wildcard
  std::vector<Step> steps_;    ///< the rest
};

}  // namespace flotsam
