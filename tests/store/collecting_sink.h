#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "model/object.h"
#include "store/lister.h"

namespace flotsam::test {

/// Keeps all that a lister gives and holds it to the contract of RangeSink and ListingSink: the test fails
/// where a page is empty, keys do not rise, a key is not greater than its range's bound, or two threads use
/// one range at once.
class CollectingSink final : public ListingSink {
 public:
  RangeSink& open_range(KeyView lower_bound) override;

  /// Called at every page, with the number of pages so far; its error ends the listing.
  std::function<Result<void>(std::size_t)> on_page;

  /// All objects: the ranges put in the order of their bounds. The test fails where that is not strictly
  /// rising order.
  std::vector<Object> objects() const;
  std::vector<std::string> keys() const;
  std::size_t range_count() const { return ranges_.size(); }

 private:
  struct Range final : RangeSink {
    Result<void> page(std::span<const ObjectView> objects) override;
    CollectingSink* owner = nullptr;
    std::string lower_bound;
    std::vector<Object> taken;
    std::atomic<bool> busy{false};
  };
  std::mutex mutex_;
  std::list<Range> ranges_;
  std::atomic<std::size_t> pages_{0};
};

}  // namespace flotsam::test
