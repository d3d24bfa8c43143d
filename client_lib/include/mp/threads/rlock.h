#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/local/acquirable.h"

namespace mp {
namespace internal {
class ThreadRLock;
}

namespace threads {

// A lock between the threads of this process that its owner, a thread, may acquire again: it is
// free once it was released as often.
//
// Python: multiprocessing.dummy.RLock, which is threading.RLock. A thread that ends without a
// release leaves it locked, as there. What is said of handles, cost, order, threads and forks at
// threads::Lock holds here too.
class RLock : public internal::Acquirable<RLock> {
 public:
  RLock();

  // Errors: NotOwnerError if this thread does not hold it.
  void release() const;

  // Does anybody hold it?
  bool locked() const;

  // How often its owner, whoever that is, holds it; 0 if nobody does.
  std::size_t count() const;

  // The number of the grant, larger than all before it, while this thread holds the lock; else 0.
  // All acquisitions of one owner until the last release are one grant.
  std::uint64_t token() const;

  // Never, between threads: here so that code for mp::RLock compiles.
  bool previous_owner_died() const { return false; }

  // As Python prints multiprocessing's: <RLock(MainThread, 1)>, <RLock(None, 0)>
  friend std::ostream& operator<<(std::ostream& out, const RLock& lock);

 private:
  friend class internal::Acquirable<RLock>;
  friend class Condition;

  bool take(internal::Timeout timeout) const;

  std::shared_ptr<internal::ThreadRLock> lock_;
};

}  // namespace threads
}  // namespace mp
