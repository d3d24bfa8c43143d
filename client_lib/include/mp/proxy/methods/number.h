#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "mp/codec.h"
#include "mp/exchange.h"
#include "mp/internal/remote_object.h"
#include "mp/typecode.h"

namespace mp::internal {

// What is done to a number in place: mp.v1.Arithmetic has the same numbers.
enum class Arithmetic : std::uint8_t {
  kAdd = 1,
  kSubtract = 2,
  kMin = 3,
  kMax = 4,
  kAnd = 5,
  kOr = 6,
  kXor = 7,
};

// Which operations a type has: arithmetic all but bool, those on bits all but floating numbers.
template <class T>
concept Summable = SharedNumber<T> && !std::same_as<T, bool>;
template <class T>
concept Bitwise = SharedNumber<T> && !FloatingNumber<T>;

// A number as an mp.v1.Value, and back.
template <SharedNumber T>
void write_number(wire::Message& request, std::uint32_t field, T number) {
  request.value(field, static_cast<PlainNumber<T>>(number));
}

template <SharedNumber T>
T read_number(const Reply& reply, std::uint32_t field) {
  return static_cast<T>(reply.value<PlainNumber<T>>(field));
}

template <SharedNumber T, std::uint32_t kField>
T decode_number(const Reply& reply) {
  return read_number<T>(reply, kField);
}

template <SharedNumber T>
Exchange<T> decode_number_exchange(const Reply& reply) {
  return {.exchanged = reply.boolean(1), .actual = read_number<T>(reply, 2)};
}

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
