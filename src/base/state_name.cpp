#include "base/state_name.h"

#include <algorithm>

namespace flotsam {
namespace {

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}

bool is_part(std::string_view part) {
  return !part.empty() && part.front() != '.' && std::all_of(part.begin(), part.end(), is_allowed);
}

}  // namespace

bool is_state_name(std::string_view name) {
  while (true) {
    const std::size_t end = name.find('/');
    if (!is_part(name.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    name.remove_prefix(end + 1);
  }
}

}  // namespace flotsam
