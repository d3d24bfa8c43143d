#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <iterator>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "mp/any.h"
#include "mp/local/shared_memory.h"

namespace mp {

namespace internal {

template <class Items>
concept ItemsForAList =
    std::ranges::input_range<Items> && !std::same_as<std::remove_cvref_t<Items>, Any::List> &&
    !std::convertible_to<Items, std::string_view> &&
    std::convertible_to<std::ranges::range_reference_t<Items>, Any>;

}  // namespace internal

// A list of fixed length in shared memory with a name: of None, bool, int, float, str and bytes,
// which may change their type as long as they fit their slot.
//
// Python: multiprocessing.shared_memory.ShareableList. A slot has room for 8 bytes, a str's or
// bytes' for the next multiple of 8 above its length in UTF-8. Its length is kept, so that zeros at
// its end come back, which Python's loses; for that its memory is another, and each of the two
// attaches to its own kind only.
//
// This is a handle to a SharedMemory, and travels as that does. An item is read and set as a whole,
// by many processes at once; who is killed in the midst of it has set it or has not.
//
// Errors (of all that take an index): IndexError if it is out of range; a negative one counts from
// the end. Of all: those of SharedMemory::buf(); ValueError if others wrote what is no item.
// Thread-safety: any thread, but nobody uses it while another closes its memory.
//
//   auto list = mp::ShareableList::create({"howdy", 100, -273.154, true, mp::None});
//   list[1] = 101;
//   list[-1] = "8 bytes.";                              // fits where None was
//   int n = list[1].as<int>();
//   list.shm().unlink();
class ShareableList {
 public:
  using value_type = Any;
  class Item;
  class Iterator;
  using iterator = Iterator;
  using const_iterator = Iterator;

  // Of these items, under this name or one that nobody has. Another list is copied. Python:
  // ShareableList(items, name=name). Errors: TypeError for items of other types, OverflowError for
  // an int above 2^63 - 1, ValueError for a str that is not UTF-8; those of SharedMemory::create().
  static ShareableList create(const Any::List& items, std::string_view name = {},
                              Lifetime lifetime = Lifetime::kOwner);
  template <internal::ItemsForAList Items>
  static ShareableList create(Items&& items, std::string_view name = {},
                              Lifetime lifetime = Lifetime::kOwner) {
    Any::List list;
    for (auto&& item : items) list.emplace_back(item);
    return create(list, name, lifetime);
  }

  // Python: ShareableList(name=name).
  // Errors: those of SharedMemory::attach(); TypeError if there is no such list in that memory.
  static ShareableList attach(std::string_view name);

  // Python: len(list).
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // To be read or set.
  Item operator[](std::int64_t index) const;

  Any at(std::int64_t index) const;
  Any get(std::int64_t index) const { return at(index); }

  // Errors: ValueError if it is too long for its slot, and those of create(); nothing is changed.
  void set(std::int64_t index, const Any& item) const;

  // How often an equal item is there; where the first is. 1 == 1.0 == true, as in Python. Errors:
  // ValueError if there is none.
  std::size_t count(const Any& item) const;
  std::size_t index(const Any& item) const;
  bool contains(const Any& item) const { return count(item) != 0; }

  // All items, each as it is when it is reached. Python: list(list).
  Any::List to_vector() const;
  Iterator begin() const;
  Iterator end() const;

  // How Python's struct would pack the items and their slots: `8sq`.
  std::string format() const;

  // Where it lies: its name, close() and unlink().
  const SharedMemory& shm() const { return shm_; }

  // As Python prints it: ShareableList([1, 2.5], name='psm_1f0e2d3c').
  friend std::ostream& operator<<(std::ostream& out, const ShareableList& list);

 private:
  explicit ShareableList(SharedMemory shm);

  SharedMemory shm_;
  std::size_t size_;
};

// One item, for as long as the expression lasts.
class ShareableList::Item {
 public:
  Item(const ShareableList& list, std::int64_t index) : list_(list), index_(index) {}
  Item(const Item&) = delete;
  Item& operator=(const Item&) = delete;

  Any value() const { return list_.at(index_); }
  operator Any() const { return value(); }
  template <class T>
  T as() const {
    return value().as<T>();
  }

  void operator=(const Any& item) && { list_.set(index_, item); }
  void operator=(Item&& other) && { list_.set(index_, other.value()); }

  friend bool operator==(const Item& item, const Any& other) { return item.value() == other; }
  friend std::ostream& operator<<(std::ostream& out, const Item& item);

 private:
  const ShareableList& list_;
  std::int64_t index_;
};

// Goes over the items; valid while the list is.
class ShareableList::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Any;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Any;

  Iterator() = default;
  Iterator(const ShareableList& list, std::int64_t index) : list_(&list), index_(index) {}

  Any operator*() const { return list_->at(index_); }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) { return {*list_, index_++}; }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

 private:
  const ShareableList* list_ = nullptr;
  std::int64_t index_ = 0;
};

inline ShareableList::Item ShareableList::operator[](std::int64_t index) const {
  return {*this, index};
}
inline ShareableList::Iterator ShareableList::begin() const { return {*this, 0}; }
inline ShareableList::Iterator ShareableList::end() const {
  return {*this, static_cast<std::int64_t>(size_)};
}

template <>
struct Codec<ShareableList> {
  static constexpr KindSet kKinds{ValueKind::kStr};

  template <class Sink>
  static void write(Sink& out, const ShareableList& list) {
    out.text(list.shm().name());
  }
  template <class Source>
  static ShareableList read(Source& in) {
    return ShareableList::attach(in.text());
  }
};

}  // namespace mp
