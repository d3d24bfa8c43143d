#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/internal/array_in_memory.h"
#include "mp/local/acquirable.h"
#include "mp/local/associated_lock.h"
#include "mp/repr.h"

namespace mp {

namespace internal {

// Of what an array can be made: any range, but for another handle to the same array; of characters
// a text, where a literal's NUL is not meant.
template <class Items, class T, class Array>
concept ItemsFor =
    std::ranges::input_range<Items> && !std::same_as<std::remove_cvref_t<Items>, Array> &&
    !(std::same_as<T, char> && std::convertible_to<Items, std::string_view>);

}  // namespace internal

template <class T>
class RawArray;

// Values of one fixed type in a row of fixed length, in memory that the processes of one machine
// share.
//
// Python: multiprocessing.Array. Which T there can be, that this is a handle, and what is atomic,
// is said at mp::Value. All memory is reserved at once: what cannot be had is a MemoryError here,
// and no signal later.
//
// The methods are those of internal::ArrayInMemory: size empty at get set exchange get_slice
// set_slice copy to_vector fill span begin end, for numbers add subtract fetch_add fetch_sub
// fetch_min fetch_max fetch_and fetch_or fetch_xor compare_exchange, and of char value raw
// set_value set_raw.
//
//   mp::Array<int> a({1, 2, 3});
//   a[-1] += 2;                                    // one atomic operation
//   a[mp::slice(0, 2)] = {7, 8};
//   std::ranges::sort(a.span());
//   std::cout << a << '\n';                        // [5, 7, 8]
template <class T>
class Array : public internal::ArrayInMemory<T>, public internal::Acquirable<Array<T>> {
  using Base = internal::ArrayInMemory<T>;

 public:
  // Of so many zeros, or of items; with an RLock of its own, one that others use too, or
  // mp::no_lock. `({8})` is one item, `(8)` are eight.
  // Python: Array(type, size_or_items, lock=lock).
  // Errors: MemoryError; ValueError for a negative length, or a whole number that T does not hold.
  template <internal::WholeNumber Length>
  explicit Array(Length length, AssociatedLock lock = RLock())
      : Base(internal::SharedData(
            kItem, internal::require_length(static_cast<std::int64_t>(length)), std::move(lock))) {}
  explicit Array(std::initializer_list<T> items, AssociatedLock lock = RLock())
      : Array(internal::Counted(), items, std::move(lock)) {}
  template <internal::ItemsFor<T, Array> Items>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): the condition leaves copies alone
  explicit Array(Items&& items, AssociatedLock lock = RLock())
      : Array(internal::Counted(), internal::counted<T>(std::forward<Items>(items)),
              std::move(lock)) {}
  explicit Array(std::string_view text,
                 AssociatedLock lock = RLock()) requires std::same_as<T, char>
      : Array(internal::Counted(), text, std::move(lock)) {}

  // The lock that goes with the array. Errors: AttributeError if there is none.
  AssociatedLock get_lock() const { return this->data().get_lock(); }

  // Acquiring and releasing the Array is acquiring and releasing its lock: see
  // internal::Acquirable. Errors: AttributeError if there is none.
  void release() const { this->data().release(); }

 private:
  friend class internal::Acquirable<Array>;
  friend struct internal::SharedDataCodec<Array>;

  static constexpr internal::ItemType kItem = internal::item_type<T>("an Array");

  template <class Item>
  friend Array<Item> synchronized(const RawArray<Item>& raw, AssociatedLock lock);

  explicit Array(internal::SharedData data) : Base(std::move(data)) {}
  template <class Items>
  Array(internal::Counted, Items&& items, AssociatedLock lock)
      : Base(internal::SharedData(kItem, std::ranges::size(items), std::move(lock)), items) {}

  bool take(internal::Timeout timeout) const { return this->data().take(timeout); }
};

// An Array without a lock. Python: multiprocessing.RawArray.
//
// Items that are too large for one instruction may be seen half written, and what goes over several
// mixes with others'; numbers are as an Array's.
template <class T>
class RawArray : public internal::ArrayInMemory<T> {
  using Base = internal::ArrayInMemory<T>;

 public:
  // As Array's.
  template <internal::WholeNumber Length>
  explicit RawArray(Length length)
      : Base(internal::SharedData(
            kItem, internal::require_length(static_cast<std::int64_t>(length)), no_lock)) {}
  explicit RawArray(std::initializer_list<T> items) : RawArray(internal::Counted(), items) {}
  template <internal::ItemsFor<T, RawArray> Items>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): the condition leaves copies alone
  explicit RawArray(Items&& items)
      : RawArray(internal::Counted(), internal::counted<T>(std::forward<Items>(items))) {}
  explicit RawArray(std::string_view text) requires std::same_as<T, char>
      : RawArray(internal::Counted(), text) {}

 private:
  friend struct internal::SharedDataCodec<RawArray>;
  template <class Item>
  friend Array<Item> synchronized(const RawArray<Item>& raw, AssociatedLock lock);

  static constexpr internal::ItemType kItem = internal::item_type<T>("a RawArray");

  explicit RawArray(internal::SharedData data) : Base(std::move(data)) {}
  template <class Items>
  RawArray(internal::Counted, Items&& items)
      : Base(internal::SharedData(kItem, std::ranges::size(items), no_lock), items) {}
};

// The same items, as those of an array that has a lock; as with a RawValue.
// Python: sharedctypes.synchronized(raw, lock).
template <class T>
Array<T> synchronized(const RawArray<T>& raw, AssociatedLock lock = RLock()) {
  return Array<T>(raw.data().with(Array<T>::kItem.owner, std::move(lock)));
}

// Another array, of the same items at first. Python: sharedctypes.copy(raw). Errors: MemoryError.
template <class T>
RawArray<T> copy(const RawArray<T>& raw) {
  return RawArray<T>(raw.copy());
}

namespace internal {

template <Codable T>
std::string print_items(const ArrayInMemory<T>& array) {
  const std::vector<T> items = array.copy();
  std::string text;
  ReprSink out(text);
  if constexpr (std::same_as<T, char>) {
    out.bytes({items.data(), items.size()});
  } else {
    out.list(items.size(), [&] {
      for (const auto& item : items) out.write(static_cast<const T&>(item));
    });
  }
  return text;
}

}  // namespace internal

// As Python prints a list of the items: [0, -1, -2]; of characters their bytes: b'abc'.
template <Codable T>
std::string str(const Array<T>& array) {
  return internal::print_items(array);
}
template <Codable T>
std::string str(const RawArray<T>& array) {
  return internal::print_items(array);
}
template <Codable T>
std::ostream& operator<<(std::ostream& out, const Array<T>& array) {
  return out << str(array);
}
template <Codable T>
std::ostream& operator<<(std::ostream& out, const RawArray<T>& array) {
  return out << str(array);
}

template <class T>
struct Codec<Array<T>> : internal::SharedDataCodec<Array<T>> {};
template <class T>
struct Codec<RawArray<T>> : internal::SharedDataCodec<RawArray<T>> {};

namespace internal {

// The items stay where they are: they are not sent.
template <class T, class... Seen>
struct PartsAreSound<Array<T>, Seen...> : std::true_type {};
template <class T, class... Seen>
struct PartsAreSound<RawArray<T>, Seen...> : std::true_type {};

}  // namespace internal

}  // namespace mp
