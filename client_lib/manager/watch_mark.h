#pragma once

#include <cstdint>

namespace mp::internal {

// How many events the manager had counted for this session's watches when it gave an outcome, and
// in which incarnation of the session: whoever has read all events up to a mark has seen everything
// that happened before that outcome, on whatever object.
inline constexpr unsigned kWatchCountBits = 48;

constexpr std::uint64_t watch_mark(std::uint64_t incarnation, std::uint64_t events) {
  return (incarnation << kWatchCountBits) | events;
}

constexpr bool same_incarnation(std::uint64_t a, std::uint64_t b) {
  return ((a ^ b) >> kWatchCountBits) == 0;
}

// Has whoever has read up to `seen` all that `mark` speaks of?
constexpr bool covers(std::uint64_t seen, std::uint64_t mark) {
  return seen >= mark && same_incarnation(seen, mark);
}

}  // namespace mp::internal
