#pragma once

#include <memory>
#include <utility>

namespace mp::internal {

// A T on the heap that is copied with its owner. Empty only after a move.
template <class T>
class Box {
 public:
  Box() : item_(std::make_unique<T>()) {}
  explicit Box(T item) : item_(std::make_unique<T>(std::move(item))) {}
  Box(const Box& other) : item_(std::make_unique<T>(*other.item_)) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) {
    item_ = std::make_unique<T>(*other.item_);
    return *this;
  }
  Box& operator=(Box&&) noexcept = default;
  ~Box() = default;

  T& operator*() { return *item_; }
  const T& operator*() const { return *item_; }

 private:
  std::unique_ptr<T> item_;
};

}  // namespace mp::internal
