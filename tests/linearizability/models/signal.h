#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

enum class Made : std::uint8_t { kAsSignal, kAsPermits };

// A semaphore with so many permits at first, which is a signal, or becomes one when a client
// releases that has none: from then on permits are nobody's.
//
//   acquire()                   the token, larger than all before, and 0 of a signal; in `extra`
//                               whether the permit's previous owner died, which nobody's can have
//                               before an end; refused, after its time, if there is no permit
//   release(argument)           so many permits
//   get()                       how many are left
//   end()                       of the client: the permits that are its own come back, and it does
//                               nothing more
//   return()                    after that, of a signal: the permit that it may not have heard of
template <std::int64_t kPermits, Made kMade>
struct Signal {
  struct State {
    std::int64_t left = kPermits;
    bool signal = kMade == Made::kAsSignal;
    std::vector<std::int32_t> owners;   // of permits, while it is no signal; sorted
    std::vector<std::int32_t> unheard;  // clients that may not have heard of a permit
    std::int64_t token = 0;             // the largest that was seen
    std::uint64_t ended = 0;            // clients, a bit each
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    const bool over = (state.ended & bit_of(operation)) != 0;
    if (over != (operation.code == Code::kReturn)) return std::nullopt;
    switch (operation.code) {
      case Code::kAcquire:
        if (state.left > 0) return granted(state, operation);
        return operation.refused() ? Next(state) : std::nullopt;
      case Code::kRelease:
        return operation.refused() ? std::nullopt : released(state, operation);
      case Code::kGet:
        return operation.gives(state.left) ? Next(state) : std::nullopt;
      case Code::kEnd:
        return ended(state, operation);
      case Code::kReturn:
        return given_back(state, operation);
      default:
        return std::nullopt;
    }
  }

 private:
  static std::uint64_t bit_of(const Operation& operation) {
    return std::uint64_t{1} << static_cast<unsigned>(operation.client);
  }

  static Next granted(State state, const Operation& operation) {
    if (operation.refused()) return std::nullopt;
    if (operation.done()) {
      if (state.signal ? operation.value != 0 : operation.value <= state.token) return std::nullopt;
      if (operation.extra == 1 && state.ended == 0) return std::nullopt;
      state.token = std::max(state.token, operation.value);
    }
    --state.left;
    if (operation.may_come_back()) state.unheard.push_back(operation.client);
    if (!state.signal)
      state.owners.insert(std::ranges::upper_bound(state.owners, operation.client),
                          operation.client);
    return state;
  }

  static Next released(State state, const Operation& operation) {
    const auto own = std::ranges::find(state.owners, operation.client);
    if (own == state.owners.end()) {
      state.signal = true;
      state.owners.clear();
    }
    for (std::int64_t i = 0; i < operation.argument; ++i) {
      const auto permit = std::ranges::find(state.owners, operation.client);
      if (permit != state.owners.end()) state.owners.erase(permit);
    }
    state.left += operation.argument;
    return state;
  }

  static Next ended(State state, const Operation& operation) {
    state.ended |= bit_of(operation);
    state.left += static_cast<std::int64_t>(std::erase(state.owners, operation.client));
    if (!state.signal) std::erase(state.unheard, operation.client);
    return state;
  }

  static Next given_back(State state, const Operation& operation) {
    const auto permit = std::ranges::find(state.unheard, operation.client);
    if (permit == state.unheard.end()) return std::nullopt;
    state.unheard.erase(permit);
    ++state.left;
    return state;
  }
};

}  // namespace mp::linearizability
