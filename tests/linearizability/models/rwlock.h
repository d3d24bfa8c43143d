#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A read-write lock, free at first. `argument` is the side.
//
//   acquire(side)               the token, larger than all before, and in `extra` whether the last
//                               writer died; a re-entry has the token of the first. Refused, after
//                               its time, if somebody else holds it; and to write, if the client
//                               reads
//   release(side)
//   locked(side)                0 or 1
//   end()                       of the client: what it has passes on, and it does nothing more
struct RWLock {
  static constexpr std::int64_t kRead = 0;
  static constexpr std::int64_t kWrite = 1;

  struct Hold {
    std::int64_t token = 0;  // 0: not known
    std::int32_t count = 0;
    bool operator==(const Hold&) const = default;
  };
  struct State {
    std::map<std::int32_t, Hold> readers{};
    std::optional<std::int32_t> writer{};
    Hold writing{};
    std::int64_t token = 0;  // the largest that was seen
    bool writer_died = false;
    std::uint64_t ended = 0;  // clients, a bit each
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static bool has_ended(const State& state, std::int32_t client) {
    return (state.ended & bit_of(client)) != 0;
  }

  static Next next(const State& state, const Operation& operation) {
    if (has_ended(state, operation.client)) return std::nullopt;
    switch (operation.code) {
      case Code::kAcquire:
        return acquire(state, operation);
      case Code::kRelease:
        return release(state, operation);
      case Code::kLocked: {
        const bool locked =
            operation.argument == kWrite ? state.writer.has_value() : !state.readers.empty();
        return operation.gives(locked ? 1 : 0) ? Next(state) : std::nullopt;
      }
      case Code::kEnd:
        return end(state, operation.client);
      default:
        return std::nullopt;
    }
  }

 private:
  static std::uint64_t bit_of(std::int32_t client) {
    return std::uint64_t{1} << static_cast<unsigned>(client);
  }
  static Hold* hold_of(State& state, const Operation& operation) {
    if (operation.argument == kWrite)
      return state.writer == operation.client ? &state.writing : nullptr;
    const auto reader = state.readers.find(operation.client);
    return reader == state.readers.end() ? nullptr : &reader->second;
  }

  static Next acquire(State state, const Operation& operation) {
    const std::int32_t client = operation.client;
    const bool writes = operation.argument == kWrite;
    if (Hold* held = hold_of(state, operation)) {
      const bool same = operation.pending() || held->token == 0 || operation.value == held->token;
      if (operation.refused() || !same) return std::nullopt;
      ++held->count;
      return state;
    }
    const bool by_others =
        (state.writer && state.writer != client) ||
        std::ranges::any_of(state.readers, [&](const auto& r) { return r.first != client; });
    const bool upgrade = writes && state.readers.contains(client);
    if (operation.refused()) return by_others || upgrade ? Next(state) : std::nullopt;
    const bool free = !(state.writer && state.writer != client) && (!writes || !by_others);
    if (!free || upgrade) return std::nullopt;
    return grant(state, operation, writes);
  }

  static Next grant(State state, const Operation& operation, bool writes) {
    Hold held{.token = 0, .count = 1};
    if (operation.done()) {
      if (operation.value <= state.token) return std::nullopt;
      if (operation.extra != (state.writer_died ? 1 : 0)) return std::nullopt;
      state.token = held.token = operation.value;
    }
    if (writes) {
      state.writer = operation.client;
      state.writing = held;
      state.writer_died = false;
    } else {
      state.readers[operation.client] = held;
    }
    return state;
  }

  static Next release(State state, const Operation& operation) {
    Hold* held = hold_of(state, operation);
    if (held == nullptr) return operation.gives_nothing() ? Next(state) : std::nullopt;
    if (operation.refused()) return std::nullopt;
    if (--held->count != 0) return state;
    if (operation.argument == kWrite) {
      state.writer.reset();
      state.writing = {};
    } else {
      state.readers.erase(operation.client);
    }
    return state;
  }

  static Next end(State state, std::int32_t client) {
    state.ended |= bit_of(client);
    state.readers.erase(client);
    if (state.writer != client) return state;
    state.writer.reset();
    state.writing = {};
    state.writer_died = true;
    return state;
  }
};

}  // namespace mp::linearizability
