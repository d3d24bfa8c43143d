#pragma once

#include <compare>
#include <cstddef>
#include <iterator>

#include "mp/internal/shared_cell.h"

namespace mp::internal {

// One item of an Array, for as long as the expression lasts: converts to its value, and can be
// assigned and added to, each atomically; see SharedCell.
//
// It is no variable: write `int x = a[0];`, or `auto x = a[0].value();`.
template <class T>
class Element : public SharedCell<T, Element<T>> {
 public:
  Element(const SharedData& data, std::size_t index)
      : data_(data), place_(reinterpret_cast<T*>(data.begin())[index]) {}
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;

  operator T() && { return this->get(); }
  void operator=(T item) && { this->set(item); }
  void operator=(Element&& other) && { this->set(other.get()); }

  friend bool operator==(Element&& element, const T& item) { return element.get() == item; }

 private:
  friend class SharedCell<T, Element<T>>;

  const SharedData& data() const { return data_; }
  T& place() const { return place_; }

  const SharedData& data_;
  T& place_;
};

// Goes over the items of an array, each as it is when it is reached. Valid while the array is.
template <class T>
class ElementIterator {
 public:
  using iterator_category = std::input_iterator_tag;  // of C++17; random access in C++20
  using iterator_concept = std::random_access_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = T;

  ElementIterator() = default;
  ElementIterator(const SharedData& data, std::ptrdiff_t index) : data_(&data), index_(index) {}

  T operator*() const { return at(index_); }
  T operator[](std::ptrdiff_t n) const { return at(index_ + n); }

  ElementIterator& operator++() { return *this += 1; }
  ElementIterator& operator--() { return *this -= 1; }
  ElementIterator operator++(int) { return {*data_, index_++}; }
  ElementIterator operator--(int) { return {*data_, index_--}; }
  ElementIterator& operator+=(std::ptrdiff_t n) {
    index_ += n;
    return *this;
  }
  ElementIterator& operator-=(std::ptrdiff_t n) { return *this += -n; }
  friend ElementIterator operator+(ElementIterator i, std::ptrdiff_t n) { return i += n; }
  friend ElementIterator operator+(std::ptrdiff_t n, ElementIterator i) { return i += n; }
  friend ElementIterator operator-(ElementIterator i, std::ptrdiff_t n) { return i -= n; }
  friend std::ptrdiff_t operator-(const ElementIterator& a, const ElementIterator& b) {
    return a.index_ - b.index_;
  }
  friend bool operator==(const ElementIterator& a, const ElementIterator& b) {
    return a.index_ == b.index_;
  }
  friend auto operator<=>(const ElementIterator& a, const ElementIterator& b) {
    return a.index_ <=> b.index_;
  }

 private:
  T at(std::ptrdiff_t index) const {
    return Element<T>(*data_, static_cast<std::size_t>(index)).get();
  }

  const SharedData* data_ = nullptr;
  std::ptrdiff_t index_ = 0;
};

}  // namespace mp::internal
