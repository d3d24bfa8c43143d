#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <vector>

namespace mp::internal {

// Whether a range's things are copied; others are referred to.
template <std::ranges::forward_range R>
inline constexpr bool kAreHandles = std::copy_constructible<
    std::remove_cv_t<std::remove_reference_t<std::ranges::range_reference_t<R>>>>;

// The things at these places of the range.
template <std::ranges::forward_range R>
auto those_at(const std::vector<std::size_t>& places, R& things) {
  using Thing = std::remove_reference_t<std::ranges::range_reference_t<R>>;
  std::vector<
      std::conditional_t<kAreHandles<R>, std::remove_const_t<Thing>, std::reference_wrapper<Thing>>>
      those;
  those.reserve(places.size());
  for (const std::size_t place : places) {
    those.emplace_back(
        *std::ranges::next(std::ranges::begin(things), static_cast<std::ptrdiff_t>(place)));
  }
  return those;
}

}  // namespace mp::internal
