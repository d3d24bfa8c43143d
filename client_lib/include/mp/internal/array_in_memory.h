#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/internal/element.h"
#include "mp/internal/slice_range.h"
#include "mp/proxy/slice_reference.h"
#include "mp/slice.h"

namespace mp::internal {

// How many bytes shall lie in an array. Errors: ValueError if it is negative.
std::size_t require_length(std::int64_t length);
// Errors: ValueError if there are more, or fewer, items than places.
void require_count(std::size_t places, std::size_t items);
// Errors: ValueError if the text is longer than the array.
void require_room(std::size_t places, std::size_t text);

// An item of another type as a T. Errors: ValueError for a whole number that does not fit.
template <class T, class From>
T item_cast(const From& from) {
  if constexpr (SharedNumber<T> && std::is_arithmetic_v<From>) {
    return number_cast<T>(from);
  } else {
    return from;
  }
}

template <class T, std::ranges::input_range Items>
std::vector<T> items_of(Items&& items) {
  std::vector<T> all;
  if constexpr (std::ranges::sized_range<Items>) all.reserve(std::ranges::size(items));
  for (const std::ranges::range_value_t<Items>& item : items) all.push_back(item_cast<T>(item));
  return all;
}

// Items whose number is known before they are gone over.
template <class T, std::ranges::input_range Items>
decltype(auto) counted(Items&& items) {
  if constexpr (std::ranges::sized_range<Items>) {
    return std::forward<Items>(items);
  } else {
    return items_of<T>(items);
  }
}
struct Counted {};

// What Array and RawArray have in common.
//
// A negative index counts from the end. One item is read and written as a Value is: see SharedCell.
// What goes over several holds the lock meanwhile, if there is one: two who set slices do not mix,
// and who is killed in the midst of it leaves some set and some not. Each item of 1, 2, 4 or 8
// bytes is whole at any time.
//
// Errors (of all that take an index): IndexError if it is out of range.
template <class T>
class ArrayInMemory {
  static_assert(require_shareable<T>());

 public:
  using value_type = T;
  using iterator = ElementIterator<T>;
  using const_iterator = iterator;

  // Python: len(a).
  std::size_t size() const { return data_.count(); }
  bool empty() const { return size() == 0; }

  // To be read, written or added to; see Element.
  Element<T> operator[](std::int64_t index) const { return {data_, place_of(index, size())}; }

  // Python: a[index].
  T at(std::int64_t index) const { return (*this)[index].get(); }
  T get(std::int64_t index) const { return at(index); }

  // One item, as the methods of the same names of a Value.
  void set(std::int64_t index, T item) const { (*this)[index].set(item); }
  T exchange(std::int64_t index, T item) const { return (*this)[index].exchange(item); }
  T add(std::int64_t index, T operand) const requires Summable<T> {
    return (*this)[index].add(operand);
  }
  T subtract(std::int64_t index, T operand) const requires Summable<T> {
    return (*this)[index].subtract(operand);
  }
  T fetch_add(std::int64_t index, T operand) const requires Summable<T> {
    return (*this)[index].fetch_add(operand);
  }
  T fetch_sub(std::int64_t index, T operand) const requires Summable<T> {
    return (*this)[index].fetch_sub(operand);
  }
  T fetch_min(std::int64_t index, T operand) const requires Summable<T> {
    return (*this)[index].fetch_min(operand);
  }
  T fetch_max(std::int64_t index, T operand) const requires Summable<T> {
    return (*this)[index].fetch_max(operand);
  }
  T fetch_and(std::int64_t index, T operand) const requires Bitwise<T> {
    return (*this)[index].fetch_and(operand);
  }
  T fetch_or(std::int64_t index, T operand) const requires Bitwise<T> {
    return (*this)[index].fetch_or(operand);
  }
  T fetch_xor(std::int64_t index, T operand) const requires Bitwise<T> {
    return (*this)[index].fetch_xor(operand);
  }
  bool compare_exchange(std::int64_t index, T& expected, T desired) const requires SharedNumber<T> {
    return (*this)[index].compare_exchange(expected, desired);
  }

