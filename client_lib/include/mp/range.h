#pragma once

#include <ranges>

namespace mp {

// The whole numbers 0 … stop - 1, or first … stop - 1, as a range. Python: range(stop),
// range(first, stop).
template <class Integer>
constexpr auto range(Integer stop) {
  return std::views::iota(Integer{0}, stop);
}
template <class Integer>
constexpr auto range(Integer first, Integer stop) {
  return std::views::iota(first, stop);
}

}  // namespace mp
