#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "mp/codec/concepts.h"
#include "mp/codec/scalars.h"
#include "mp/errors.h"

namespace mp::internal {

static_assert(std::endian::native == std::endian::little, "packed arrays are little-endian");

template <class T, class Use>
void for_each_packed_as(std::string_view data, Use&& use) {
  if (data.size() % sizeof(T) != 0) throw ValueError("a packed array ends within a number");
  for (std::size_t at = 0; at < data.size(); at += sizeof(T)) {
    T number;
    std::memcpy(&number, data.data() + at, sizeof number);
    use(number);
  }
}

// Calls `use` with each number of a packed array, in its own type.
// Errors: ValueError for an unknown typecode, or a number that is cut off.
template <class Use>
void for_each_packed(ArrayView array, Use&& use) {
  switch (array.typecode) {
    case '?':  // 0 and 1
    case 'B':
      return for_each_packed_as<std::uint8_t>(array.data, use);
    case 'b':
      return for_each_packed_as<std::int8_t>(array.data, use);
    case 'h':
      return for_each_packed_as<std::int16_t>(array.data, use);
    case 'H':
      return for_each_packed_as<std::uint16_t>(array.data, use);
    case 'i':
      return for_each_packed_as<std::int32_t>(array.data, use);
    case 'I':
      return for_each_packed_as<std::uint32_t>(array.data, use);
    case 'l':
    case 'q':
      return for_each_packed_as<std::int64_t>(array.data, use);
    case 'L':
    case 'Q':
      return for_each_packed_as<std::uint64_t>(array.data, use);
    case 'f':
      return for_each_packed_as<float>(array.data, use);
    case 'd':
      return for_each_packed_as<double>(array.data, use);
    default:
      throw ValueError("a packed array has an unknown typecode");
  }
}

// A number of a packed array as a number of the reader's type.
template <class To, class From>
To number_as(From number) {
  if constexpr (FloatingNumber<To>) {
    return static_cast<To>(number);
  } else if constexpr (WholeNumber<From>) {
    return checked_number<To>(number);
  } else {
    throw_mismatch("int", ValueKind::kFloat);
  }
}

}  // namespace mp::internal
