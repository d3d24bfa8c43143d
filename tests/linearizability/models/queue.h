#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A queue of at most `kMaxsize` items, empty at first.
//
//   put(argument)               refused if full
//   get()                       the head; refused if empty. With `extra` 1 the client may have died
//                               before the manager heard that it has the item, as it may have if
//                               its get() is pending.
//   return(argument)            such an item goes back to its place, which is the head but for
//                               items that were put before it: the one that the client had, or if
//                               the argument is absent the one that it did not get to see. May make
//                               the queue longer than `kMaxsize`.
//   size()
template <std::size_t kMaxsize>
struct Queue {
  struct Item {
    std::int64_t place;  // among all items that were ever put
    std::int64_t value;
    bool operator==(const Item&) const = default;
  };
  struct Taken {
    std::int32_t client;
    bool seen;
    Item item;
    bool operator==(const Taken&) const = default;
  };
  struct State {
    std::vector<Item> items;
    std::vector<Taken> unconfirmed;
    std::int64_t puts = 0;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kPut:
        return put(state, operation);
      case Code::kGet:
        return get(state, operation);
      case Code::kReturn:
        return give_back(state, operation);
      case Code::kSize:
        return operation.gives(static_cast<std::int64_t>(state.items.size())) ? Next(state)
                                                                              : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  static Next put(State state, const Operation& operation) {
    const bool full = state.items.size() >= kMaxsize;
    if (full) return operation.refused() ? Next(state) : std::nullopt;
    if (operation.refused()) return std::nullopt;
    state.items.push_back({state.puts++, operation.argument});
    return state;
  }

  static Next get(State state, const Operation& operation) {
    if (state.items.empty()) return operation.refused() ? Next(state) : std::nullopt;
    const Item head = state.items.front();
    if (!operation.gives(head.value)) return std::nullopt;
    state.items.erase(state.items.begin());
    if (operation.pending() || operation.extra == 1)
      state.unconfirmed.push_back({operation.client, operation.done(), head});
    return state;
  }

  static Next give_back(State state, const Operation& operation) {
    const bool seen = operation.argument != kAbsent;
    const auto taken = std::ranges::find_if(state.unconfirmed, [&](const Taken& one) {
      return one.client == operation.client && one.seen == seen &&
             (!seen || one.item.value == operation.argument);
    });
    if (taken == state.unconfirmed.end()) return std::nullopt;
    const auto place = std::ranges::lower_bound(state.items, taken->item.place, {}, &Item::place);
    state.items.insert(place, taken->item);
    state.unconfirmed.erase(taken);
    return state;
  }
};

}  // namespace mp::linearizability
