#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mp/future.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp {

struct AcquireOptions {
  TimeLimit timeout = None;  // how long to wait for the lock
  TimeLimit lease = None;    // how long to hold it at most; None: as long as the session lives
};

class AsyncLock;

// A lock of a manager, owned by the thread that acquired it.
//
// Python: the proxy of a threading.Lock, but with an owner: when the process that holds the lock
// ends, or its lease does, the lock passes to the next in line, which learns so from
// previous_owner_died(). It is granted in order of arrival, and not re-entrant: its owner's second
// acquire() waits, like anybody's. What is common to all proxies is said at mp::Proxy.
//
// Meets the standard's TimedLockable. Methods are const, since a proxy is a handle.
//
// Each grant has a fencing token, larger than all before it. A holder that may be late (its lease
// ran out while it was stopped) passes it along with what it writes: see DictProxy::fenced_by. What
// this object knows of its grant (token, lost, previous_owner_died, last_error) its copies know
// too.
//
//   auto deploy = manager.lock("deploy");
//   {
//     std::scoped_lock guard(deploy);
//     roll_out();
//   }
//   if (deploy.acquire({.timeout = 1s, .lease = 30s})) { ...; deploy.release(); }
class LockProxy : public Proxy {
 public:
  static constexpr std::string_view kKind = "lock";

  explicit LockProxy(std::shared_ptr<const internal::RemoteObject> object);

  // True once the lock is granted, false after the timeout. Python: lock.acquire(block, timeout).
  // Blocks: until the lock is granted, at most `timeout`; not at all without `block`.
  // Errors: ValueError for a lease of zero or less.
  bool acquire(std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return acquire({.timeout = block ? timeout : TimeLimit(std::chrono::seconds(0))});
  }
  bool acquire(TimeLimit timeout) const { return acquire(AcquireOptions{.timeout = timeout}); }
  bool acquire(AcquireOptions options = {}) const;

  // Errors: NotOwnerError if this thread does not hold the lock, be it that it was lost.
  void release() const;

  // Does anybody hold it?
  bool locked() const;

  // The same, as the standard library calls it.
  void lock() const { static_cast<void>(acquire()); }
  bool try_lock() const { return acquire(false); }
  bool try_lock_for(TimeLimit timeout) const { return acquire(timeout); }
  template <class Clock, class Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return acquire(TimeLimit(time - Clock::now()));
  }
  // Releases; a failure is written to the standard error and kept in last_error().
  void unlock() const noexcept;

  // Of the last grant to this process through this object; 0 before the first and after a release.
  std::uint64_t token() const;

  // The lock was acquired, and is held no more though it was not released: the session ended, or
  // the lease did. Blocks: for one round trip, unless the session is known to be over.
  bool lost() const;

  // The owner before us died, or its lease ran out, while it held the lock: what the lock protects
  // may be half done.
  bool previous_owner_died() const;

  // Why the last unlock() on this thread failed, if it was of this lock; else empty.
  std::string last_error() const;

  // The same lock, for calls that do not wait.
  AsyncLock async() const;

  // For the library: the same, through a stand-in for the lock.
  AsyncLock async(const Proxy& through) const;

 private:
  friend class AsyncLock;
  struct Grant;

  static internal::CallOptions waiting(const Proxy& lock, const AcquireOptions& options);
  static bool decode_acquired(const Proxy& lock, Grant& grant, const internal::Reply& reply);

  std::shared_ptr<Grant> grant_;
};

// The asynchronous form of a LockProxy. The owner is the thread that starts the call. Dropping the
// future of an acquire() gives the lock back if it was granted.
class AsyncLock : public Proxy {
 public:
  // The LockProxy that it comes from knows of the grant once get() has returned.
  Future<bool> acquire(const AcquireOptions& options = {}) const;
  Future<void> release() const;
  Future<bool> locked() const;

  void flush() const { remote()->flush(); }

 private:
  friend class LockProxy;
  AsyncLock(const Proxy& lock, std::shared_ptr<LockProxy::Grant> grant)
      : Proxy(lock), grant_(std::move(grant)) {}

  std::shared_ptr<LockProxy::Grant> grant_;
};

}  // namespace mp
