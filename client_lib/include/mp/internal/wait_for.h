#pragma once

#include <chrono>

#include "mp/internal/timeout.h"
#include "mp/time_limit.h"

namespace mp::internal {

// Waits for the condition, again and again, until the predicate holds, for at most `timeout` in
// all. Gives the predicate's last value.
template <class Condition, class Predicate>
auto wait_for(const Condition& condition, Predicate& predicate, TimeLimit timeout) {
  using Clock = std::chrono::steady_clock;
  const Timeout limit = timeout.nanoseconds();
  const Clock::time_point start = Clock::now();
  auto result = predicate();
  while (!result) {
    TimeLimit left = None;
    if (limit) {
      const auto elapsed = Clock::now() - start;
      if (elapsed >= *limit) break;
      left = *limit - elapsed;
    }
    condition.wait(left);
    result = predicate();
  }
  return result;
}

}  // namespace mp::internal
