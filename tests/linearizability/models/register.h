#pragma once

#include <cstdint>
#include <optional>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// One number that may be absent, `kFirst` at first: what stands at a key of a dict, an attribute of
// a namespace, a shared value, an element of an array.
//
//   get()                       its value; refused if absent
//   set(argument)
//   add, fetch_add(argument)    from 0 if absent; the sum, what was there before
//   exchange(argument)          what was there before
//   compare_exchange(argument -> desired)   what was there; done if that was the argument, which
//                               may be absent, as may what is desired
//   setdefault(argument)        what is there now
//   pop(), erase()              its value, nothing; refused if absent
//   contains()                  0 or 1
template <std::int64_t kFirst>
struct Register {
  struct State {
    std::int64_t value = kFirst;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    const bool absent = state.value == kAbsent;
    switch (operation.code) {
      case Code::kGet:
        return fits(absent ? operation.gives_nothing() : operation.gives(state.value), state.value);
      case Code::kPop:
        return fits(absent ? operation.gives_nothing() : operation.gives(state.value), kAbsent);
      case Code::kErase:
        return fits(absent ? !operation.done() : !operation.refused(), kAbsent);
      case Code::kContains:
        return fits(operation.gives(absent ? 0 : 1), state.value);
      case Code::kSetDefault:
        return absent ? fits(operation.gives(operation.argument), operation.argument)
                      : fits(operation.gives(state.value), state.value);
      case Code::kCompareExchange:
        return compare_exchange(state, operation);
      default:
        return written(state, operation);
    }
  }

 private:
  static Next fits(bool fits, std::int64_t value) {
    return fits ? Next(State{value}) : std::nullopt;
  }

  static Next written(const State& state, const Operation& operation) {
    const std::int64_t number = state.value == kAbsent ? 0 : state.value;
    switch (operation.code) {
      case Code::kSet:
        return State{operation.argument};
      case Code::kAdd:
        return fits(operation.gives(number + operation.argument), number + operation.argument);
      case Code::kFetchAdd:
        return fits(operation.gives(number), number + operation.argument);
      case Code::kExchange:
        return fits(operation.gives(state.value), operation.argument);
      default:
        return std::nullopt;
    }
  }

  static Next compare_exchange(const State& state, const Operation& operation) {
    const bool equal = state.value == operation.argument;
    if (!operation.pending() && operation.value != state.value) return std::nullopt;
    if (equal) return fits(!operation.refused(), operation.desired);
    return fits(!operation.done(), state.value);
  }
};

using Key = Register<kAbsent>;
using Number = Register<0>;

}  // namespace mp::linearizability
