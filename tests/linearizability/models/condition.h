#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tests/linearizability/models/lock.h"
#include "tests/linearizability/operation.h"

namespace mp::linearizability {

// A lock, and the conditions over it. A wait() is no one moment: in_three() makes operations of it,
// in the time of the one.
//
//   acquire(), release(), locked()   as of the lock
//   sleep()                     of its owner, at the condition `desired`: lets the lock go
//   late()                      the time of who sleeps is over, not before `argument`: no notify()
//                               finds it any more
//   wake()                      of who was notified, and refused of who was late: has the lock
//                               again, as often as before, with a new token and in `extra` whether
//                               the previous owner died
//   notify(argument)            wakes so many, those that sleep the longest; how many it woke
//   end()                       of the client: the lock passes on, and the wake-up of who did not
//                               have the lock yet; the client does nothing more
//   return()                    after that: the wake-up passes on of whose wake() the manager may
//                               not have heard that it arrived
template <Reentry kReentry>
struct Condition {
  using Mutex = OwnedLock<kReentry>;

  struct Waiter {
    std::int32_t client;
    std::int64_t condition;
    std::int32_t count;  // how often it held the lock
    bool operator==(const Waiter&) const = default;
  };
  using Waiters = std::vector<Waiter>;
  struct State {
    typename Mutex::State lock;
    Waiters asleep;   // in order of arrival
    Waiters woken;    // and without the lock yet
    Waiters late;     // the same, of those whose time was over
    Waiters unheard;  // who was woken, has the lock, and may not have heard so
    bool operator==(const State&) const = default;
  };
  using Next = std::optional<State>;

  static Next next(const State& state, const Operation& operation) {
    switch (operation.code) {
      case Code::kSleep:
        return holds(state, operation) ? asleep(state, operation) : std::nullopt;
      case Code::kLate:
        return late(state, operation);
      case Code::kWake:
        return awake(state, operation);
      case Code::kNotify:
        return holds(state, operation) ? notified(state, operation) : std::nullopt;
      case Code::kEnd:
        return ended(state, operation);
      case Code::kReturn:
        return given_back(state, operation);
      default:
        return with_lock(state, operation);
    }
  }

 private:
  static bool holds(const State& state, const Operation& operation) {
    return state.lock.owner == operation.client;
  }
  static auto find(Waiters& waiters, std::int32_t client) {
    return std::ranges::find(waiters, client, &Waiter::client);
  }
  static Waiter take(Waiters& waiters, typename Waiters::iterator at) {
    const Waiter waiter = *at;
    waiters.erase(at);
    return waiter;
  }
  // Where the order is of no meaning.
  static void add(Waiters& waiters, const Waiter& waiter) {
    waiters.insert(std::ranges::upper_bound(waiters, waiter.client, {}, &Waiter::client), waiter);
  }

  static Next with_lock(State state, const Operation& operation) {
    auto lock = Mutex::next(state.lock, operation);
    if (!lock) return std::nullopt;
    state.lock = *lock;
    return state;
  }

  static Next asleep(State state, const Operation& operation) {
    state.asleep.push_back({operation.client, operation.desired, state.lock.count});
    state.lock.owner = Mutex::kNobody;
    state.lock.count = 0;
    return state;
  }

  static Next late(State state, const Operation& operation) {
    const auto self = find(state.asleep, operation.client);
    if (self == state.asleep.end()) return std::nullopt;
    if (!operation.pending() && operation.returned < operation.argument) return std::nullopt;
    add(state.late, take(state.asleep, self));
    return state;
  }

  static Next awake(State state, const Operation& operation) {
    const bool is_late = find(state.late, operation.client) != state.late.end();
    if (!operation.pending() && is_late != operation.refused()) return std::nullopt;
    Waiters& line = is_late ? state.late : state.woken;
    const auto self = find(line, operation.client);
    if (self == line.end()) return std::nullopt;
    const Waiter waiter = take(line, self);
    if (!is_late && operation.may_come_back()) add(state.unheard, waiter);
    Operation acquire = operation;
    acquire.code = Code::kAcquire;
    if (operation.refused()) acquire.outcome = Outcome::kDone;
    Next after = with_lock(std::move(state), acquire);
    if (after) after->lock.count = waiter.count;
    return after;
  }

  // Whether there was one.
  static bool wake_first(State& state, std::int64_t condition) {
    const auto first = std::ranges::find(state.asleep, condition, &Waiter::condition);
    if (first == state.asleep.end()) return false;
    add(state.woken, take(state.asleep, first));
    return true;
  }

  static Next notified(State state, const Operation& operation) {
    std::int64_t count = 0;
    while (count < operation.argument && wake_first(state, operation.desired)) ++count;
    return operation.gives(count) ? Next(std::move(state)) : std::nullopt;
  }

  static Next ended(State state, const Operation& operation) {
    for (Waiters* waiters : {&state.asleep, &state.late}) {
      const auto self = find(*waiters, operation.client);
      if (self != waiters->end()) waiters->erase(self);
    }
    const auto self = find(state.woken, operation.client);
    if (self != state.woken.end()) wake_first(state, take(state.woken, self).condition);
    return with_lock(std::move(state), operation);
  }

  static Next given_back(State state, const Operation& operation) {
    const auto self = find(state.unheard, operation.client);
    if (self == state.unheard.end() || !Mutex::has_ended(state.lock, operation.client))
      return std::nullopt;
    wake_first(state, take(state.unheard, self).condition);
    return state;
  }
};

// Each wait(), which has its time in ns as `argument`, becomes a sleep() and a wake(), with a
// late() in between if it was refused or is pending.
inline History in_three(const History& history) {
  History result;
  for (Operation operation : history) {
    result.push_back(operation);
    if (operation.code != Code::kWait) continue;
    result.back().code = Code::kSleep;
    if (!operation.done()) {
      Operation late = operation;
      late.code = Code::kLate;
      late.argument = operation.invoked + operation.argument;
      late.invoked = std::min(late.argument, late.returned);
      result.push_back(late);
    }
    operation.code = Code::kWake;
    result.push_back(operation);
  }
  return result;
}

}  // namespace mp::linearizability
