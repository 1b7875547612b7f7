#include "store/s3/range_queue.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

bool is_legal_character(std::string_view character) {
  char32_t value = static_cast<unsigned char>(character[0]);
  if (character.size() > 1) {
    value &= 0x7FU >> character.size();
    for (const char c : character.substr(1)) value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  if (value < 0x20 || (value >= 0x7F && value < 0xA0)) return false;
  if ((value & 0xFFFEU) == 0xFFFEU || (value >= 0xFDD0 && value <= 0xFDEF)) return false;
  return value != '%' && value != '+';
}

}  // namespace

void RangeQueue::add(std::vector<KeyRange> ranges) {
  const std::lock_guard lock(mutex_);
  std::move(ranges.begin(), ranges.end(), std::back_inserter(waiting_));
  changed_.notify_all();
}

std::optional<KeyRange> RangeQueue::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || !waiting_.empty() || under_way_ == 0; });
  if (stopped_ || waiting_.empty()) return std::nullopt;
  KeyRange range = std::move(waiting_.front());
  waiting_.pop_front();
  ++under_way_;
  return range;
}

void RangeQueue::complete() {
  const std::lock_guard lock(mutex_);
  CHECK(under_way_ > 0);
  --under_way_;
  changed_.notify_all();
}

void RangeQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::size_t RangeQueue::open() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + under_way_;
}

bool RangeQueue::is_drained() const {
  const std::lock_guard lock(mutex_);
  return stopped_ || (waiting_.empty() && under_way_ == 0);
}

void RangeQueue::wait_for_change(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  if (stopped_ || (waiting_.empty() && under_way_ == 0)) return;
  changed_.wait_for(lock, at_most);
}

std::string_view legal_bound_of(std::string_view key) {
  constexpr std::size_t kBoundBytesMax = 1024;
  std::size_t at = 0;
  while (at < key.size()) {
    const std::size_t length = utf8_length_of(key.substr(at));
    if (length == 0 || at + length > kBoundBytesMax || !is_legal_character(key.substr(at, length))) break;
    at += length;
  }
  return key.substr(0, at);
}

std::vector<std::string> choose_cuts(const std::vector<std::string>& candidates, std::string_view prefix,
                                     std::string_view after, std::size_t count) {
  std::vector<std::string> legal;
  for (const std::string& candidate : candidates) {
    const std::string_view bound = legal_bound_of(candidate);
    if (bound.size() > prefix.size() && bound.starts_with(prefix) && bound > after) legal.emplace_back(bound);
  }
  std::sort(legal.begin(), legal.end());
  legal.erase(std::unique(legal.begin(), legal.end()), legal.end());
  if (legal.size() <= count) return legal;
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(legal[(2 * i + 1) * legal.size() / (2 * count)]);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

std::string end_of_prefix(std::string_view prefix) {
  CHECK(!prefix.empty() && prefix.back() != '\xFF');
  std::string end(prefix);
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace flotsam