  // Python: a[start:stop:step]. Errors: ValueError for a step of 0.
  std::vector<T> at(const Slice& slice) const {
    const SliceRange range = resolve(slice, size());
    std::vector<T> items;
    items.reserve(range.count);
    const Held held(data_);
    for (std::size_t i = 0; i < range.count; ++i) items.push_back(peek(range[i]));
    return items;
  }
  std::vector<T> get_slice(const Slice& slice) const { return at(slice); }
  SliceReference<ArrayInMemory, T> operator[](const Slice& slice) const { return {*this, slice}; }

  // Everything. Python: a[:].
  std::vector<T> copy() const { return at(Slice()); }
  std::vector<T> to_vector() const { return copy(); }

  // As many items as there are places: all or none. Python: a[start:stop:step] = items.
  // Errors: ValueError for another number of them, for a whole number that T does not hold, and for
  // a step of 0.
  template <std::ranges::input_range Items = std::initializer_list<T>>
  void set(const Slice& slice, Items&& items) const {
    const SliceRange range = resolve(slice, size());
    const std::vector<T> all = items_of<T>(items);  // which may be items of this array
    require_count(range.count, all.size());
    const Held held(data_);
    for (std::size_t i = 0; i < range.count; ++i) poke(range[i], all[i]);
  }
  template <std::ranges::input_range Items = std::initializer_list<T>>
  void set_slice(const Slice& slice, Items&& items) const {
    set(slice, std::forward<Items>(items));
  }

  // One item into all places.
  void fill(const Slice& slice, T item) const {
    const SliceRange range = resolve(slice, size());
    const Held held(data_);
    for (std::size_t i = 0; i < range.count; ++i) poke(range[i], item);
  }
  void fill(T item) const { fill(Slice(), item); }

  // Goes over the items, each as it is when it is reached; valid while this handle is.
  iterator begin() const { return {data_, 0}; }
  iterator end() const { return {data_, static_cast<std::ptrdiff_t>(size())}; }

  // The very memory. What is done there is not atomic, and nobody is kept from it: hold the lock,
  // if all others do. It is valid while this handle or a copy lives. Python: a.get_obj().
  std::span<T> span() const { return {begin_of_items(), size()}; }
  std::span<T> get_obj() const { return span(); }

  // The text up to the first NUL; all of it. Python: a.value, a.raw.
  std::string value() const requires std::same_as<T, char> {
    const std::string all = raw();
    return all.substr(0, all.find('\0'));
  }
  std::string raw() const requires std::same_as<T, char> {
    const std::vector<char> all = copy();
    return {all.begin(), all.end()};
  }

  // A text, and a NUL if there is room; the same without the NUL. What lies behind stays.
  // Errors: ValueError if the text is longer than the array.
  void set_value(std::string_view text) const requires std::same_as<T, char> {
    require_room(size(), text.size());
    std::string all(text);
    if (all.size() < size()) all += '\0';
    set_raw(all);
  }
  void set_raw(std::string_view text) const requires std::same_as<T, char> {
    require_room(size(), text.size());
    set(slice(static_cast<std::int64_t>(text.size())), text);
  }

 protected:
  explicit ArrayInMemory(SharedData data) : data_(std::move(data)) {}
  template <class Items>
  ArrayInMemory(SharedData data, Items&& items) : data_(std::move(data)) {
    T* place = begin_of_items();
    for (const std::ranges::range_value_t<Items>& item : items)
      std::construct_at(place++, item_cast<T>(item));
  }

  const SharedData& data() const { return data_; }

 private:
  T* begin_of_items() const { return reinterpret_cast<T*>(data_.begin()); }

  // Of what goes over several, under the lock.
  T peek(std::size_t place) const {
    if constexpr (LockFree<T>) {
      return std::atomic_ref<T>(begin_of_items()[place]).load(std::memory_order_relaxed);
    } else {
      return begin_of_items()[place];
    }
  }
  void poke(std::size_t place, const T& item) const {
    if constexpr (LockFree<T>) {
      std::atomic_ref<T>(begin_of_items()[place]).store(item, std::memory_order_relaxed);
    } else {
      std::memcpy(begin_of_items() + place, &item, sizeof item);
    }
  }

  SharedData data_;
};

}  // namespace mp::internal
