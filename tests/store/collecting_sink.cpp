#include "store/collecting_sink.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flotsam::test {

RangeSink& CollectingSink::open_range(KeyView lower_bound) {
  const std::lock_guard lock(mutex_);
  Range& range = ranges_.emplace_back();
  range.owner = this;
  range.lower_bound = lower_bound.bytes();
  return range;
}

Result<void> CollectingSink::Range::page(std::span<const ObjectView> objects) {
  EXPECT_FALSE(busy.exchange(true)) << "two threads use one range";
  EXPECT_FALSE(objects.empty()) << "an empty page was given";
  for (const ObjectView& object : objects) {
    if (!lower_bound.empty() || !taken.empty()) {
      const std::string& before = taken.empty() ? lower_bound : taken.back().key.bytes();
      EXPECT_LT(before, object.key.bytes()) << "keys must rise";
    }
    taken.push_back(Object::of(object));
  }
  busy = false;
  const std::size_t number = ++owner->pages_;
  return owner->on_page ? owner->on_page(number) : Result<void>{};
}

std::vector<Object> CollectingSink::objects() const {
  std::vector<const Range*> ordered;
  for (const Range& range : ranges_) ordered.push_back(&range);
  std::sort(ordered.begin(), ordered.end(),
            [](const Range* a, const Range* b) { return a->lower_bound < b->lower_bound; });
  std::vector<Object> all;
  for (const Range* range : ordered) all.insert(all.end(), range->taken.begin(), range->taken.end());
  for (std::size_t i = 1; i < all.size(); ++i)
    EXPECT_LT(all[i - 1].key.bytes(), all[i].key.bytes())
        << "ranges in the order of their bounds must be in key order";
  return all;
}

std::vector<std::string> CollectingSink::keys() const {
  std::vector<std::string> keys;
  for (const Object& object : objects()) keys.push_back(object.key.bytes());
  return keys;
}

}  // namespace flotsam::test
