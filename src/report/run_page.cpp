#include "report/run_page.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "base/check.h"
#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::size_t kKeysShown = 5;
constexpr std::size_t kCodesShown = 5;

void write_more(TextPage& page, std::uint64_t shown, std::uint64_t count) {
  if (count > shown) page.paragraph(fmt::format("and {} more", with_separators(count - shown)), 4);
}

// A few, each code among the first of them.
std::vector<const FailedObject*> sample_of(const std::vector<FailedObject>& failed) {
  std::vector<const FailedObject*> firsts, others;
  std::set<std::string_view> codes;
  for (const FailedObject& object : failed)
    (codes.insert(object.code).second ? firsts : others).push_back(&object);
  firsts.insert(firsts.end(), others.begin(), others.end());
  firsts.resize(std::min(firsts.size(), kKeysShown));
  return firsts;
}

}  // namespace

RunPageParts::RunPageParts(const TextStyle& how) : used(how) {
  used.width = std::max(how.width, kTextWidthMin);
}

std::string lead_of(RunStatus status, const TextStyle& style) {
  switch (status) {
    case RunStatus::ok:
      return style.unicode ? "✓ " : "ok: ";
    case RunStatus::partial:
      return "! PARTIAL: ";
    case RunStatus::failed:
      return style.unicode ? "✗ FAILED: " : "X FAILED: ";
    case RunStatus::refused:
      return style.unicode ? "✗ REFUSED: " : "X REFUSED: ";
  }
  check_failed("a status has a sign", __FILE__, __LINE__);
}

Colour colour_of(RunStatus status) {
  return status == RunStatus::ok ? Colour::blue : Colour::orange;
}

void write_outcome(TextPage& page, RunStatus status, std::string_view text) {
  page.paragraph(text, 0, lead_of(status, page.style), colour_of(status));
}

void write_stop(TextPage& page, std::string_view stopped_by) {
  if (!stopped_by.empty())
    page.paragraph(
        fmt::format("Not all of it was done: {}{}", stopped_by, stopped_by.ends_with('.') ? "" : "."));
}

void write_reason(TextPage& page, std::uint64_t count, std::string_view word, std::string_view why) {
  page.paragraph(why, 2, fmt::format("{:>9}  {:<14}", with_separators(count), word));
}

void write_keys(TextPage& page, const std::vector<Key>& keys, std::uint64_t count) {
  const std::size_t shown = std::min(keys.size(), kKeysShown);
  for (std::size_t i = 0; i < shown; ++i)
    page.add("    " + cut_middle(page.key(keys[i].bytes()), page.style.width - 4, page.style) + "\n");
  write_more(page, shown, count);
}

void write_failed(TextPage& page, const std::vector<FailedObject>& failed, std::uint64_t count) {
  if (count == 0) return;
  page.heading("Failed");
  std::map<std::string, std::uint64_t> by_code;
  for (const FailedObject& object : failed) ++by_code[object.code];
  std::vector<std::pair<std::string, std::uint64_t>> codes(by_code.begin(), by_code.end());
  std::stable_sort(codes.begin(), codes.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(codes.size(), kCodesShown); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", with_separators(codes[i].second),
                        page.key(codes[i].first));
  if (codes.size() > kCodesShown) text += fmt::format(" and {} other codes", codes.size() - kCodesShown);
  page.paragraph(fmt::format("{} failed{}{}{}.", counted(count, "object"), text.empty() ? "" : ": ", text,
                             count > failed.size() && !failed.empty()
                                 ? fmt::format(" among the first {}", with_separators(failed.size()))
                                 : std::string()));
  const std::vector<const FailedObject*> sample = sample_of(failed);
  for (const FailedObject* object : sample) {
    page.add("    " + cut_middle(page.key(object->key.bytes()), page.style.width - 4, page.style) + "\n");
    page.paragraph(object->message.empty() ? page.key(object->code)
                                           : fmt::format("{}: {}", page.key(object->code), object->message),
                   6);
  }
  write_more(page, sample.size(), count);
}

void write_guards(TextPage& page, const std::vector<AppliedGuard>& guards) {
  if (guards.empty()) return;
  page.heading("Guards");
  std::size_t width = 0;
  for (const AppliedGuard& guard : guards) width = std::max(width, columns_of(page.key(guard.id)));
  const auto padded = [](std::string text, std::size_t columns) {
    return text + std::string(columns - std::min(columns, columns_of(text)) + 2, ' ');
  };
  for (const AppliedGuard& guard : guards)
    page.paragraph(guard.message, 2,
                   padded(guard.overridden ? "overridden" : page.ruling_text("refuse"), 10) +
                       padded(page.key(guard.id), width),
                   TextPage::colour_of("refuse"));
}

}  // namespace flotsam
