#include "scan/guard_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

GuardRuling ruled(Ruling ruling, std::string message) {
  GuardRuling result;
  result.ruling = ruling;
  result.message = std::move(message);
  return result;
}

}  // namespace

GuardRuling passes(std::string message) {
  return ruled(Ruling::pass, std::move(message));
}
GuardRuling warns(std::string message) {
  return ruled(Ruling::warn, std::move(message));
}
GuardRuling refuses(std::string message) {
  return ruled(Ruling::refuse, std::move(message));
}

GuardRuling with_figures(GuardRuling ruling, std::optional<double> value, std::optional<double> limit) {
  ruling.value = value;
  ruling.limit = limit;
  return ruling;
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  return to_percent(part, whole) + " %";
}

std::string limit_text(Percent limit) {
  std::string text = fmt::format("{}.{:02}", limit.hundredths / 100, limit.hundredths % 100);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

double share_value(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string listed(const std::vector<std::string>& names, std::size_t shown) {
  std::string text;
  const std::size_t count = std::min(shown, names.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  if (names.size() > count) text += fmt::format(" and {} more", with_separators(names.size() - count));
  return text;
}

std::string pair_text(std::string_view needed_key, std::string_view object_key) {
  const auto holds = [](std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  const std::string needed_nfc = to_nfc(needed_key), object_nfc = to_nfc(object_key);
  if (holds(object_key, needed_key) || !holds(object_nfc, needed_nfc))
    return fmt::format("needs {}; the store has {}.", to_printable(needed_key), to_printable(object_key));
  return fmt::format(
      "needs {}; the store has {}. They differ in Unicode form: add the filter |{} to the template.",
      to_ascii(needed_key), to_ascii(object_key), object_key == object_nfc ? "nfc" : "nfd");
}

std::string override_text(const ScanResult& found, std::string_view guard) {
  return fmt::format("flotsam apply PLAN --expect {} --override {}", found.plan.objects, guard);
}

}  // namespace flotsam
