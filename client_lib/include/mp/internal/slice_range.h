#pragma once

#include <cstddef>
#include <cstdint>

#include "mp/slice.h"

// How Python counts the places of a sequence: a negative index counts from the end.

namespace mp::internal {

// Errors: IndexError.
[[noreturn]] void throw_index(std::int64_t index, std::size_t length);

// The place of l[index] in a sequence of `length` items. Errors: IndexError.
inline std::size_t place_of(std::int64_t index, std::size_t length) {
  const auto size = static_cast<std::int64_t>(length);
  const std::int64_t place = index < 0 ? index + size : index;
  if (place < 0 || place >= size) throw_index(index, length);
  return static_cast<std::size_t>(place);
}

// What l[start:stop:step] selects: `count` items, the first at `start`, each `step` places after
// the one before.
//
// Invariant: every selected place is inside the sequence.
struct SliceRange {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::size_t count = 0;

  std::size_t operator[](std::size_t i) const {
    return static_cast<std::size_t>(start + static_cast<std::int64_t>(i) * step);
  }
};

// Source: slice.indices() of the Python language reference. Errors: ValueError if the step is 0.
SliceRange resolve(const Slice& slice, std::size_t length);

}  // namespace mp::internal
