#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "mp/any.h"
#include "mp/errors.h"
#include "mp/repr.h"

namespace mp {

namespace internal {

// What is added in order to subtract: containers add only. Unsigned numbers become negative ones.
template <class T>
auto negated(const T& number) {
  if constexpr (WholeNumber<T>) {
    if (!std::in_range<std::int64_t>(number) ||
        std::cmp_equal(number, std::numeric_limits<std::int64_t>::min())) {
      throw ValueError(std::to_string(number) + " is too large to be subtracted");
    }
    return -static_cast<std::int64_t>(number);
  } else if constexpr (std::same_as<T, Any>) {
    if (number.template is<std::int64_t>()) {
      return Any(negated(number.template as<std::int64_t>()));
    }
    return Any(-number.template as<double>());
  } else {
    return -number;
  }
}

}  // namespace internal

// d[key] or l[index], for as long as the expression lasts.
//
// Reading it and writing it are a round trip each, += and -= are one atomic operation on the
// manager. It is no variable: `auto x = d[key];` cannot be used for anything; write `int x =
// d[key];`, or `auto x = d[key].value();`.
//
//   d["b"] = d["a"];                 // reads, then writes
//   d["n"] += 1;                     // one atomic operation
//   int n = d["n"].as<int>();        // of a proxy over mp::Any
template <class Owner, class Key, class V>
class ItemReference {
 public:
  ItemReference(const ItemReference&) = delete;
  ItemReference& operator=(const ItemReference&) = delete;

  operator V() && { return owner_.at(key_); }
  V value() && { return owner_.at(key_); }

  // The value of a proxy over mp::Any, as a T.
  template <class T>
  T as() && {
    return owner_.at(key_).template as<T>();
  }

  void operator=(const V& value) && { owner_.set(key_, value); }
  void operator=(ItemReference&& other) && { owner_.set(key_, std::move(other).value()); }

  // Atomic: yes. Gives the sum. Errors: TypeError, on the manager, for what cannot be added.
  V operator+=(const V& operand) && { return owner_.add(key_, operand); }
  V operator-=(const V& operand) && { return subtract(operand); }
  V operator++() && { return owner_.add(key_, V(1)); }
  V operator--() && { return subtract(V(1)); }

  friend bool operator==(ItemReference&& item, const V& value) {
    return std::move(item).value() == value;
  }
  friend std::ostream& operator<<(std::ostream& out, ItemReference&& item) {
    return out << str(std::move(item).value());
  }

 private:
  friend Owner;
  ItemReference(const Owner& owner, Key key) : owner_(owner), key_(std::move(key)) {}

  V subtract(const V& operand) {
    if constexpr (requires { owner_.subtract(key_, operand); }) {
      return owner_.subtract(key_, operand);
    } else {
      return owner_.add(key_, internal::negated(operand));
    }
  }

  const Owner& owner_;
  const Key key_;
};

}  // namespace mp
