#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/mp.h"
#include "tests/linearizability/logbook.h"

namespace mp::linearizability {

// What a call gave, for the history.
struct Result {
  Outcome outcome = Outcome::kDone;
  std::int64_t value = kAbsent;
  std::int64_t extra = kAbsent;
  Numbers got{};
};
inline constexpr Result kRefusal = {.outcome = Outcome::kRefused};

template <class T>
Result result_of(const std::optional<T>& value) {
  return value ? Result{.value = *value} : kRefusal;
}
// The outcome of an exchange is whether it exchanged; the value, what was there.
template <class V>
Result result_of(const Exchange<V>& exchange) {
  return {.outcome = exchange.exchanged ? Outcome::kDone : Outcome::kRefused,
          .value = exchange.actual ? static_cast<std::int64_t>(*exchange.actual) : kAbsent};
}
template <std::integral T>
Result result_of(T value) {
  return {.value = static_cast<std::int64_t>(value)};
}
// Of several items: nothing is a refusal, the value is the first.
template <class T>
Result result_of(const std::vector<T>& items) {
  if (items.empty()) return kRefusal;
  return {.value = items.front(), .got = Numbers::of(items)};
}
inline Result result_of(const Result& result) { return result; }

// This error is an outcome that a correct program expects.
template <class Expected, class Call>
Result unless(Call&& call) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      call();
      return {};
    } else {
      return result_of(call());
    }
  } catch (const Expected&) {
    return kRefusal;
  }
}

// The session is over: what it did last may have happened or not. The client stops.
struct SessionLost {};
// The session was over before, and nobody has noticed: what was done since has been done in another
// one. Can only be where a session's life is a matter of time.
struct SessionLostUnseen {};

// One client's part in a history: it calls, and writes down what it calls.
class Client {
 public:
  Client(const Manager& manager, Logbook& logbook, int number, unsigned seed)
      : manager_(manager), logbook_(logbook), number_(number), random_(seed) {}

  const Manager& manager() const { return manager_; }
  int number() const { return number_; }

  // One of [0, bound), by chance.
  int any(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
  // Another number each time, and another one than any other client's.
  std::int64_t unique() { return 1000 * (number_ + 1) + ++numbers_; }

  // Writes the invocation down, calls, and writes down the result.
  template <class Call>
  Result run(Operation invocation, Call&& call) {
    invocation.client = number_;
    Operation& operation = logbook_.invoke(invocation);
    const Result result = outcome_of(std::forward<Call>(call));
    Operation answered = operation;
    answered.outcome = result.outcome;
    answered.value = result.value;
    answered.extra = result.extra;
    answered.got = result.got;
    logbook_.returned(operation, answered);
    return result;
  }
  template <class Call>
  Result run(int object, Code code, std::int64_t argument, std::int64_t desired, Call&& call) {
    return run({.object = object, .code = code, .argument = argument, .desired = desired},
               std::forward<Call>(call));
  }
  template <class Call>
  Result run(int object, Code code, std::int64_t argument, Call&& call) {
    return run(object, code, argument, kAbsent, std::forward<Call>(call));
  }
  template <class Call>
  Result run(int object, Code code, Call&& call) {
    return run(object, code, kAbsent, kAbsent, std::forward<Call>(call));
  }

 private:
  template <class Call>
  static Result outcome_of(Call&& call) {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
        call();
        return {};
      } else {
        return result_of(call());
      }
    } catch (const ManagerError&) {
      throw SessionLost();
    } catch (const NotOwnerError&) {  // clients release what they hold only
      throw SessionLostUnseen();
    }
  }

  const Manager& manager_;
  Logbook& logbook_;
  const int number_;
  std::mt19937 random_;
  int numbers_ = 0;
};

}  // namespace mp::linearizability
