#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/internal/wait_for.h"
#include "mp/local/acquirable.h"
#include "mp/threads/lock.h"
#include "mp/threads/rlock.h"

namespace mp {
namespace internal {
class ThreadCondition;
}

namespace threads {

// A condition variable between the threads of this process, over a lock: an RLock of its own, or a
// Lock or RLock that others may share.
//
// Python: multiprocessing.dummy.Condition, which is threading.Condition. Acquiring and releasing it
// means its lock, which the thread must hold that waits or notifies. Who waits is woken in order of
// arrival, and no one is woken without a notify(). What is said of handles, threads and forks at
// threads::Lock holds here too.
class Condition : public internal::Acquirable<Condition> {
 public:
  // Over an RLock of its own.
  Condition();
  // Over this lock.
  explicit Condition(const Lock& lock);
  explicit Condition(const RLock& lock);

  // Errors: as the lock's.
  void release() const;
  bool locked() const;
  // Of the grant of the lock: after each wait() a new one.
  std::uint64_t token() const;

  // Never, between threads: here so that code for mp::Condition compiles.
  bool previous_owner_died() const { return false; }

  // Releases the lock, waits until notified, and takes the lock again, as often as it was held.
  // False after the timeout; the lock is held then too.
  // Blocks: until notified, at most `timeout`; then until the lock is free, however long.
  // Errors: NotOwnerError if this thread does not hold the lock; nothing has changed.
  bool wait(TimeLimit timeout = None) const;

  // Waits until the predicate holds, which runs while the lock is held. Gives its last value,
  // whether or not that is true. Blocks: as wait(), again and again, for at most `timeout` in all.
  template <std::invocable Predicate>
  auto wait_for(Predicate&& predicate, TimeLimit timeout = None) const {
    return internal::wait_for(*this, predicate, timeout);
  }

  // Wakes those that wait the longest, this many at most, and gives their number: they go on when
  // the lock is free.
  // Errors: NotOwnerError if this thread does not hold the lock; ValueError if `waiters` is less
  // than 1.
  std::size_t notify(std::int64_t waiters = 1) const;
  // Wakes all of them.
  std::size_t notify_all() const;

  // As Python prints multiprocessing's: <Condition(<RLock(None, 0)>, 2)>, with the number of those
  // that wait.
  friend std::ostream& operator<<(std::ostream& out, const Condition& condition);

 private:
  friend class internal::Acquirable<Condition>;

  bool take(internal::Timeout timeout) const;

  std::shared_ptr<internal::ThreadCondition> condition_;
};

}  // namespace threads
}  // namespace mp
