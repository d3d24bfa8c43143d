#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>

#include "mp/time_limit.h"

namespace mp {
namespace internal {
class ThreadBarrier;
}

namespace threads {

// Where a fixed number of threads of this process wait for one another, again and again.
//
// Python: multiprocessing.dummy.Barrier, which is threading.Barrier. The action is the barrier's:
// the last thread to come runs it, before anybody goes on. What is said of handles, threads and
// forks at threads::Lock holds here too.
class Barrier {
 public:
  // `timeout`: for waits that say none.
  // Errors: ValueError if `parties` is less than 1, or more than a machine has threads.
  explicit Barrier(std::int64_t parties, std::function<void()> action = {},
                   TimeLimit timeout = None);

  // Waits for all parties. Gives this one's number, in order of arrival from 0.
  // Blocks: until all have come and the action is done, at most for the time that the barrier was
  // made with, or `timeout`; None means for ever, whatever that time is.
  // Errors: BrokenBarrierError if the barrier is broken, or breaks meanwhile: by abort(), reset(),
  // an action that throws, or time that ran out, whoever's. What the action throws, in the thread
  // that ran it.
  std::size_t wait() const;
  std::size_t wait(TimeLimit timeout) const;

  // Makes it whole and empty; who waits fails with BrokenBarrierError.
  void reset() const;
  // Breaks the barrier: who waits, or comes to wait, fails with BrokenBarrierError until reset().
  void abort() const;

  // How many it takes.
  std::size_t parties() const;
  // How many wait at this moment.
  std::size_t n_waiting() const;
  bool broken() const;

  // As Python: <Barrier at 0x7f10: waiters=1/4>, <Barrier at 0x7f10: broken>
  friend std::ostream& operator<<(std::ostream& out, const Barrier& barrier);

 private:
  std::shared_ptr<internal::ThreadBarrier> barrier_;
};

}  // namespace threads
}  // namespace mp
