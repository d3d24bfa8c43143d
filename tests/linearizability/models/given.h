#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace mp::linearizability {

// Which item of a queue is given next.
enum class Given : std::uint8_t {
  kFirstIn,
  kLastIn,
  kSmallest,  // of equal ones the first in
};

// Of two items, with a `place` among all that were ever put, and a `value`.
template <Given kGiven>
struct GivenBefore {
  template <class Item>
  bool operator()(const Item& a, const Item& b) const {
    if (kGiven == Given::kLastIn) return a.place > b.place;
    if (kGiven == Given::kSmallest && a.value != b.value) return a.value < b.value;
    return a.place < b.place;
  }
};

// To its place among these, which stand in the order in which they are given.
template <Given kGiven, class Item>
void insert_given(std::vector<Item>& items, Item item) {
  const auto place = std::ranges::upper_bound(items, item, GivenBefore<kGiven>());
  items.insert(place, std::move(item));
}

}  // namespace mp::linearizability
