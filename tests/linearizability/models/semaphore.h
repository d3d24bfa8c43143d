#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A semaphore with so many permits, all of them free at first.
//
//   acquire()                   the token, larger than all before, and in `extra` whether the
//                               permit's previous owner died, which nobody's can have before an
//                               end; refused, after its time, if there is no permit
//   release()                   of a permit that the client has
//   get()                       how many are left
//   end()                       of the client: its permits come back, and it does nothing more
template <std::int64_t kPermits>
struct Semaphore {
  struct State {
    std::vector<std::int32_t> owners;  // of the permits that are taken, sorted
    std::int64_t token = 0;            // the largest that was seen
    std::uint64_t ended = 0;           // clients, a bit each
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    if ((state.ended & bit_of(operation)) != 0) return std::nullopt;
    switch (operation.code) {
      case Code::kAcquire:
        if (left(state) > 0) return granted(state, operation);
        return operation.refused() ? Next(state) : std::nullopt;
      case Code::kRelease:
        return operation.refused() ? std::nullopt : released(state, operation);
      case Code::kGet:
        return operation.gives(left(state)) ? Next(state) : std::nullopt;
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
  static std::int64_t left(const State& state) {
    return kPermits - static_cast<std::int64_t>(state.owners.size());
  }

  static Next granted(State state, const Operation& operation) {
    if (operation.refused()) return std::nullopt;
    if (operation.done()) {
      if (operation.value <= state.token) return std::nullopt;
      if (operation.extra == 1 && state.ended == 0) return std::nullopt;
      state.token = operation.value;
    }
    state.owners.insert(std::ranges::upper_bound(state.owners, operation.client), operation.client);
    return state;
  }

  static Next released(State state, const Operation& operation) {
    const auto permit = std::ranges::find(state.owners, operation.client);
    if (permit == state.owners.end()) return std::nullopt;
    state.owners.erase(permit);
    return state;
  }

  static Next ended(State state, const Operation& operation) {
    state.ended |= bit_of(operation);
    std::erase(state.owners, operation.client);
    return state;
  }
};

}  // namespace mp::linearizability
