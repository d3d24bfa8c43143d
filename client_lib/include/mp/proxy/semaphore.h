#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "mp/future.h"
#include "mp/proxy/acquirer.h"
#include "mp/proxy/proxy.h"

namespace mp {

class AsyncSemaphore;

// A counter of permits, of a manager.
//
// Python: the proxy of a threading.Semaphore or BoundedSemaphore. Permits are granted in order of
// arrival. What is common to all proxies is said at mp::Proxy.
//
// A permit has an owner, the thread that acquired it, as long as everybody releases what they
// acquired: when the owner's process ends, or the lease does, the permit comes back, and who gets
// it next learns so from previous_owner_died(). Once somebody releases who holds none, the
// semaphore is a signal (a count of things that were made, not of seats that are taken): from then
// on permits belong to nobody, have no token, and are never returned by an end. A semaphore can be
// made as a signal.
//
// Deadlocks are found through the permits of a bounded one only: what is not bounded may be
// released by anybody. A bounded one that is used as a signal all the same is made as one.
//
// Meets the standard's TimedLockable, and has std::counting_semaphore's methods. They are const,
// since a proxy is a handle.
//
//   auto seats = manager.semaphore("seats", {.value = 4});
//   {
//     std::scoped_lock seat(seats);               // Python: with seats:
//     ride();
//   }
//   if (seats.acquire({.timeout = 1s, .lease = 30s})) { ...; seats.release(); }
class SemaphoreProxy : public Proxy, public internal::Acquirer<SemaphoreProxy> {
 public:
  static constexpr std::string_view kKind = "semaphore";

  explicit SemaphoreProxy(std::shared_ptr<const internal::RemoteObject> object)
      : Proxy(std::move(object)) {}

  // True once a permit is granted, false after the timeout. Python: s.acquire(block, timeout).
  // Blocks: until there is a permit, at most `timeout`; not at all without `block`.
  // Errors: ValueError for a lease of zero or less.
  using internal::Acquirer<SemaphoreProxy>::acquire;
  bool acquire(AcquireOptions options = {}) const;

  // As std::counting_semaphore calls it.
  [[nodiscard]] bool try_acquire() const { return acquire(false); }
  [[nodiscard]] bool try_acquire_for(TimeLimit timeout) const { return acquire(timeout); }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return try_lock_until(time);
  }

  // Gives permits back: first those of this thread, the last acquired first.
  // Errors: NotOwnerError if that one was lost, with its session or its lease: it came back without
  // this. ValueError if `permits` is less than 1, or a bounded semaphore would have more than at
  // first.
  void release(std::int64_t permits = 1) const;

  // How many permits are left.
  std::size_t get_value() const;
  // None is left.
  bool locked() const { return get_value() == 0; }
  bool is_signal() const;

  // Of the permit that this thread acquired last, through whatever proxy; 0 after a release, and
  // of a signal. A thread that holds several permits asks after each acquire().
  std::uint64_t token() const;

  // The owner of that permit before us died, or its lease ran out, while it held it.
  bool previous_owner_died() const;

  // The same semaphore, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  SemaphoreProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same semaphore, for calls that do not wait.
  AsyncSemaphore async() const;

  // For the library: the same, through a stand-in for the semaphore.
  AsyncSemaphore async(const Proxy& through) const;
};

// The asynchronous form of a SemaphoreProxy. The owner is the thread that starts the call. Dropping
// the future of an acquire() gives the permit back if it was granted; in a batch it does not.
class AsyncSemaphore : public Proxy {
 public:
  // The thread that calls get() learns of the permit's token.
  [[nodiscard("dropping it gives the permit back")]] Future<bool> acquire(
      const AcquireOptions& options = {}) const;
  // Errors: ValueError at once if `permits` is less than 1.
  Future<void> release(std::int64_t permits = 1) const;
  Future<std::size_t> get_value() const;

  void flush() const { remote()->flush(); }

 private:
  friend class SemaphoreProxy;
  AsyncSemaphore(const Proxy& through, SemaphoreProxy semaphore)
      : Proxy(through), semaphore_(std::move(semaphore)) {}

  SemaphoreProxy semaphore_;
};

}  // namespace mp
