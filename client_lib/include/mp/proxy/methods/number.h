#pragma once

#include <cstdint>

#include "mp/codec.h"
#include "mp/exchange.h"
#include "mp/internal/remote_object.h"
#include "mp/internal/shared_number.h"
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

}  // namespace mp::internal
