#include "scan/bottom_sample.h"

#include <algorithm>

namespace flotsam {

void BottomSample::add(std::uint64_t rank, std::string_view text) {
  items_.push_back({rank, std::string(text)});
  bytes_ += text.size() + sizeof(Item);
  trimmed_ = false;
  if (items_.size() >= count_max_ * 2 + 16 || bytes_ >= bytes_max_ * 2) trim();
}

// What is cut off has a higher rank than all that stays, so it could not come back into the sample later: the
// result is the longest beginning of the whole ordered set that fits.
void BottomSample::trim() {
  std::sort(items_.begin(), items_.end());
  items_.erase(std::unique(items_.begin(), items_.end()), items_.end());
  std::size_t keep = 0;
  bytes_ = 0;
  while (keep < items_.size() && keep < count_max_) {
    const std::size_t size = items_[keep].text.size() + sizeof(Item);
    if (bytes_ + size > bytes_max_) break;
    bytes_ += size;
    ++keep;
  }
  if (keep < items_.size()) rank_max_ = items_[keep].rank;
  items_.resize(keep);
  trimmed_ = true;
}

const std::vector<BottomSample::Item>& BottomSample::items() {
  if (!trimmed_) trim();
  return items_;
}

}  // namespace flotsam
