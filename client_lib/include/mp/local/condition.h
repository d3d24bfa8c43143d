#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/internal/travel.h"
#include "mp/internal/wait_for.h"
#include "mp/local/acquirable.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"

namespace mp {

namespace internal {
struct ConditionHandle;

// Its own memory, and its lock's.
struct ConditionTicket {
  BlockTicket condition;
  BlockTicket lock;
  bool is_recursive;
};
}  // namespace internal

// A condition variable between the processes of one machine, and their threads, over a lock: an
// RLock of its own, or a Lock or RLock that others may share.
//
// Python: multiprocessing.Condition. Acquiring and releasing it means its lock. Over a Lock, which
// knows processes only, any thread of the process that holds it may wait and notify.
//
// Who waits is woken in order of arrival, and no one is woken without a notify(). If the process of
// one that was notified ends before its wait() has returned, be it by kill -9, the notification
// goes to the next of those that waited when it was made: within a second, if nothing else wakes
// them.
//
// This is a handle: copies are the same condition. What is said of handles, threads and forks at
// mp::Lock holds here too. Meets the standard's TimedLockable.
//
// Cost: 20 KiB of memory, beside its lock's. At most 512 threads of all processes can wait at once.
//
//   mp::Condition changed;
//   {
//     std::scoped_lock guard(changed);                            // Python: with changed:
//     changed.wait_for([&] { return count.get() >= 3; }, 10s);
//   }
//   { std::scoped_lock guard(changed); count += 1; changed.notify(); }
class Condition : public internal::Acquirable<Condition> {
 public:
  // Over an RLock of its own. Errors: MemoryError.
  Condition();
  // Over this lock. Errors: MemoryError.
  explicit Condition(const Lock& lock);
  explicit Condition(const RLock& lock);

  // Errors: as the lock's.
  void release() const;
  bool locked() const;
  // Of the grant of the lock: after each wait() a new one.
  std::uint64_t token() const;
  bool previous_owner_died() const;

  // Releases the lock, waits until notified, and takes the lock again, as often as it was held.
  // False after the timeout; the lock is held then too. Python: c.wait(timeout).
  // Blocks: until notified, at most `timeout`; then until the lock is free, however long.
  // Errors: NotOwnerError if the lock is not held; LimitExceeded; nothing has changed.
  bool wait(TimeLimit timeout = None) const;

  // Waits until the predicate holds, which runs while the lock is held. Gives its last value,
  // whether or not that is true. Python: c.wait_for(predicate, timeout). Blocks: as wait(), again
  // and again, for at most `timeout` in all.
  template <std::invocable Predicate>
  auto wait_for(Predicate&& predicate, TimeLimit timeout = None) const {
    return internal::wait_for(*this, predicate, timeout);
  }

  // Wakes those that wait the longest, this many at most, and gives their number: they go on when
  // the lock is free. It does not wait for them, as Python's does.
  // Errors: NotOwnerError if the lock is not held; ValueError if `waiters` is less than 1.
  std::size_t notify(std::int64_t waiters = 1) const;
  // Wakes all of them.
  std::size_t notify_all() const;

  // As Python: <Condition(<RLock(None, 0)>, 2)>, with the number of those that wait.
  friend std::ostream& operator<<(std::ostream& out, const Condition& condition);

 private:
  friend class internal::Acquirable<Condition>;
  friend struct Codec<Condition>;

  explicit Condition(std::shared_ptr<internal::ConditionHandle> handle);

  bool take(internal::Timeout timeout) const;
  internal::ConditionTicket pack() const;
  static Condition unpack(const internal::ConditionTicket& ticket);

  std::shared_ptr<internal::ConditionHandle> handle_;
};

template <>
struct Codec<Condition> {
  template <class Sink>
  static void write(Sink& out, const Condition& condition) {
    out.write(condition.pack());
  }
  template <class Source>
  static Condition read(Source& in) {
    return Condition::unpack(Codec<internal::ConditionTicket>::read(in));
  }
};

}  // namespace mp
