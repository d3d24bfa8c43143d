#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <concepts>

#include "mp/internal/shared_data.h"

namespace mp::internal {

// What is done to one item in shared memory: that of a Value, or one of an Array. Self says where
// it lies: place(), and data() that it is of.
//
// Atomic: each operation, between all threads of all processes, for a T of 1, 2, 4 or 8 bytes: one
// instruction, or a few that are tried again. They do not take the lock, which is for those who
// agree to take it. Of any other T, get(), set() and exchange() take the lock if there is one, and
// are atomic then, even if their process is killed; without a lock they may see and leave a half.
template <class T, class Self>
class SharedCell {
 public:
  using value_type = T;

  // Python: v.value.
  T get() const {
    if constexpr (LockFree<T>) {
      return atomic().load();
    } else {
      Room room;
      self().data().get_item(&self().place(), &room);
      return room.item;
    }
  }
  T value() const { return get(); }

  // Python: v.value = item.
  void set(T item) const {
    if constexpr (LockFree<T>) {
      atomic().store(item);
    } else {
      self().data().set_item(&self().place(), &item);
    }
  }

  // The same; gives what was there before.
  T exchange(T item) const {
    if constexpr (LockFree<T>) {
      return atomic().exchange(item);
    } else {
      Room room;
      self().data().exchange_item(&self().place(), &item, &room);
      return room.item;
    }
  }

  // Adds, subtracts; gives the result. Whole numbers wrap around, as std::atomic's.
  T add(T operand) const requires Summable<T> { return atomic() += operand; }
  T subtract(T operand) const requires Summable<T> { return atomic() -= operand; }

  // Adds, subtracts, takes the smaller one, the larger one; gives what was there before.
  T fetch_add(T operand) const requires Summable<T> { return atomic().fetch_add(operand); }
  T fetch_sub(T operand) const requires Summable<T> { return atomic().fetch_sub(operand); }
  T fetch_min(T operand) const requires Summable<T> {
    return change([operand](T there) { return std::min(there, operand); });
  }
  T fetch_max(T operand) const requires Summable<T> {
    return change([operand](T there) { return std::max(there, operand); });
  }

  // Bit by bit; gives what was there before.
  T fetch_and(T operand) const requires Bitwise<T> {
    return change([operand](T there) { return static_cast<T>(there & operand); });
  }
  T fetch_or(T operand) const requires Bitwise<T> {
    return change([operand](T there) { return static_cast<T>(there | operand); });
  }
  T fetch_xor(T operand) const requires Bitwise<T> {
    return change([operand](T there) { return static_cast<T>(there ^ operand); });
  }

  // Sets it to `desired` if it is `expected`, else `expected` to what is there; tells which.
  // NaN is taken for NaN.
  //
  //   int seen = v;
  //   while (!v.compare_exchange(seen, next(seen))) continue;
  bool compare_exchange(T& expected, T desired) const requires SharedNumber<T> {
    T there = atomic().load();
    while (is_same(there, expected)) {
      if (!atomic().compare_exchange_weak(there, desired)) continue;
      expected = there;
      return true;
    }
    expected = there;
    return false;
  }

  // Each one atomic operation; gives the result, the forms after the name what was there before.
  T operator+=(T operand) const requires Summable<T> { return add(operand); }
  T operator-=(T operand) const requires Summable<T> { return subtract(operand); }
  T operator++() const requires Summable<T> { return add(T{1}); }
  T operator--() const requires Summable<T> { return subtract(T{1}); }
  T operator++(int) const requires Summable<T> { return fetch_add(T{1}); }
  T operator--(int) const requires Summable<T> { return fetch_sub(T{1}); }
  T operator&=(T operand) const requires Bitwise<T> {
    return static_cast<T>(fetch_and(operand) & operand);
  }
  T operator|=(T operand) const requires Bitwise<T> {
    return static_cast<T>(fetch_or(operand) | operand);
  }
  T operator^=(T operand) const requires Bitwise<T> {
    return static_cast<T>(fetch_xor(operand) ^ operand);
  }

 private:
  friend Self;
  SharedCell() = default;

  // For a T that need not have a constructor without arguments.
  union Room {
    Room() {}
    T item;
  };

  const Self& self() const { return static_cast<const Self&>(*this); }
  std::atomic_ref<T> atomic() const requires LockFree<T> {
    return std::atomic_ref<T>(self().place());
  }

  static bool is_same(T a, T b) {
    if constexpr (FloatingNumber<T>) return a == b || (std::isnan(a) && std::isnan(b));
    return a == b;
  }

  template <class Change>
  T change(Change&& change) const {
    T there = atomic().load();
    while (!atomic().compare_exchange_weak(there, change(there))) continue;
    return there;
  }
};

}  // namespace mp::internal
