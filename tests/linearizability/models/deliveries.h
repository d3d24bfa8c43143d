#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tests/linearizability/models/given.h"
#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A queue of at most `kMaxsize` items that delivers until confirmed, empty at first. What a client
// has does not count.
//
//   put(argument)               refused if full
//   get()                       the head, and in `extra` how often it was delivered; refused if
//                               empty
//   confirm(given)              items that the client has, which are gone for good
//   size(), unconfirmed()       items in the queue, items that somebody has
//   end()                       of the client: what it has goes back to its place, and it does
//                               nothing more. May make the queue longer than `kMaxsize`.
template <std::size_t kMaxsize, Given kGiven = Given::kFirstIn>
struct Deliveries {
  struct Item {
    std::int64_t place;  // among all items that were ever put
    std::int64_t value;
    std::int64_t deliveries;
    bool operator==(const Item&) const = default;
  };
  struct Delivered {
    std::int32_t client;
    Item item;
    bool operator==(const Delivered&) const = default;
  };
  struct State {
    std::vector<Item> items;             // in the order in which they are given
    std::vector<Delivered> unconfirmed;  // in the order of their places
    std::uint64_t ended = 0;             // clients, a bit each
    std::int64_t puts = 0;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    if ((state.ended & bit_of(operation)) != 0) return std::nullopt;
    switch (operation.code) {
      case Code::kPut:
        return put(state, operation);
      case Code::kGet:
        return get(state, operation);
      case Code::kConfirm:
        return operation.refused() ? std::nullopt : confirmed(state, operation);
      case Code::kSize:
        return counted(state, operation, state.items.size());
      case Code::kUnconfirmed:
        return counted(state, operation, state.unconfirmed.size());
      case Code::kEnd:
        return ended(state, operation);
      default:
        return std::nullopt;
    }
  }

 private:
  static std::uint64_t bit_of(const Operation& operation) {
    return std::uint64_t{1} << static_cast<unsigned>(operation.client);
  }
  static std::int64_t place_of(const Delivered& delivered) { return delivered.item.place; }

  static Next counted(const State& state, const Operation& operation, std::size_t count) {
    return operation.gives(static_cast<std::int64_t>(count)) ? Next(state) : std::nullopt;
  }

  static Next put(State state, const Operation& operation) {
    const bool full = state.items.size() >= kMaxsize;
    if (full) return operation.refused() ? Next(std::move(state)) : std::nullopt;
    if (operation.refused()) return std::nullopt;
    insert_given<kGiven>(state.items, Item{state.puts++, operation.argument, 0});
    return state;
  }

  static Next get(State state, const Operation& operation) {
    if (state.items.empty()) return operation.refused() ? Next(std::move(state)) : std::nullopt;
    Item head = state.items.front();
    ++head.deliveries;
    if (!operation.gives(head.value)) return std::nullopt;
    if (operation.done() && operation.extra != head.deliveries) return std::nullopt;
    state.items.erase(state.items.begin());
    const auto place =
        std::ranges::lower_bound(state.unconfirmed, head.place, {}, &Deliveries::place_of);
    state.unconfirmed.insert(place, {operation.client, head});
    return state;
  }

  static Next confirmed(State state, const Operation& operation) {
    for (const std::int64_t value : operation.given) {
      const auto delivered = std::ranges::find_if(state.unconfirmed, [&](const Delivered& one) {
        return one.client == operation.client && one.item.value == value;
      });
      if (delivered == state.unconfirmed.end()) return std::nullopt;
      state.unconfirmed.erase(delivered);
    }
    return state;
  }

  static Next ended(State state, const Operation& operation) {
    state.ended |= bit_of(operation);
    std::erase_if(state.unconfirmed, [&](const Delivered& delivered) {
      if (delivered.client != operation.client) return false;
      insert_given<kGiven>(state.items, delivered.item);
      return true;
    });
    return state;
  }
};

}  // namespace mp::linearizability
