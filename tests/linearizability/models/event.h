#pragma once

#include <optional>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// An event, not set at first.
//
//   set(), clear()
//   get()                       0 or 1
//   wait()                      has its moment right after the set() that lets it go on, and so
//                               done where it is set; refused, after its time, where it is not
struct Event {
  struct State {
    bool set = false;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kSet:
        return State{true};
      case Code::kClear:
        return State{false};
      case Code::kGet:
        return operation.gives(state.set ? 1 : 0) ? Next(state) : std::nullopt;
      case Code::kWait:
        if (operation.pending()) return state;
        return operation.done() == state.set ? Next(state) : std::nullopt;
      default:
        return std::nullopt;
    }
  }
};

}  // namespace mp::linearizability
