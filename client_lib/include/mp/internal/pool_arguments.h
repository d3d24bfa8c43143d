#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/internal/pool_job.h"

// What a function of a pool is called with, for an item, and what it gives.

namespace mp::internal {

template <class F, class... A>
using CallResult = std::invoke_result_t<const F&, A...>;

// What items look like to the function: one argument each, or, spread, as many as their tuples
// have.
enum class Spread : bool { kNo, kYes };

// Tuples, pairs and arrays.
template <class Item>
concept TupleLike = requires {
  std::tuple_size<Item>::value;
};

template <class Item, std::size_t... I>
auto parts_of(std::index_sequence<I...>)
    -> std::tuple<std::remove_cvref_t<std::tuple_element_t<I, Item>>...>;

template <Spread kSpread, class Item>
struct ArgumentsOf {
  static_assert(kSpread == Spread::kNo,
                "mp::Pool: starmap takes items that are tuples, pairs or arrays of arguments");
  using Type = std::tuple<Item>;
};
template <TupleLike Item>
struct ArgumentsOf<Spread::kYes, Item> {
  using Type = decltype(parts_of<Item>(std::make_index_sequence<std::tuple_size_v<Item>>()));
};

template <class F, class Arguments>
struct CallOf;
template <class F, class... A>
struct CallOf<F, std::tuple<A...>> {
  static_assert(std::invocable<const F&, A...>,
                "mp::Pool: the function does not take such an item. Items are handed over as "
                "rvalues: take them by value, by const reference or by rvalue reference.");
  using Raw = CallResult<F, A...>;
  using Result = ResultOf<Raw>;
  template <class Self>
  using Chunk = typename Self::template Chunk<Raw, F, A...>;
};

template <class F, class Items, Spread kSpread>
using CallFor = CallOf<F, typename ArgumentsOf<kSpread, std::ranges::range_value_t<Items>>::Type>;

}  // namespace mp::internal
