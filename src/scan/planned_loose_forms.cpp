#include "scan/planned_loose_forms.h"

#include <fmt/format.h>

#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::size_t kKeysAtOnce = 1000;

}  // namespace

void PlannedLooseForms::add(std::uint64_t loose) {
  // Shifted to the top, where the buckets look.
  adding_.push_back(loose << 17U);
}

void PlannedLooseForms::freeze() {
  forms_ = to_fingerprint_set(adding_);
  dangling_.assign(forms_.size(), false);
}

std::size_t PlannedLooseForms::number_of(std::uint64_t loose) const {
  return forms_.find(loose << 17U);
}

void PlannedLooseForms::needed(std::uint64_t loose, std::string_view key) {
  const std::size_t number = number_of(loose);
  if (number == FingerprintSet::kAbsent) return;
  if (is_over_) {
    dangling_[number] = true;
    return;
  }
  if (keys_.contains(key)) return;
  keys_.emplace(key, number);
  key_bytes_ += key.size();
  if (keys_.size() > limits_.keys || key_bytes_ > limits_.bytes) give_up();
}

void PlannedLooseForms::give_up() {
  is_over_ = true;
  for (const auto& [key, number] : keys_) dangling_[number] = true;
  keys_.clear();
}

Result<void> PlannedLooseForms::ask(const FindAbsent& find_absent, const Cancel& cancel) {
  std::vector<Key> keys;
  std::vector<std::size_t> numbers;
  const auto ask_these = [&]() -> Result<void> {
    FLOTSAM_TRY(cancel.check());
    FLOTSAM_ASSIGN(const std::vector<bool> absent, find_absent(keys));
    if (absent.size() != keys.size())
      return fail(ErrorCode::internal,
                  fmt::format("the store was asked about {}, and gave {}", counted(keys.size(), "key"),
                              counted(absent.size(), "answer")));
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (absent[i]) dangling_[numbers[i]] = true;
    keys.clear();
    numbers.clear();
    return {};
  };
  for (const auto& [key, number] : keys_) {
    keys.emplace_back(key);
    numbers.push_back(number);
    if (keys.size() == kKeysAtOnce) FLOTSAM_TRY(ask_these());
  }
  if (!keys.empty()) FLOTSAM_TRY(ask_these());
  keys_.clear();
  return {};
}

bool PlannedLooseForms::makes_suspect(std::uint64_t loose) const {
  const std::size_t number = number_of(loose);
  return number != FingerprintSet::kAbsent && dangling_[number];
}

}  // namespace flotsam
