#include "model/glob.h"

#include <algorithm>

#include "base/bytes.h"

namespace flotsam {

Result<Glob> Glob::parse(std::string_view pattern) {
  if (pattern.empty()) return fail(ErrorCode::invalid_argument, "an empty pattern matches nothing");
  Glob glob;
  glob.text_ = pattern;
  using Kind = Step::Kind;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '\\') {
      if (++at == pattern.size())
        return fail(ErrorCode::invalid_argument, "the pattern " + in_quotes(pattern) + " ends in \"\\\"",
                    "A \"\\\" takes the byte behind it literally; write \"\\\\\" for itself.");
      glob.steps_.push_back({Kind::literal, pattern[at]});
    } else if (c == '*') {
      std::size_t stars = 1;
      while (at + 1 < pattern.size() && pattern[at + 1] == '*') {
        ++at;
        ++stars;
      }
      const Kind kind = stars > 1 ? Kind::any : Kind::many;
      glob.steps_.push_back({kind, 0});
    } else {
      glob.steps_.push_back({c == '?' ? Kind::one : Kind::literal, c});
    }
  }
  const auto is_literal = [](const Step& step) { return step.kind == Kind::literal; };
  const auto wild = std::find_if_not(glob.steps_.begin(), glob.steps_.end(), is_literal);
  for (auto step = glob.steps_.begin(); step != wild; ++step) glob.literal_start_ += step->byte;
  glob.steps_.erase(glob.steps_.begin(), wild);
  return glob;
}

bool Glob::matches(KeyView key) const {
  // Most patterns are a folder and "**": told by their beginning alone.
  if (!key.bytes().starts_with(literal_start_)) return false;
  const std::string_view bytes = key.bytes().substr(literal_start_.size());
  using Kind = Step::Kind;
  if (steps_.size() == 1 && steps_.front().kind == Kind::any) return true;
  // A set of states, one a step: linear in pattern × key whatever the stars.
  std::vector<char> now(steps_.size() + 1, 0), next(steps_.size() + 1, 0);
  const auto reach = [&](std::vector<char>& states) {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (states[i] != 0 && (steps_[i].kind == Kind::many || steps_[i].kind == Kind::any)) states[i + 1] = 1;
  };
  now[0] = 1;
  reach(now);
  for (const char c : bytes) {
    std::fill(next.begin(), next.end(), 0);
    bool alive = false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (now[i] == 0) continue;
      const Step& step = steps_[i];
      const bool fits = step.kind == Kind::any || (step.kind == Kind::literal ? step.byte == c : c != '/');
      if (!fits) continue;
      next[step.kind == Kind::literal || step.kind == Kind::one ? i + 1 : i] = 1;
      alive = true;
    }
    if (!alive) return false;
    reach(next);
    now.swap(next);
  }
  return now[steps_.size()] != 0;
}

}  // namespace flotsam
