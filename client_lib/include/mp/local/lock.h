#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/internal/travel.h"
#include "mp/local/acquirable.h"

namespace mp {

namespace internal {
class LockHandle;
}

// A lock between the processes of one machine, and their threads.
//
// Python: multiprocessing.Lock, whose rules it has: it is not re-entrant, and any process or thread
// may release it. Beyond that, it knows which process holds it: if that one ends without a release,
// be it by kill -9, the next to acquire gets the lock and learns so from previous_owner_died().
//
// This is a handle: copies are the same lock. A forked child has the lock by inheritance, a spawned
// one as an argument, and any process that is sent it over a Connection.
//
// Order: who comes while the lock is free may take it past those who wait, but not past one that
// has waited for 1 ms: the lock is kept for that one (for 20 ms, should it be stopped). So it is
// fast when it is busy, and nobody starves.
// Cost: an exchange of one word to acquire, one to release, while nobody waits. 4 KiB of memory.
// Thread-safety: any thread. Fork-safety: a lock that is held stays its holder's; the child does
// not hold it. A child of a fork that is not mp::Process's may use it too.
//
//   mp::Lock lock;
//   mp::Process p([lock] { std::scoped_lock guard(lock); std::cout << "whole line\n"; });
class Lock : public internal::Acquirable<Lock> {
 public:
  // Errors: MemoryError.
  Lock();

  // Errors: ValueError if nobody holds it. Python: ValueError, "released too many times".
  void release() const;

  // Does anybody hold it? Python: locked(), since 3.14.
  bool locked() const;

  // The number of the grant, larger than all before it, while this process holds the lock; else 0.
  // Who writes elsewhere what the lock protects passes it along, so that a late writer can be told
  // from the present holder.
  std::uint64_t token() const;

  // Whether this process holds the lock, and the holder before it ended without a release: what the
  // lock protects may be half done.
  bool previous_owner_died() const;

  // As Python: <Lock(owner=Process-1)>, <Lock(owner=None)>; with a pid for another process.
  friend std::ostream& operator<<(std::ostream& out, const Lock& lock);

 private:
  friend class internal::Acquirable<Lock>;
  friend struct internal::HandleCodec<Lock>;
  friend class Condition;

  explicit Lock(std::shared_ptr<internal::LockHandle> handle);

  bool take(internal::Timeout timeout) const;
  internal::BlockTicket pack() const;
  static Lock unpack(const internal::BlockTicket& ticket);

  std::shared_ptr<internal::LockHandle> handle_;
};

template <>
struct Codec<Lock> : internal::HandleCodec<Lock> {};

}  // namespace mp
