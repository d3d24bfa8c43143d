#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/local/acquirable.h"

namespace mp {
namespace internal {
class ThreadLock;
}

namespace threads {

// A lock between the threads of this process.
//
// Python: multiprocessing.dummy.Lock, which is threading.Lock. It is mp::Lock with threads for
// processes: not re-entrant, and any thread may release it. No thread can be killed, so no owner's
// death is ever reported.
//
// This is a handle: copies are the same lock. It is in ordinary memory, and works in this process
// alone: a forked child has a copy of its own, and whether that is held is a matter of the moment.
// Cost: an exchange of one word to acquire and one to release, while nobody waits.
// Order: who comes while the lock is free may take it past those who wait.
// Thread-safety: any thread. After fork: as said.
class Lock : public internal::Acquirable<Lock> {
 public:
  Lock();

  // Errors: ValueError if nobody holds it.
  void release() const;

  // Does anybody hold it?
  bool locked() const;

  // The number of the grant, larger than all before it, while this thread holds the lock; else 0.
  std::uint64_t token() const;

  // Never, between threads: here so that code for mp::Lock compiles.
  bool previous_owner_died() const { return false; }

  // As Python prints multiprocessing's: <Lock(owner=Thread-1)>, <Lock(owner=None)>
  friend std::ostream& operator<<(std::ostream& out, const Lock& lock);

 private:
  friend class internal::Acquirable<Lock>;
  friend class Condition;

  bool take(internal::Timeout timeout) const;

  std::shared_ptr<internal::ThreadLock> lock_;
};

}  // namespace threads
}  // namespace mp
