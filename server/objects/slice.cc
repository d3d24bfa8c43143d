#include "server/objects/slice.h"

#include <algorithm>

#include "server/objects/error.h"

namespace mp::server {
namespace {

// Counts a negative index from the end. It may still be negative then; below -length it is too far
// anyway.
std::int64_t from_front(std::int64_t index, std::int64_t length) {
  return index < 0 ? index + length : index;
}

}  // namespace

std::optional<std::size_t> place_of(std::int64_t index, std::size_t length) {
  const auto size = static_cast<std::int64_t>(length);
  const std::int64_t place = from_front(index, size);
  if (place < 0 || place >= size) return std::nullopt;
  return static_cast<std::size_t>(place);
}

std::size_t nearest_place(std::int64_t index, std::size_t length) {
  const auto size = static_cast<std::int64_t>(length);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(from_front(index, size), 0, size));
}

absl::StatusOr<SliceRange> resolve(const v1::Slice& slice, std::size_t length) {
  // -INT64_MIN does not exist; no list is long enough to tell the two apart.
  const std::int64_t step = slice.has_step() ? std::max(slice.step(), -INT64_MAX) : 1;
  if (step == 0) return error(v1::VALUE_ERROR, "a slice's step can't be 0");

  // The ends of the range; counted downwards they lie one place lower.
  const auto size = static_cast<std::int64_t>(length);
  const std::int64_t low = step > 0 ? 0 : -1;
  const std::int64_t high = step > 0 ? size : size - 1;
  const auto bound = [&](std::int64_t index) {
    return std::clamp(from_front(index, size), low, high);
  };
  const std::int64_t start = slice.has_start() ? bound(slice.start()) : (step > 0 ? low : high);
  const std::int64_t stop = slice.has_stop() ? bound(slice.stop()) : (step > 0 ? high : low);

  const std::int64_t distance = step > 0 ? stop - start : start - stop;
  const std::int64_t stride = step > 0 ? step : -step;
  const std::int64_t count = distance > 0 ? (distance - 1) / stride + 1 : 0;
  return SliceRange{.start = start, .step = step, .count = static_cast<std::size_t>(count)};
}

}  // namespace mp::server
