#include "mp/internal/slice_range.h"

#include <algorithm>
#include <string>

#include "mp/errors.h"

namespace mp::internal {

void throw_index(std::int64_t index, std::size_t length) {
  throw IndexError("index " + std::to_string(index) + " is out of range: the length is " +
                   std::to_string(length));
}

SliceRange resolve(const Slice& slice, std::size_t length) {
  // -INT64_MIN does not exist; no sequence is long enough to tell the two apart.
  const std::int64_t step = std::max(slice.step.value_or(1), -INT64_MAX);
  if (step == 0) throw ValueError("a slice's step can't be 0");

  // The ends of the range; counted downwards they lie one place lower.
  const auto size = static_cast<std::int64_t>(length);
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? size : size - 1;
  const auto bound = [&](std::int64_t index) {
    return std::clamp(index < 0 ? index + size : index, low, high);
  };
  const std::int64_t start = slice.start ? bound(*slice.start) : (step > 0 ? low : high);
  const std::int64_t stop = slice.stop ? bound(*slice.stop) : (step > 0 ? high : low);

  const std::int64_t distance = step > 0 ? stop - start : start - stop;
  const std::int64_t stride = step > 0 ? step : -step;
  const std::int64_t count = distance > 0 ? (distance - 1) / stride + 1 : 0;
  return SliceRange{.start = start, .step = step, .count = static_cast<std::size_t>(count)};
}

}  // namespace mp::internal
