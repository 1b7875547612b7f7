#include "diagnosis/atoms.h"

#include <algorithm>

namespace flotsam {
namespace {

constexpr std::string_view kSigns = "\"<>[]{}(),;|\n\r";
constexpr std::string_view kBreaks = "\"<>[]{}(),;|\n\r\t '=";
constexpr std::size_t kValueMax = 8192;
constexpr std::size_t kAtomsMax = 24;

bool may_be_name(std::string_view text) {
  if (text.size() < 5 || text.size() > 1024) return false;
  if (text.find('/') != std::string_view::npos) return true;
  const std::size_t dot = text.find('.', 1);
  if (dot != std::string_view::npos && dot + 1 < text.size()) return true;
  std::size_t letters = 0;
  for (const char c : text)
    letters +=
        static_cast<std::size_t>((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  return letters >= 12;
}

}  // namespace

void atoms_of(std::string_view value, std::vector<std::string_view>& out) {
  out.clear();
  value = value.substr(0, kValueMax);
  if (value.find_first_of(kSigns) == std::string_view::npos) return;
  const auto add = [&](std::string_view text) {
    if (may_be_name(text) && out.size() < kAtomsMax && std::find(out.begin(), out.end(), text) == out.end())
      out.push_back(text);
  };
  // Quoted strings first: a name in quotes may hold blanks and signs.
  for (std::size_t at = value.find('"'); at != std::string_view::npos;) {
    const std::size_t end = value.find('"', at + 1);
    if (end == std::string_view::npos) break;
    const std::string_view inner = value.substr(at + 1, end - at - 1);
    if (inner.find_first_of("<>{}[],\n") == std::string_view::npos) add(inner);
    at = end;
  }
  if (!out.empty() && value.find('<') == std::string_view::npos) return;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t start = value.find_first_not_of(kBreaks, at);
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(value.find_first_of(kBreaks, start), value.size());
    add(value.substr(start, end - start));
    at = end;
  }
}

}  // namespace flotsam
