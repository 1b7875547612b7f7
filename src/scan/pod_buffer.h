#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>

#include "base/check.h"

namespace flotsam {

/// A growing array of plain values that moves by realloc: a large one grows in place, so that its peak is its
/// size and not three halves of it (which a std::vector needs while it copies). One thread.
template <typename T>
class PodBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  void push_back(const T& value) {
    if (size_ == capacity_) grow();
    data_.get()[size_++] = value;
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<T> values() { return {data_.get(), size_}; }
  std::span<const T> values() const { return {data_.get(), size_}; }
  /// Keeps the first `size` values; the memory stays.
  void truncate(std::size_t size) {
    CHECK(size <= size_);
    size_ = size;
  }
  /// Gives all memory back.
  void release() {
    data_.reset();
    size_ = capacity_ = 0;
  }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 1024 : capacity_ * 2;
    void* moved = std::realloc(data_.get(), capacity * sizeof(T));
    CHECK(moved != nullptr);
    static_cast<void>(data_.release());
    data_.reset(static_cast<T*>(moved));
    capacity_ = capacity;
  }

  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace flotsam
