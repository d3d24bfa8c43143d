#pragma once

#include <concepts>
#include <type_traits>

#include "mp/codec/scalars.h"
#include "mp/typecode.h"

// The numbers that shared values and arrays are made of, those of managers and those in memory.

namespace mp::internal {

// Which operations a type has: arithmetic all but bool, those on bits all but floating numbers.
template <class T>
concept Summable = SharedNumber<T> && !std::same_as<T, bool>;
template <class T>
concept Bitwise = SharedNumber<T> && !FloatingNumber<T>;

template <class>
inline constexpr bool kNever = false;

// A number of another type as a T.
// Errors: ValueError for a whole number that does not fit.
template <SharedNumber T, class From>
T number_cast(From number) {
  if constexpr (std::same_as<T, From>) {
    return number;
  } else if constexpr (FloatingNumber<T> && std::is_arithmetic_v<From>) {
    return static_cast<T>(number);
  } else if constexpr (OneOf<From, char> || WholeNumber<From>) {
    static_assert(!std::same_as<T, bool>, "mp: these numbers are no bools");
    return static_cast<T>(checked_number<PlainNumber<T>>(static_cast<PlainNumber<From>>(number)));
  } else {
    static_assert(kNever<From>, "mp: these numbers would be cut to whole ones, or are none");
  }
}

}  // namespace mp::internal
