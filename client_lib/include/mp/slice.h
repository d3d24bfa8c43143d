#pragma once

#include <cstdint>
#include <optional>

#include "mp/none.h"

namespace mp {

// A part of a list. Python: slice; a negative number counts from the end, and what is absent takes
// Python's default.
struct Slice {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::optional<std::int64_t> step;
};

namespace internal {

// A number, or mp::None for the default.
class SliceBound {
 public:
  constexpr SliceBound(NoneType) {}
  constexpr SliceBound(std::int64_t bound) : bound_(bound) {}
  constexpr operator std::optional<std::int64_t>() const { return bound_; }

 private:
  std::optional<std::int64_t> bound_;
};

}  // namespace internal

// Python: [:stop], [start:stop], [start:stop:step].
//
//   l[mp::slice(1, -1)];   l[mp::slice(mp::None, mp::None, 2)];
constexpr Slice slice(internal::SliceBound stop) { return {.start = {}, .stop = stop, .step = {}}; }
constexpr Slice slice(internal::SliceBound start, internal::SliceBound stop,
                      internal::SliceBound step = None) {
  return {.start = start, .stop = stop, .step = step};
}

}  // namespace mp
