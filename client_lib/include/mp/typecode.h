#pragma once

#include <concepts>
#include <type_traits>

#include "mp/codec/concepts.h"

namespace mp {

namespace internal {

// What a shared value or array can be made of: bool, the integers of up to 64 bits, char as the
// small integer that it is, float and double.
template <class T>
concept SharedNumber = std::same_as<T, std::remove_cv_t<T>> &&
    (OneOf<T, bool, char> || WholeNumber<T> || FloatingNumber<T>);

// char is text to Codec, and a number here: one of these.
template <SharedNumber T>
using PlainNumber =
    std::conditional_t<std::same_as<T, char>,
                       std::conditional_t<std::is_signed_v<char>, signed char, unsigned char>, T>;

}  // namespace internal

// The typecode of a C++ number: Python's array typecode of the same size and sign, of
// b B h H i I q Q f d; and ? for bool. Of long it is q or i, as long has 64 or 32 bits.
//
//   static_assert(mp::typecode_of<double>() == 'd');
template <internal::SharedNumber T>
constexpr char typecode_of() {
  if constexpr (std::same_as<T, bool>) return '?';
  if constexpr (std::same_as<T, float>) return 'f';
  if constexpr (std::same_as<T, double>) return 'd';
  constexpr bool kSigned = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 1) return kSigned ? 'b' : 'B';
  if constexpr (sizeof(T) == 2) return kSigned ? 'h' : 'H';
  if constexpr (sizeof(T) == 4) return kSigned ? 'i' : 'I';
  return kSigned ? 'q' : 'Q';
}

}  // namespace mp
