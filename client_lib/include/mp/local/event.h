#pragma once

#include <iosfwd>
#include <memory>

#include "mp/internal/travel.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {
struct EventHandle;
}

// A flag of the processes of one machine, and their threads, that many can wait for.
//
// Python: multiprocessing.Event. Beyond that, whoever waits at a set() goes on, even if the flag is
// cleared at once.
//
// This is a handle: copies are the same event. What is said of handles, threads and forks at
// mp::Lock holds here too. Whoever is killed in a call has made it or not: there is nothing
// between.
//
// Cost: set() of a clear flag is a system call, which wakes all; the rest, where it does not wait,
// is a load or an exchange of one word. 64 bytes of memory.
//
//   mp::Event ready;
//   if (ready.wait(10s)) go();                // and elsewhere: ready.set();
class Event {
 public:
  // Not set. Errors: MemoryError.
  Event();

  void set() const;
  void clear() const;
  bool is_set() const;

  // True once the flag is set, or was since this call began; false after the timeout.
  // Blocks: until the flag is set, at most `timeout`.
  bool wait(TimeLimit timeout = None) const;

  // As Python: <Event at 0x7f10 set>
  friend std::ostream& operator<<(std::ostream& out, const Event& event);

 private:
  friend struct internal::HandleCodec<Event>;

  explicit Event(std::shared_ptr<internal::EventHandle> handle);

  internal::BlockTicket pack() const;
  static Event unpack(const internal::BlockTicket& ticket);

  std::shared_ptr<internal::EventHandle> handle_;
};

template <>
struct Codec<Event> : internal::HandleCodec<Event> {};

}  // namespace mp
