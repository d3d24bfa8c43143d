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

inline constexpr std::int64_t kInLine = 1;

// A queue of at most `kMaxsize` items, empty at first.
//
//   put(argument), put_many(given)   refused if there is no room for them
//   get(), get_many(argument)   the head, as many as are there but at most the argument, and the
//                               first of them as value; refused if empty. If it may come back, the
//                               client may have died before the manager heard that it arrived.
//   return(argument)            what such an operation took goes back to where it would stand if it
//                               had stayed: what begins with the argument, or if that is absent
//                               what the client did not get to see. May make the queue longer than
//                               `kMaxsize`.
//   line_up(), end()            of a put that is `desired` to stand in line before: see in_line().
//                               Puts are done in the order of the line; and refused if its first
//                               has no room, which keeps all others waiting.
//   size()
template <std::size_t kMaxsize, Given kGiven = Given::kFirstIn>
struct Queue {
  struct Item {
    std::int64_t place;  // among all items that were ever put
    std::int64_t value;
    bool operator==(const Item&) const = default;
  };
  struct Taken {
    std::int32_t client;
    bool seen;
    std::vector<Item> items;
    bool operator==(const Taken&) const = default;
  };
  struct Putter {
    std::int32_t client;
    std::size_t items;
    bool operator==(const Putter&) const = default;
  };
  struct State {
    std::vector<Item> items;  // in the order in which they are given
    std::vector<Taken> unconfirmed;
    std::vector<Putter> line;
    std::uint64_t ended = 0;  // clients, a bit each
    std::int64_t puts = 0;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kPut:
      case Code::kPutMany:
        return put(state, operation);
      case Code::kGet:
      case Code::kGetMany:
        return get(state, operation);
      case Code::kReturn:
        return give_back(state, operation);
      case Code::kLineUp:
        return lined_up(state, operation);
      case Code::kEnd:
        return ended(state, operation);
      case Code::kSize:
        return operation.gives(static_cast<std::int64_t>(state.items.size())) ? Next(state)
                                                                              : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  static std::uint64_t bit_of(const Operation& operation) {
    return std::uint64_t{1} << static_cast<unsigned>(operation.client);
  }
  static Numbers put_by(const Operation& operation) {
    return operation.code == Code::kPutMany ? operation.given : Numbers::of({operation.argument});
  }
  static bool has_room(const State& state, std::size_t items) {
    return state.items.size() + items <= kMaxsize;
  }
  static std::size_t leave_line(State& state, std::int32_t client) {
    return std::erase_if(state.line, [&](const Putter& putter) { return putter.client == client; });
  }

  static Next lined_up(State state, const Operation& operation) {
    if ((state.ended & bit_of(operation)) != 0) return std::nullopt;
    state.line.push_back({operation.client, operation.given.size});
    return state;
  }

  static Next ended(State state, const Operation& operation) {
    state.ended |= bit_of(operation);
    leave_line(state, operation.client);
    return state;
  }

  static Next put(State state, const Operation& operation) {
    if ((state.ended & bit_of(operation)) != 0) return std::nullopt;
    const Numbers items = put_by(operation);
    const Putter first =
        state.line.empty() ? Putter{operation.client, items.size} : state.line.front();
    const bool room = has_room(state, first.items);
    if (leave_line(state, operation.client) == 0 && operation.desired == kInLine)
      return std::nullopt;
    if (operation.refused()) return room ? std::nullopt : Next(std::move(state));
    if (!room || first.client != operation.client) return std::nullopt;
    for (const std::int64_t item : items)
      insert_given<kGiven>(state.items, Item{state.puts++, item});
    return state;
  }

  static Next get(State state, const Operation& operation) {
    if (state.items.empty()) return operation.refused() ? Next(state) : std::nullopt;
    const bool many = operation.code == Code::kGetMany;
    const auto most = many ? static_cast<std::size_t>(operation.argument) : 1;
    const auto last =
        state.items.begin() + static_cast<std::ptrdiff_t>(std::min(most, state.items.size()));
    std::vector<Item> taken(state.items.begin(), last);
    if (!operation.gives(taken.front().value)) return std::nullopt;
    if (many && !operation.pending() &&
        !std::ranges::equal(operation.got, taken, {}, {}, &Item::value))
      return std::nullopt;
    state.items.erase(state.items.begin(), last);
    if (operation.may_come_back())
      state.unconfirmed.push_back({operation.client, operation.done(), std::move(taken)});
    return state;
  }

  static Next give_back(State state, const Operation& operation) {
    const bool seen = operation.argument != kAbsent;
    const auto taken = std::ranges::find_if(state.unconfirmed, [&](const Taken& one) {
      return one.client == operation.client && one.seen == seen &&
             (!seen || one.items.front().value == operation.argument);
    });
    if (taken == state.unconfirmed.end()) return std::nullopt;
    for (const Item& item : taken->items) insert_given<kGiven>(state.items, item);
    state.unconfirmed.erase(taken);
    return state;
  }
};

// Each put becomes a line_up() and the put, so that the order of the line is known.
inline History in_line(const History& history) {
  History result;
  for (Operation operation : history) {
    const bool puts = operation.code == Code::kPut || operation.code == Code::kPutMany;
    if (puts) operation.desired = kInLine;
    result.push_back(operation);
    if (!puts) continue;
    if (operation.code == Code::kPut) operation.given = Numbers::of({operation.argument});
    operation.code = Code::kLineUp;
    result.push_back(operation);
  }
  return result;
}

}  // namespace mp::linearizability
