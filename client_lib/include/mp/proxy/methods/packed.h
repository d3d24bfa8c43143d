#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "mp/codec/packed.h"
#include "mp/errors.h"
#include "mp/internal/remote_object.h"
#include "mp/proxy/methods/number.h"
#include "mp/wire/message.h"

namespace mp::internal {

// Numbers of one type as they lie in memory: mp.v1.ArrayValue, with the typecode of T.
// Errors: ValueError for a whole number that T does not hold.
template <SharedNumber T, std::ranges::input_range Numbers>
void write_packed(wire::Message& request, std::uint32_t field, Numbers&& numbers) {
  using From = std::ranges::range_value_t<Numbers>;
  constexpr bool kAsItLies = std::ranges::contiguous_range<Numbers> &&
                             std::ranges::sized_range<Numbers> && std::same_as<From, T>;
  if constexpr (kAsItLies) {
    const std::string_view data(reinterpret_cast<const char*>(std::ranges::data(numbers)),
                                std::ranges::size(numbers) * sizeof(T));
    request.array(field, {typecode_of<T>(), data});
  } else {
    std::string data;
    for (const From& from : numbers) {
      const T number = number_cast<T>(from);
      data.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    request.array(field, {typecode_of<T>(), data});
  }
}

// The ArrayValue in field 1 of a reply; without numbers if there is none.
inline ArrayView packed_of(const Reply& reply) {
  ArrayView array{'\0', {}};
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;
    for (wire::Fields part = fields.message(); part.next();) {
      if (part.field() == 1 && part.bytes().size() == 1) array.typecode = part.bytes().front();
      if (part.field() == 2) array.data = part.bytes();
    }
  }
  if (array.typecode == 'l') array.typecode = 'q';  // one and the same in a manager
  if (array.typecode == 'L') array.typecode = 'Q';
  return array;
}

// Errors: TypeError if the numbers are of another type.
template <SharedNumber T>
std::vector<T> decode_packed(const Reply& reply) {
  const ArrayView array = packed_of(reply);
  if (array.data.empty()) return {};
  if (array.typecode != typecode_of<T>()) {
    throw TypeError(std::string("expected an array of type '") + typecode_of<T>() +
                    "', found one of '" + array.typecode + "'");
  }
  if (array.data.size() % sizeof(T) != 0) {
    throw RemoteError("a packed array ends within a number");
  }
  std::vector<T> numbers(array.data.size() / sizeof(T));
  if constexpr (std::same_as<T, bool>) {  // whose vectors are packed otherwise
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = array.data[i] != 0;
  } else {
    std::memcpy(numbers.data(), array.data.data(), array.data.size());
  }
  return numbers;
}

}  // namespace mp::internal
