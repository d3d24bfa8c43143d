#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <vector>

#include "mp/internal/those_at.h"
#include "mp/threads/connection.h"
#include "mp/threads/process.h"
#include "mp/time_limit.h"

namespace mp {
namespace internal {
class Watched;
}

namespace threads {

// What wait() can wait for: a connection, until it has a message or is at the end of file; a
// process, until it has ended.
//
// Errors: ConnectionError for a connection that is closed, or is for sending only; ValueError for a
// process that was not started.
class Waitable {
 public:
  Waitable(const Connection& connection);
  Waitable(const Process& process);

  // Are they the same end, or process?
  friend bool operator==(const Waitable&, const Waitable&) = default;

 private:
  friend std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                               internal::Timeout timeout);

  std::shared_ptr<internal::Watched> what_;
};

// For the library: the places of those that are ready.
std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                      internal::Timeout timeout);

// Waits until one of them is ready, and gives all that are, in the order given; none when the time
// is over. What comes is left to be received: whoever is faster has it.
//
// Python: multiprocessing.connection.wait(), which takes no connection of multiprocessing.dummy.
// Blocks: at most so long; without anything to wait for, just as long, None then being for ever. A
// negative time, and zero, do not wait.
// Errors: as of Waitable.
template <std::ranges::forward_range R>
requires std::convertible_to<std::ranges::range_reference_t<R>, Waitable>
auto wait(R&& things, TimeLimit timeout = None) {
  static_assert(internal::kAreHandles<R> || std::is_lvalue_reference_v<R>,
                "mp::threads::wait: the range would be gone");

  std::vector<Waitable> waitables;
  for (auto&& thing : things) waitables.emplace_back(thing);
  return internal::those_at(wait_for_any(waitables, timeout.nanoseconds()), things);
}

// The same for things of several sorts: `wait({connection, process}, 1s)`.
inline std::vector<Waitable> wait(std::initializer_list<Waitable> things,
                                  TimeLimit timeout = None) {
  return internal::those_at(
      wait_for_any(std::span(things.begin(), things.size()), timeout.nanoseconds()), things);
}

}  // namespace threads
}  // namespace mp
