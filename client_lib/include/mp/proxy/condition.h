#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "mp/future.h"
#include "mp/proxy/acquirer.h"
#include "mp/proxy/owned_lock.h"
#include "mp/proxy/proxy.h"

namespace mp {

class AsyncCondition;

// A condition variable of a manager, over a lock: an RLock of its own, or a Lock or RLock that
// others may share.
//
// Python: ConditionProxy. Acquiring and releasing it means its lock, of which all is true that
// mp::OwnedLockProxy says: owners, leases, tokens. Who waits is woken in order of arrival, and no
// one is woken without a notify(); if one that was notified ends, or gives up, before it has the
// lock, its wake-up passes on to the next. What is common to all proxies is said at mp::Proxy.
//
// Meets the standard's TimedLockable.
//
//   auto changed = manager.condition("changed");
//   {
//     std::scoped_lock guard(changed);                            // Python: with changed:
//     changed.wait_for([&] { return jobs.size() >= 3; }, 10s);
//   }
//   { std::scoped_lock guard(changed); jobs.put(job); changed.notify(); }
class ConditionProxy : public Proxy, public internal::Acquirer<ConditionProxy> {
 public:
  static constexpr std::string_view kKind = "condition";

  // Which lock it is over is asked of the manager at the first use, once for this object and its
  // copies.
  explicit ConditionProxy(std::shared_ptr<const internal::RemoteObject> object);

  // Over this lock, which is the condition's own or was given when it was made.
  ConditionProxy(std::shared_ptr<const internal::RemoteObject> object, const OwnedLockProxy& lock);

  // True once the lock is granted, false after the timeout. See OwnedLockProxy::acquire.
  using internal::Acquirer<ConditionProxy>::acquire;
  bool acquire(AcquireOptions options = {}) const { return get_lock().acquire(options); }
  // Errors: NotOwnerError if this thread does not hold the lock.
  void release() const { get_lock().release(); }
  bool locked() const { return get_lock().locked(); }

  // Of the grant of the lock: after each wait() a new one. See OwnedLockProxy.
  std::uint64_t token() const { return get_lock().token(); }
  bool lost() const { return get_lock().lost(); }
  bool previous_owner_died() const { return get_lock().previous_owner_died(); }

  // The lock, with the demand of fenced_by(). Blocks: for one round trip if it is not known yet.
  OwnedLockProxy get_lock() const;

  // Releases the lock, waits until notified, and takes the lock again, as often as it was held.
  // False after the timeout; the lock is held then too. Python: c.wait(timeout).
  // Blocks: until notified, at most `timeout`; then until the lock is free, however long.
  // Errors: NotOwnerError if this thread does not hold the lock; nothing has changed.
  bool wait(TimeLimit timeout = None) const;

  // Waits until the predicate holds, which runs in this process while the lock is held. Gives its
  // last value, whether or not that is true. Python: c.wait_for(predicate, timeout).
  // Blocks: as wait(), again and again, for at most `timeout` in all.
  template <std::invocable Predicate>
  auto wait_for(Predicate&& predicate, TimeLimit timeout = None) const {
    using Clock = std::chrono::steady_clock;
    const internal::Timeout limit = timeout.nanoseconds();
    const Clock::time_point start = Clock::now();
    auto result = predicate();
    while (!result) {
      TimeLimit left = None;
      if (limit) {
        const auto elapsed = Clock::now() - start;
        if (elapsed >= *limit) break;
        left = *limit - elapsed;
      }
      wait(left);
      result = predicate();
    }
    return result;
  }

  // Wakes those that wait the longest, this many at most, and gives their number: they go on when
  // the lock is free.
  // Errors: NotOwnerError if this thread does not hold the lock; ValueError if `waiters` is less
  // than 1.
  std::size_t notify(std::int64_t waiters = 1) const;
  // Wakes all of them.
  std::size_t notify_all() const;

  // The same condition, for operations that run only while this very grant of the other lock is
  // held, its own lock's included.
  // Errors: StaleTokenError, from the operations.
  ConditionProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same condition, for calls that do not wait.
  AsyncCondition async() const;

  // For the library: the same, through a stand-in for the condition.
  AsyncCondition async(const Proxy& through) const;

 private:
  struct Association;

  std::shared_ptr<Association> association_;
};

// The asynchronous form of a ConditionProxy; its lock's is get_lock().async(). The owner is the
// thread that starts the call.
class AsyncCondition : public Proxy {
 public:
  // The thread that calls get() learns of the new grant. Dropping the future gives the lock back if
  // it was granted.
  // Blocks: for one round trip if the lock is not known yet.
  Future<bool> wait(TimeLimit timeout = None) const;
  Future<std::size_t> notify(std::int64_t waiters = 1) const;
  Future<std::size_t> notify_all() const;

  void flush() const { remote()->flush(); }

 private:
  friend class ConditionProxy;
  AsyncCondition(const Proxy& through, ConditionProxy condition)
      : Proxy(through), condition_(std::move(condition)) {}

  ConditionProxy condition_;
};

}  // namespace mp
