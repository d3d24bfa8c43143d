#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace mp {

// Goes through the contents of an object as they were at one moment: begin() fetched them, in one
// round trip.
template <class T>
class SnapshotIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = const T*;
  using reference = typename std::vector<T>::const_reference;  // of bools: a bool

  SnapshotIterator() = default;  // the end
  explicit SnapshotIterator(std::vector<T> items)
      : items_(std::make_shared<const std::vector<T>>(std::move(items))) {}

  reference operator*() const { return (*items_)[index_]; }
  pointer operator->() const { return std::addressof(**this); }
  SnapshotIterator& operator++() {
    ++index_;
    return *this;
  }
  SnapshotIterator operator++(int) {
    SnapshotIterator before = *this;
    ++*this;
    return before;
  }

  friend bool operator==(const SnapshotIterator& left, const SnapshotIterator& right) {
    return left.left() == right.left();
  }

 private:
  std::size_t left() const { return items_ == nullptr ? 0 : items_->size() - index_; }

  std::shared_ptr<const std::vector<T>> items_;
  std::size_t index_ = 0;
};

}  // namespace mp
