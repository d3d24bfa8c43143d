#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/internal/pool_arguments.h"
#include "mp/internal/pool_call.h"
#include "mp/internal/pool_core.h"
#include "mp/internal/pool_job.h"

// The way of items from the range that a pool is given into its tasks.

namespace mp::internal {

// Items are moved out of a container that was handed over.
template <class Items>
auto first_of(Items& items) {
  if constexpr (std::is_reference_v<Items> || std::ranges::view<Items>) {
    return std::ranges::begin(items);
  } else {
    return std::make_move_iterator(std::ranges::begin(items));
  }
}

// What an iterator makes anew, or keeps in itself, is gone when the next item is read.
template <class Items>
constexpr Stays stays() {
  const bool is_elsewhere = std::is_reference_v<std::ranges::range_reference_t<Items>>;
  return std::ranges::forward_range<Items> && is_elsewhere ? Stays::kYes : Stays::kNo;
}

template <Spread kSpread, Stays kStays, class Chunk, class Item>
void add_item(Chunk& chunk, Item&& item) {
  if constexpr (kSpread == Spread::kYes) {
    std::apply(
        [&](auto&&... parts) {
          chunk.template add<kStays>(std::forward<decltype(parts)>(parts)...);
        },
        std::forward<Item>(item));
  } else {
    chunk.template add<kStays>(std::forward<Item>(item));
  }
}

// A function that hands out one chunk more, and gives false at the end of the items. It does not
// touch the input beyond that: what follows may depend on results.
template <class TheCall, class Self, class Submit, class JobType, class F, class Items>
std::function<bool()> feeder(Submit submit, const std::shared_ptr<JobType>& job, F function,
                             Items&& items, std::size_t chunksize, const TaskLimits& limits) {
  using View = std::views::all_t<Items>;
  struct Input {
    View items;
    std::optional<std::ranges::iterator_t<View>> next;
  };
  auto input = std::make_shared<Input>(Input{std::views::all(std::forward<Items>(items)), {}});
  return [=] {
    const auto end = std::ranges::end(input->items);
    typename TheCall::template Chunk<Self> chunk(function);
    std::size_t count = 0;
    std::exception_ptr error;
    try {
      for (; count < chunksize; ++count) {
        input->next ? static_cast<void>(++*input->next)
                    : static_cast<void>(input->next.emplace(std::ranges::begin(input->items)));
        if (*input->next == end) break;
        add_item<Spread::kNo, stays<View>()>(chunk, **input->next);
      }
    } catch (...) {
      error = std::current_exception();
    }
    if (count > 0) {
      const std::size_t first = job->add(count);
      try {
        submit(job, first, chunk, limits, Admission::kFurther);
      } catch (...) {
        job->fail(first, count, std::current_exception());
        return false;
      }
    }
    if (error) std::rethrow_exception(error);
    if (count < chunksize) job->end();
    return count == chunksize;
  };
}

}  // namespace mp::internal
