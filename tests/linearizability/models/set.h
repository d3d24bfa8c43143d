#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A set in order of insertion, empty at first.
//
//   add(argument)               1 if it is new, else 0
//   erase(argument)             1 if it was there, else 0
//   contains(argument)          1 or 0
//   pop()                       what was inserted first; refused if empty
//   size()
struct Set {
  using State = std::vector<std::int64_t>;
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    const bool there = std::ranges::find(state, operation.argument) != state.end();
    switch (operation.code) {
      case Code::kAdd:
        if (!operation.gives(there ? 0 : 1)) return std::nullopt;
        return there ? state : with(state, operation.argument);
      case Code::kErase:
        if (!operation.gives(there ? 1 : 0)) return std::nullopt;
        return without(state, operation.argument);
      case Code::kContains:
        return operation.gives(there ? 1 : 0) ? Next(state) : std::nullopt;
      case Code::kPop:
        if (state.empty()) return operation.gives_nothing() ? Next(state) : std::nullopt;
        return operation.gives(state.front()) ? Next(without(state, state.front())) : std::nullopt;
      case Code::kSize:
        return operation.gives(static_cast<std::int64_t>(state.size())) ? Next(state)
                                                                        : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  static State with(State state, std::int64_t item) {
    state.push_back(item);
    return state;
  }
  static State without(State state, std::int64_t item) {
    std::erase(state, item);
    return state;
  }
};

}  // namespace mp::linearizability
