#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/owned_lock.h"

namespace mp {

// One side of an RWLockProxy, with the methods that are said at mp::OwnedLockProxy: acquire release
// locked lock try_lock try_lock_for try_lock_until unlock token lost previous_owner_died last_error
// async fenced_by. It is no object of its own, and can't be put into a container.
class ReadLockProxy : public OwnedLockProxy {
 private:
  friend class RWLockProxy;
  explicit ReadLockProxy(std::shared_ptr<const internal::RemoteObject> object)
      : OwnedLockProxy(std::move(object), {.acquire = wire::Operation::kRWLockAcquireRead,
                                           .release = wire::Operation::kRWLockReleaseRead,
                                           .locked = wire::Operation::kRWLockReadLocked,
                                           .ownership = internal::Ownership::kShared}) {}
};

class WriteLockProxy : public OwnedLockProxy {
 private:
  friend class RWLockProxy;
  explicit WriteLockProxy(std::shared_ptr<const internal::RemoteObject> object)
      : OwnedLockProxy(std::move(object), {.acquire = wire::Operation::kRWLockAcquireWrite,
                                           .release = wire::Operation::kRWLockReleaseWrite,
                                           .locked = wire::Operation::kRWLockWriteLocked}) {}
};

// A lock of a manager that many may hold for reading, or one for writing.
//
// Python has none. Source: java.util.concurrent's ReentrantReadWriteLock, and Redisson's
// ReadWriteLock; std::shared_timed_mutex. What is common to all proxies is said at mp::Proxy, and
// what owners, leases and tokens are at mp::OwnedLockProxy: read_lock() and write_lock() are two
// such locks.
//
// It is granted in order of arrival: who comes to read after somebody who waits to write waits
// behind it, so that neither readers nor writers starve. The owner is a thread, and both sides are
// re-entrant: who holds one has it again at once, and releases it as often.
//
// A writer may acquire the read lock too, and becomes a reader by releasing the write lock, with
// nobody writing in between. A reader that acquires the write lock would wait for itself:
// DeadlockError, also from try_lock().
//
// When a writer's process ends, or its lease, all that are granted the lock learn so from
// previous_owner_died(), up to and with the next writer, which can mend what was left half done. A
// reader's end leaves nothing half done, and is not told.
//
// Meets the standard's SharedTimedLockable; methods are const, since a proxy is a handle. Each
// grant has its token: `d.fenced_by(lock, lock.write_lock().token())`.
//
//   auto table = manager.rwlock("table");
//   {
//     std::shared_lock reading(table);
//     look_up();
//   }
//   std::unique_lock writing(table, 250ms);
class RWLockProxy : public Proxy {
 public:
  static constexpr std::string_view kKind = "rwlock";

  explicit RWLockProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Proxy(std::move(object)) {}

  // The two sides, for what the standard has no word for: leases, tokens, async(), batches.
  // Java: readLock(), writeLock().
  ReadLockProxy read_lock() const { return part(ReadLockProxy(remote())); }
  WriteLockProxy write_lock() const { return part(WriteLockProxy(remote())); }

  // To write. True once it is granted, false after the timeout.
  // Blocks: until it is granted, at most `timeout`.
  // Errors: DeadlockError if this thread holds the lock for reading, and not for writing.
  void lock() const { write_lock().lock(); }
  [[nodiscard]] bool try_lock() const { return write_lock().try_lock(); }
  [[nodiscard]] bool try_lock_for(TimeLimit timeout) const {
    return write_lock().try_lock_for(timeout);
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return write_lock().try_lock_until(time);
  }
  // A failure is written to the standard error and kept in last_error().
  void unlock() const noexcept { write_lock().unlock(); }

  // To read. The same.
  void lock_shared() const { read_lock().lock(); }
  [[nodiscard]] bool try_lock_shared() const { return read_lock().try_lock(); }
  [[nodiscard]] bool try_lock_shared_for(TimeLimit timeout) const {
    return read_lock().try_lock_for(timeout);
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_shared_until(
      const std::chrono::time_point<Clock, Duration>& time) const {
    return read_lock().try_lock_until(time);
  }
  void unlock_shared() const noexcept { read_lock().unlock(); }

  // Why the last unlock() or unlock_shared() on this thread failed, if it was of this lock; else
  // empty.
  std::string last_error() const { return write_lock().last_error(); }

  // How many owners hold it for reading, however often each.
  std::size_t readers() const {
    wire::Scratch request;
    return remote()->call(wire::Operation::kRWLockReadLocked, *request, options()).uint(3);
  }

  // The same lock, for operations that run only while this very grant of the other lock is held.
  // Errors: StaleTokenError, from the operations.
  RWLockProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }
};

}  // namespace mp
