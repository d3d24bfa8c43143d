#pragma once

#include <chrono>
#include <optional>

namespace mp::internal {

// A time limit as all waits take it: nullopt waits for ever, zero does not wait.
using Timeout = std::optional<std::chrono::nanoseconds>;

// Any duration as a Timeout. Negative and NaN count as zero (as in Python); what is longer than a
// century, such as hours::max(), as no limit, so that no deadline can overflow.
template <class Rep, class Period>
constexpr Timeout to_timeout(std::chrono::duration<Rep, Period> duration) {
  using Exact = std::chrono::duration<long double, std::nano>;
  constexpr Exact kCentury = std::chrono::hours(24 * 365 * 100);
  const Exact exact = duration;
  if (exact >= kCentury) return std::nullopt;
  if (!(exact > Exact::zero())) return std::chrono::nanoseconds::zero();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(exact);
}

}  // namespace mp::internal
