#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tests/linearizability/models/lock.h"
#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// What batches change together: a bench, which is a lock and free; tools that lie on it, which are
// a set and empty; an array of how often each tool was used; a namespace, whose `steps` are 0.
//
//   take(argument)              a batch: the bench is acquired, the tool laid on it and used, and a
//                               step counted. The token, in `extra` whether the previous owner
//                               died, in `got` whether the tool is new there, its uses, the steps;
//                               refused if somebody has the bench
//   move(argument)              a batch of who has the bench: it is released, the tool taken off,
//                               and a step counted; where `given` has numbers, if the uses of the
//                               tool are the first, the steps the second, and, if the third is 1,
//                               the tool lies there. In `got` whether the tool lay there, the
//                               steps; refused if a condition does not hold
//   spoil(argument)             a batch that changes all of it, acquires the bench or releases it,
//                               and fails: refused, and nothing has changed
//   read()                      a batch: in `value` the tools, a bit each, in `extra` whether
//                               somebody has the bench, in `got` the uses and the steps
//   acquire, release, end       of the bench, see OwnedLock
//   add(argument -> desired)    so many uses of a tool; their number
//   erase(argument)             a tool is taken off; 1 if it lay there, else 0
//   get()                       the steps
struct Workshop {
  static constexpr std::size_t kTools = 3;

  struct State {
    Lock::State bench;
    std::uint64_t tools = 0;  // a bit each
    std::array<std::int64_t, kTools> uses{};
    std::int64_t steps = 0;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    if (Lock::has_ended(state.bench, operation.client)) return std::nullopt;
    switch (operation.code) {
      case Code::kTake:
        return take(state, operation);
      case Code::kMove:
        return move(state, operation);
      case Code::kSpoil:
        return operation.gives_nothing() ? Next(state) : std::nullopt;
      case Code::kRead:
        return read(state, operation);
      case Code::kAdd:
        return used(state, operation);
      case Code::kErase:
        return erased(state, operation);
      case Code::kGet:
        return operation.gives(state.steps) ? Next(state) : std::nullopt;
      default:
        return with_bench(state, operation, operation.code);
    }
  }

 private:
  static std::uint64_t bit_of(const Operation& operation) {
    return std::uint64_t{1} << static_cast<unsigned>(operation.argument);
  }
  static std::int64_t& uses(State& state, const Operation& operation) {
    return state.uses[static_cast<std::size_t>(operation.argument)];
  }
  static bool lies_there(const State& state, const Operation& operation) {
    return (state.tools & bit_of(operation)) != 0;
  }

  static Next with_bench(const State& state, Operation operation, Code code) {
    operation.code = code;
    auto bench = Lock::next(state.bench, operation);
    if (!bench) return std::nullopt;
    State next = state;
    next.bench = *bench;
    return next;
  }

  static Next take(const State& state, const Operation& operation) {
    Next taken = with_bench(state, operation, Code::kAcquire);
    if (!taken || operation.refused()) return taken;
    const std::int64_t is_new = lies_there(state, operation) ? 0 : 1;
    taken->tools |= bit_of(operation);
    const std::int64_t now_used = ++uses(*taken, operation);
    const auto results = Numbers::of({is_new, now_used, ++taken->steps});
    return operation.pending() || operation.got == results ? taken : std::nullopt;
  }

  static bool holds(State state, const Operation& operation) {
    if (operation.given.empty()) return true;
    const auto [used, steps, there, none] = operation.given.items;
    return used == uses(state, operation) && steps == state.steps &&
           (there != 1 || lies_there(state, operation));
  }

  static Next move(const State& state, const Operation& operation) {
    if (!holds(state, operation)) return operation.gives_nothing() ? Next(state) : std::nullopt;
    if (operation.refused()) return std::nullopt;
    Next left = with_bench(state, operation, Code::kRelease);
    if (!left) return std::nullopt;
    const std::int64_t was_there = lies_there(state, operation) ? 1 : 0;
    left->tools &= ~bit_of(operation);
    return operation.gives(Numbers::of({was_there, ++left->steps})) ? left : std::nullopt;
  }

  static Next read(const State& state, const Operation& operation) {
    if (operation.pending()) return state;
    const auto [first, second, third] = state.uses;
    const bool seen = operation.gives(Numbers::of({first, second, third, state.steps})) &&
                      operation.value == static_cast<std::int64_t>(state.tools) &&
                      operation.extra == (state.bench.owner == Lock::kNobody ? 0 : 1);
    return seen ? Next(state) : std::nullopt;
  }

  static Next used(State state, const Operation& operation) {
    const std::int64_t now_used = uses(state, operation) += operation.desired;
    return operation.gives(now_used) ? Next(state) : std::nullopt;
  }

  static Next erased(State state, const Operation& operation) {
    const bool was_there = lies_there(state, operation);
    state.tools &= ~bit_of(operation);
    return operation.gives(was_there ? 1 : 0) ? Next(state) : std::nullopt;
  }
};

}  // namespace mp::linearizability
