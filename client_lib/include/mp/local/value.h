#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mp/internal/shared_cell.h"
#include "mp/local/acquirable.h"
#include "mp/local/associated_lock.h"
#include "mp/repr.h"

namespace mp {

namespace internal {

// What Value and RawValue have in common.
template <class T>
class ValueInMemory : public SharedCell<T, ValueInMemory<T>> {
  static_assert(require_shareable<T>());

 public:
  operator T() const { return this->get(); }

  // The very memory. What is done there is not atomic, and nobody is kept from it: hold the lock,
  // if all others do. It is valid while this handle or a copy lives. Python: v.get_obj().
  T& get_obj() const { return *place_; }

  // As the numbers that they are, or as the handles? v.get() == w.get() tells.
  friend bool operator==(const ValueInMemory&, const ValueInMemory&) = delete;

 protected:
  ValueInMemory(const ItemType& type, T item, AssociatedLock lock)
      : ValueInMemory(SharedData(type, 1, std::move(lock))) {
    std::construct_at(place_, item);
  }
  explicit ValueInMemory(SharedData data)
      : data_(std::move(data)), place_(reinterpret_cast<T*>(data_.begin())) {}

  const SharedData& data() const { return data_; }

 private:
  friend class SharedCell<T, ValueInMemory<T>>;

  T& place() const { return *place_; }

  SharedData data_;
  T* place_;
};

template <SharedNumber T>
std::string print_value(std::string_view type, T number) {
  return std::string(type) + "('" + typecode_of<T>() + "', " +
         repr(static_cast<PlainNumber<T>>(number)) + ')';
}

}  // namespace internal

template <class T>
class RawValue;

// One value of a fixed type, in memory that the processes of one machine share.
//
// Python: multiprocessing.Value. T is a number, or any other type that is as good as its bytes: an
// enumeration, a struct of such.
//
// The methods are those of internal::SharedCell: get value set exchange, and for numbers add
// subtract fetch_add fetch_sub fetch_min fetch_max fetch_and fetch_or fetch_xor compare_exchange
// and += -= ++ -- &= |= ^=. Unlike in Python, `v += 1` by many processes counts them all, and takes
// no lock; `v = v * 2` is a read and a write. What does not fit wraps around, as std::atomic's does
// (that of a manager's value is an OverflowError).
//
// This is a handle: copies are the same value. A forked child has it by inheritance, a spawned one
// as an argument, and any process that is sent it over a Connection. `v = 3` and `int n = v` mean
// the number, `v = w` makes v a handle to w's.
//
// The value is never half written if its process is killed, save by get_obj(): a struct that is too
// large for one instruction is set by a copy that the next to take the lock completes, be it
// another get() or set() or a scoped_lock of the Value. Who takes get_lock() and then looks at
// get_obj() asks previous_owner_died().
// Cost: for numbers those of std::atomic. 64 bytes of memory, and 4 KiB for a lock of its own.
// Thread-safety: any thread. Fork-safety: as Lock's.
//
//   mp::Value<int> hits(0);
//   mp::Process p([hits] { hits += 1; });
//   { std::scoped_lock guard(hits); hits = hits * 2; }      // against those who lock too
template <class T>
class Value : public internal::ValueInMemory<T>, public internal::Acquirable<Value<T>> {
  using Base = internal::ValueInMemory<T>;

 public:
  // With an RLock of its own, one that others use too, or mp::no_lock. Python: Value(type, value,
  // lock=lock).
  // Errors: MemoryError.
  explicit Value(T value, AssociatedLock lock = RLock()) : Base(kItem, value, std::move(lock)) {}

  Value(const Value&) = default;
  Value(Value&&) noexcept = default;
  Value& operator=(const Value&) = default;
  Value& operator=(Value&&) noexcept = default;
  ~Value() = default;
  void operator=(const Value&) const = delete;  // of the number? v = w.get()

  T operator=(T value) const {
    this->set(value);
    return value;
  }

  // The lock that goes with the value. Errors: AttributeError if there is none.
  AssociatedLock get_lock() const { return this->data().get_lock(); }

  // Acquiring and releasing the Value is acquiring and releasing its lock: see
  // internal::Acquirable. Errors: AttributeError if there is none.
  void release() const { this->data().release(); }

 private:
  friend class internal::Acquirable<Value>;
  friend struct internal::SharedDataCodec<Value>;

  static constexpr internal::ItemType kItem = internal::item_type<T>("a Value");

  template <class Item>
  friend Value<Item> synchronized(const RawValue<Item>& raw, AssociatedLock lock);

  explicit Value(internal::SharedData data) : Base(std::move(data)) {}

  bool take(internal::Timeout timeout) const { return this->data().take(timeout); }
};

// A Value without a lock. Python: multiprocessing.RawValue.
//
// A struct that is too large for one instruction may be seen half written; numbers are as a
// Value's.
template <class T>
class RawValue : public internal::ValueInMemory<T> {
  using Base = internal::ValueInMemory<T>;

 public:
  // Errors: MemoryError.
  explicit RawValue(T value) : Base(kItem, value, no_lock) {}

  RawValue(const RawValue&) = default;
  RawValue(RawValue&&) noexcept = default;
  RawValue& operator=(const RawValue&) = default;
  RawValue& operator=(RawValue&&) noexcept = default;
  ~RawValue() = default;
  void operator=(const RawValue&) const = delete;  // of the number? v = w.get()

  T operator=(T value) const {
    this->set(value);
    return value;
  }

 private:
  friend struct internal::SharedDataCodec<RawValue>;
  template <class Item>
  friend Value<Item> synchronized(const RawValue<Item>& raw, AssociatedLock lock);

  static constexpr internal::ItemType kItem = internal::item_type<T>("a RawValue");

  explicit RawValue(internal::SharedData data) : Base(std::move(data)) {}
};

// The same value, as one that has a lock: an RLock of its own, or one that others use too. Who goes
// by the raw one is not kept out. Python: sharedctypes.synchronized(raw, lock).
template <class T>
Value<T> synchronized(const RawValue<T>& raw, AssociatedLock lock = RLock()) {
  return Value<T>(raw.data().with(Value<T>::kItem.owner, std::move(lock)));
}

// Another value, that is the same at first. Python: sharedctypes.copy(raw). Errors: MemoryError.
template <class T>
RawValue<T> copy(const RawValue<T>& raw) {
  return RawValue<T>(raw.get());
}

// As the proxies print them: Value('i', 3).
template <internal::SharedNumber T>
std::string str(const Value<T>& value) {
  return internal::print_value("Value", value.get());
}
template <internal::SharedNumber T>
std::string str(const RawValue<T>& value) {
  return internal::print_value("RawValue", value.get());
}
template <internal::SharedNumber T>
std::ostream& operator<<(std::ostream& out, const Value<T>& value) {
  return out << str(value);
}
template <internal::SharedNumber T>
std::ostream& operator<<(std::ostream& out, const RawValue<T>& value) {
  return out << str(value);
}

template <class T>
struct Codec<Value<T>> : internal::SharedDataCodec<Value<T>> {};
template <class T>
struct Codec<RawValue<T>> : internal::SharedDataCodec<RawValue<T>> {};

namespace internal {

// The item stays where it is: it is not sent.
template <class T, class... Seen>
struct PartsAreSound<Value<T>, Seen...> : std::true_type {};
template <class T, class... Seen>
struct PartsAreSound<RawValue<T>, Seen...> : std::true_type {};

}  // namespace internal

}  // namespace mp
