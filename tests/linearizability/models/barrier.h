#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A barrier of so many parties, whole at first, all of whose clients have enlisted. A wait() is no
// one moment: in_two() makes two operations of it, in the time of the one.
//
//   arrive()                    its index, in order of arrival from 0, where the generation becomes
//                               complete; refused if it is broken then, or breaks later
//   depart()                    once the client's generation is complete; refused once it has been
//                               broken out, or if its time (`argument`, in ns) has run out, which
//                               breaks the barrier
//   abort(), reset()
//   end()                       of the client, a known party: breaks the barrier
template <std::size_t kParties>
struct Barrier {
  using Clients = std::vector<std::int32_t>;

  struct State {
    Clients arrived;   // in the generation that is not complete, in their order
    Clients released;  // and not departed, sorted
    Clients failed;    // the same, of those that were broken out
    bool broken = false;
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kArrive:
        return arrive(state, operation);
      case Code::kDepart:
        return operation.done() ? depart(state, operation) : depart_broken(state, operation);
      case Code::kAbort:
      case Code::kEnd:
        return broken_out(state, true);
      case Code::kReset:
        return broken_out(state, false);
      default:
        return std::nullopt;
    }
  }

 private:
  static void add(Clients& clients, std::int32_t client) {
    clients.insert(std::ranges::upper_bound(clients, client), client);
  }

  static Next broken_out(State state, bool broken) {
    for (const std::int32_t client : state.arrived) add(state.failed, client);
    state.arrived.clear();
    state.broken = broken;
    return state;
  }

  static Next arrive(State state, const Operation& operation) {
    if (state.broken) {
      if (!operation.refused()) return std::nullopt;
      add(state.failed, operation.client);
      return state;
    }
    if (!operation.refused() && !operation.gives(static_cast<std::int64_t>(state.arrived.size())))
      return std::nullopt;
    state.arrived.push_back(operation.client);
    if (state.arrived.size() < kParties) return state;
    if (operation.refused()) return std::nullopt;
    for (const std::int32_t client : state.arrived) add(state.released, client);
    state.arrived.clear();
    return state;
  }

  static Next depart(State state, const Operation& operation) {
    const auto self = std::ranges::find(state.released, operation.client);
    if (self == state.released.end()) return std::nullopt;
    state.released.erase(self);
    return state;
  }

  static Next depart_broken(State state, const Operation& operation) {
    const bool waits = std::ranges::find(state.arrived, operation.client) != state.arrived.end();
    const bool late = operation.returned - operation.invoked >= operation.argument;
    if (waits && late) state = *broken_out(std::move(state), true);
    const auto self = std::ranges::find(state.failed, operation.client);
    if (self == state.failed.end()) return std::nullopt;
    state.failed.erase(self);
    return state;
  }
};

// Each wait() becomes an arrive() and a depart(). A pending one may depart only by its time running
// out, which others see.
inline History in_two(const History& history) {
  History result;
  for (Operation operation : history) {
    const bool wait = operation.code == Code::kWait;
    if (wait) operation.code = Code::kArrive;
    result.push_back(operation);
    if (!wait) continue;
    operation.code = Code::kDepart;
    if (operation.pending()) operation.invoked += operation.argument;
    result.push_back(operation);
  }
  return result;
}

}  // namespace mp::linearizability
