#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include "mp/internal/those_at.h"
#include "mp/local/connection.h"
#include "mp/process.h"
#include "mp/time_limit.h"

namespace mp {

// What wait() can wait for: a connection, until it has a message or is at the end of file; a
// process, until it has ended; any descriptor, such as a socket or a sentinel, until it can be
// read.
//
// A process is referred to and must outlive it.
class Waitable {
 public:
  Waitable(const Connection& connection) : what_(connection) {}
  Waitable(const Process& process) : what_(&process) {}
  Waitable(int descriptor) : what_(descriptor) {}

  // Are they the same end, process, or descriptor?
  friend bool operator==(const Waitable&, const Waitable&) = default;

 private:
  friend std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                               internal::Timeout timeout);

  std::variant<Connection, const Process*, int> what_;
};

// For the library: the places of those that are ready.
std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                      internal::Timeout timeout);

// Waits until one of them is ready, and gives all that are, in the order given; none when the time
// is over. What comes is left to be received: whoever is faster has it.
//
// Python: multiprocessing.connection.wait().
// Blocks: at most so long; without anything to wait for, just as long, None then being for ever. A
// negative time, and zero, do not wait.
// Errors: ConnectionError for a connection that is closed; ValueError for a process that was not
// started, or a descriptor that is not open.
//
//   for (const mp::Connection& reader : mp::wait(readers)) handle(reader.recv<Result>());
template <std::ranges::forward_range R>
requires std::convertible_to<std::ranges::range_reference_t<R>, Waitable>
auto wait(R&& things, TimeLimit timeout = None) {
  static_assert(internal::kAreHandles<R> || std::is_lvalue_reference_v<R>,
                "mp::wait: the range would be gone");

  std::vector<Waitable> waitables;
  for (auto&& thing : things) waitables.emplace_back(thing);
  return internal::those_at(wait_for_any(waitables, timeout.nanoseconds()), things);
}

// The same for things of several sorts: `mp::wait({connection, process, socket}, 1s)`.
inline std::vector<Waitable> wait(std::initializer_list<Waitable> things,
                                  TimeLimit timeout = None) {
  return internal::those_at(
      wait_for_any(std::span(things.begin(), things.size()), timeout.nanoseconds()), things);
}

}  // namespace mp
