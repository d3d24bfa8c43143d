#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A latch, with this count at first.
//
//   release(n)                  a count_down(n): gives what is left
//   get()                       the count
//   set(n)                      a try_set_count(n): refused unless the count is 0 or it is broken
//   enlist()                    a promise of one; refused if it is broken, or all is promised
//   wait()                      has its moment where the count is 0 (1), at its end where it is not
//                               (0), or where the latch is broken (2)
//   end()                       of the client: breaks the latch if it owes, and the client does
//                               nothing more
template <std::int64_t kCount>
struct CountDownLatch {
  static constexpr std::int64_t kNotReached = 0;
  static constexpr std::int64_t kReached = 1;
  static constexpr std::int64_t kBroken = 2;

  struct State {
    std::int64_t count = kCount;
    bool broken = false;
    std::map<std::int32_t, std::int64_t> owed{};
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kRelease:
        return count_down(state, operation);
      case Code::kGet:
        return operation.gives(state.count) ? Next(state) : std::nullopt;
      case Code::kSet:
        if (state.count != 0 && !state.broken)
          return operation.gives_nothing() ? Next(state) : std::nullopt;
        return operation.refused() ? std::nullopt : Next(State{.count = operation.argument});
      case Code::kEnlist:
        return enlist(state, operation);
      case Code::kWait:
        return operation.gives(meets(state)) ? Next(state) : std::nullopt;
      case Code::kEnd:
        return end(state, operation.client);
      default:
        return std::nullopt;
    }
  }

 private:
  static std::int64_t meets(const State& state) {
    if (state.count == 0) return kReached;
    return state.broken ? kBroken : kNotReached;
  }

  static Next count_down(State state, const Operation& operation) {
    const std::int64_t counted = std::min(operation.argument, state.count);
    state.count -= counted;
    if (!operation.gives(state.count)) return std::nullopt;
    if (state.count == 0) return State{.count = 0};
    const auto promise = state.owed.find(operation.client);
    if (promise != state.owed.end() && (promise->second -= counted) <= 0) state.owed.erase(promise);
    return state;
  }

  static Next enlist(State state, const Operation& operation) {
    std::int64_t promised = 0;
    for (const auto& [client, owed] : state.owed) promised += owed;
    const bool fits = !state.broken && promised < state.count;
    if (!fits) return operation.gives_nothing() ? Next(state) : std::nullopt;
    if (operation.refused()) return std::nullopt;
    ++state.owed[operation.client];
    return state;
  }

  static Next end(State state, std::int32_t client) {
    if (state.owed.erase(client) != 0) state.broken = true;
    return state;
  }
};

}  // namespace mp::linearizability
