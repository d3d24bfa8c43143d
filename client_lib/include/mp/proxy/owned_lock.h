#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "mp/future.h"
#include "mp/proxy/acquirer.h"
#include "mp/proxy/proxy.h"

namespace mp {

namespace internal {

// What a grant is of. Only a read-write lock has shared ones, beside exclusive ones.
enum class Ownership : std::uint8_t { kExclusive, kShared };

// The operations of one kind of lock.
struct LockOperations {
  wire::Operation acquire;
  wire::Operation release;
  wire::Operation locked;
  Ownership ownership = Ownership::kExclusive;
};

}  // namespace internal

class AsyncLock;

// What LockProxy, RLockProxy and the sides of an RWLockProxy have in common: a lock of a manager,
// owned by the thread that acquired it.
//
// Python: the proxy of a threading.Lock or RLock, but with an owner: when the process that holds
// the lock ends, or its lease does, the lock passes to the next in line, which learns so from
// previous_owner_died(). It is granted in order of arrival. What is common to all proxies is said
// at mp::Proxy.
//
// Meets the standard's TimedLockable. Methods are const, since a proxy is a handle.
//
// Each grant has a fencing token, larger than all before it. A holder that may be late (its lease
// ran out while it was stopped) passes it along with what it writes: see DictProxy::fenced_by. What
// is known of a grant (token, lost, previous_owner_died) the thread knows that holds the lock,
// through every proxy of it.
class OwnedLockProxy : public Proxy, public internal::Acquirer<OwnedLockProxy> {
 public:
  // True once the lock is granted, false after the timeout. Python: lock.acquire(block, timeout).
  // Blocks: until the lock is granted, at most `timeout`; not at all without `block`.
  // Errors: ValueError for a lease of zero or less.
  using internal::Acquirer<OwnedLockProxy>::acquire;
  bool acquire(AcquireOptions options = {}) const;

  // Errors: NotOwnerError if this thread does not hold the lock, be it that it was lost; ValueError
  // if nobody holds a LockProxy's.
  void release() const;

  // Does anybody hold it?
  bool locked() const;

  // Of the last grant to this thread; 0 before the first and after a release.
  std::uint64_t token() const;

  // The lock was acquired, and is held no more though it was not released: the session ended, or
  // the lease did. Blocks: for one round trip, unless the session is known to be over.
  bool lost() const;

  // The owner before us died, or its lease ran out, while it held the lock: what the lock protects
  // may be half done.
  bool previous_owner_died() const;

  // The same lock, for operations that run only while this very grant of the other lock is held.
  // A release too: who comes too late for it still holds this one.
  // Errors: StaleTokenError, from the operations.
  OwnedLockProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same lock, for calls that do not wait.
  AsyncLock async() const;

  // For the library: the same, through a stand-in for the lock.
  AsyncLock async(const Proxy& through) const;

 protected:
  OwnedLockProxy(std::shared_ptr<const internal::RemoteObject> object,
                 const internal::LockOperations& operations);

 private:
  internal::LockOperations operations_;
};

// The asynchronous form of a LockProxy or RLockProxy. The owner is the thread that starts the call.
// Dropping the future of an acquire() gives the lock back if it was granted; in a batch it does
// not.
class AsyncLock : public Proxy {
 public:
  // The thread that calls get() learns of the grant.
  [[nodiscard("dropping it gives the lock back")]] Future<bool> acquire(
      const AcquireOptions& options = {}) const;
  // The lock is released, be the future waited for or dropped.
  Future<void> release() const;
  Future<bool> locked() const;

  void flush() const { remote()->flush(); }

 private:
  friend class OwnedLockProxy;
  AsyncLock(const Proxy& through, const internal::LockOperations& operations,
            std::shared_ptr<const internal::RemoteObject> lock)
      : Proxy(through), operations_(operations), lock_(std::move(lock)) {}

  internal::LockOperations operations_;
  std::shared_ptr<const internal::RemoteObject> lock_;  // itself, where the Proxy is a stand-in
};

}  // namespace mp
