#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/internal/travel.h"
#include "mp/local/acquirable.h"

namespace mp {

namespace internal {
class RLockHandle;
}

// A lock between the processes of one machine, and their threads, that its owner may acquire again:
// it is free once it was released as often.
//
// Python: multiprocessing.RLock; the standard's std::recursive_timed_mutex. The owner is a thread
// of a process: another thread of it waits, and only the owner may release. If its process ends
// without a release, be it by kill -9, the next to acquire gets the lock, once, and learns so from
// previous_owner_died(). The end of the thread alone releases nothing, as in Python.
//
// What is said of handles, order, cost, threads and forks at mp::Lock holds here too. To acquire
// again is two stores.
//
//   mp::RLock tree;
//   std::scoped_lock guard(tree);
//   rebalance(tree);                       // which locks it again
class RLock : public internal::Acquirable<RLock> {
 public:
  // Errors: MemoryError.
  RLock();

  // Errors: NotOwnerError if this thread does not hold it. Python: AssertionError.
  void release() const;

  // Does anybody hold it? Python: locked(), since 3.14.
  bool locked() const;

  // How often its owner, whoever that is, holds it; 0 if nobody does.
  std::size_t count() const;

  // The number of the grant, larger than all before it, while this thread holds the lock; else 0.
  // All acquisitions of one owner until the last release are one grant.
  std::uint64_t token() const;

  // Whether this thread holds the lock, and the holder before it ended without a release: what the
  // lock protects may be half done.
  bool previous_owner_died() const;

  // As Python: <RLock(MainProcess, 1)>, <RLock(None, 0)>; with a pid for another process.
  friend std::ostream& operator<<(std::ostream& out, const RLock& lock);

 private:
  friend class internal::Acquirable<RLock>;
  friend struct internal::HandleCodec<RLock>;
  friend class Condition;

  explicit RLock(std::shared_ptr<internal::RLockHandle> handle);

  bool take(internal::Timeout timeout) const;
  internal::BlockTicket pack() const;
  static RLock unpack(const internal::BlockTicket& ticket);

  std::shared_ptr<internal::RLockHandle> handle_;
};

template <>
struct Codec<RLock> : internal::HandleCodec<RLock> {};

}  // namespace mp
