#pragma once

#include <cstdint>
#include <optional>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

enum class Reentry : std::uint8_t { kWaits, kCounts };

// A Lock or an RLock, free at first.
//
//   acquire()                   the token, larger than all before, and in `extra` whether the
//                               previous owner died; refused, after its time, if somebody holds it.
//                               The token of a re-entry is that of the first.
//   release()                   refused if the client does not hold it
//   locked()                    0 or 1
//   end()                       of the client: the lock passes on, and the client does nothing more
template <Reentry kReentry>
struct OwnedLock {
  static constexpr std::int32_t kNobody = -1;

  struct State {
    std::int32_t owner = kNobody;
    std::int32_t count = 0;
    std::int64_t token = 0;   // the largest that was seen
    bool owner_died = false;  // the last one that had it
    std::uint64_t ended = 0;  // clients, a bit each
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static bool has_ended(const State& state, std::int32_t client) {
    return (state.ended & bit_of(client)) != 0;
  }

  static Next next(const State& state, const Operation& operation) {
    if (has_ended(state, operation.client)) return std::nullopt;
    const bool mine = state.owner == operation.client;
    switch (operation.code) {
      case Code::kAcquire:
        if (mine && kReentry == Reentry::kCounts) return again(state, operation);
        if (state.owner == kNobody) return granted(state, operation);
        return operation.refused() ? Next(state) : std::nullopt;
      case Code::kRelease:
        if (!mine) return operation.refused() ? Next(state) : std::nullopt;
        return operation.refused() ? std::nullopt : released(state);
      case Code::kLocked:
        return operation.gives(state.owner == kNobody ? 0 : 1) ? Next(state) : std::nullopt;
      case Code::kEnd:
        return ended(state, operation);
      default:
        return std::nullopt;
    }
  }

 private:
  static std::uint64_t bit_of(std::int32_t client) {
    return std::uint64_t{1} << static_cast<unsigned>(client);
  }

  static Next granted(State state, const Operation& operation) {
    if (operation.refused()) return std::nullopt;
    if (operation.done()) {
      if (operation.value <= state.token) return std::nullopt;
      if (operation.extra != (state.owner_died ? 1 : 0)) return std::nullopt;
      state.token = operation.value;
    }
    state.owner = operation.client;
    state.count = 1;
    state.owner_died = false;
    return state;
  }

  static Next again(State state, const Operation& operation) {
    if (!operation.gives(state.token)) return std::nullopt;
    ++state.count;
    return state;
  }

  static Next released(State state) {
    if (--state.count == 0) state.owner = kNobody;
    return state;
  }

  static Next ended(State state, const Operation& operation) {
    state.ended |= bit_of(operation.client);
    if (state.owner != operation.client) return state;
    state.owner = kNobody;
    state.count = 0;
    state.owner_died = true;
    return state;
  }
};

using Lock = OwnedLock<Reentry::kWaits>;
using RLock = OwnedLock<Reentry::kCounts>;

}  // namespace mp::linearizability
