#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>

#include "mp/internal/travel.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {
struct BarrierHandle;
}

// Where a fixed number of parties, threads of the processes of one machine, wait for one another,
// again and again.
//
// Python: multiprocessing.Barrier. Beyond that: if the process of a party ends while it waits, be
// it by kill -9, the barrier breaks, so that nobody waits for the dead.
//
// The action is a function of this process, and no part of the barrier: it goes with copies of the
// handle and into forked children; a spawned child, and who is sent the barrier, has none. Of the
// parties that bring one, the last to come runs it, before anybody goes on; the others may bring
// the same, or none.
//
// This is a handle: copies are the same barrier. What is said of handles, threads and forks at
// mp::Lock holds here too.
//
// Cost: two critical sections for each wait; one wake-up of all for each round. Who completes a
// round asks whether the others live: six system calls for each. 1 KiB of memory, and 16 bytes for
// each party.
//
//   mp::Barrier lap(4, [] { std::cout << "all here\n"; });
//   if (lap.wait(30s) == 0) clean_up();                 // one of the four
class Barrier {
 public:
  // `timeout`: for waits that say none.
  // Errors: ValueError if `parties` is less than 1, or more than a machine has threads;
  // MemoryError.
  explicit Barrier(std::int64_t parties, std::function<void()> action = {},
                   TimeLimit timeout = None);

  // Waits for all parties. Gives this one's number, in order of arrival from 0. Python: b.wait().
  // Blocks: until all have come and the action is done, at most for the time that the barrier was
  // made with, or `timeout`; None means for ever, whatever that time is.
  // Errors: BrokenBarrierError if the barrier is broken, or breaks meanwhile: by abort(), reset(),
  // the death of a party, an action that throws, or time that ran out, whoever's. What the action
  // throws, in the process that ran it.
  std::size_t wait() const;
  std::size_t wait(TimeLimit timeout) const;

  // Makes it whole and empty; who waits fails with BrokenBarrierError.
  void reset() const;
  // Breaks the barrier: who waits, or comes to wait, fails with BrokenBarrierError until reset().
  void abort() const;

  // How many it takes.
  std::size_t parties() const;
  // How many wait at this moment. Cost: six system calls for each of them, here and in broken().
  std::size_t n_waiting() const;
  bool broken() const;

  // As Python: <Barrier at 0x7f10: waiters=1/4>, <Barrier at 0x7f10: broken>
  friend std::ostream& operator<<(std::ostream& out, const Barrier& barrier);

 private:
  friend struct internal::HandleCodec<Barrier>;

  explicit Barrier(std::shared_ptr<internal::BarrierHandle> handle);

  internal::BlockTicket pack() const;
  static Barrier unpack(const internal::BlockTicket& ticket);

  std::shared_ptr<internal::BarrierHandle> handle_;
};

template <>
struct Codec<Barrier> : internal::HandleCodec<Barrier> {};

}  // namespace mp
