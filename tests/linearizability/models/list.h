#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A list, empty at first.
//
//   append(argument)
//   pop(), pop_first()          the last, the first; refused if empty
//   get(argument)               of this index, from 0; refused if out of range
//   exchange(argument -> desired)   sets the item of an index; refused if out of range
//   size()
struct List {
  using State = std::vector<std::int64_t>;
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    const auto size = static_cast<std::int64_t>(state.size());
    switch (operation.code) {
      case Code::kAppend:
        return with(state, operation.argument);
      case Code::kPop:
        return taken(state, size - 1, operation);
      case Code::kPopFirst:
        return taken(state, 0, operation);
      case Code::kGet:
        if (operation.argument >= size) return unless_done(state, operation);
        return operation.gives(at(state, operation.argument)) ? Next(state) : std::nullopt;
      case Code::kExchange:
        if (operation.argument >= size) return unless_done(state, operation);
        return operation.refused() ? std::nullopt : replaced(state, operation);
      case Code::kSize:
        return operation.gives(size) ? Next(state) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  static std::int64_t at(const State& state, std::int64_t index) {
    return state[static_cast<std::size_t>(index)];
  }
  static Next unless_done(const State& state, const Operation& operation) {
    return operation.gives_nothing() ? Next(state) : std::nullopt;
  }
  static Next with(State state, std::int64_t item) {
    state.push_back(item);
    return state;
  }
  static Next replaced(State state, const Operation& operation) {
    state[static_cast<std::size_t>(operation.argument)] = operation.desired;
    return state;
  }
  static Next taken(State state, std::int64_t index, const Operation& operation) {
    if (state.empty()) return unless_done(state, operation);
    if (!operation.gives(at(state, index))) return std::nullopt;
    state.erase(state.begin() + index);
    return state;
  }
};

}  // namespace mp::linearizability
