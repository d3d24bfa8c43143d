#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>

#include "mp/time_limit.h"

namespace mp {

struct AcquireOptions {
  TimeLimit timeout = None;  // how long to wait for it
  TimeLimit lease = None;    // how long to hold it at most; None: as long as the session lives
};

namespace internal {

// Releases what is of this id, where nothing may be thrown: a failure is written to the standard
// error, and kept for this thread.
void release_quietly(std::uint64_t id, const std::function<void()>& release) noexcept;
std::string last_release_error(std::uint64_t id);

// The spellings that all proxies share which are acquired and released, over P's
// acquire(AcquireOptions) and release().
//
// Python: managers.AcquirerProxy. Meets the standard's TimedLockable, so that std::scoped_lock is
// Python's `with`.
template <class P>
class Acquirer {
 public:
  // True once it is granted, false after the timeout. Python: acquire(block, timeout).
  // Blocks: until it is granted, at most `timeout`; not at all without `block`.
  bool acquire(std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return self().acquire({.timeout = block ? timeout : TimeLimit(std::chrono::seconds(0))});
  }
  bool acquire(TimeLimit timeout) const {
    return self().acquire(AcquireOptions{.timeout = timeout});
  }

  // The same, as the standard library calls it.
  void lock() const { static_cast<void>(self().acquire(AcquireOptions())); }
  [[nodiscard]] bool try_lock() const { return acquire(false); }
  [[nodiscard]] bool try_lock_for(TimeLimit timeout) const { return acquire(timeout); }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return acquire(TimeLimit(time - Clock::now()));
  }
  // Releases; a failure is written to the standard error and kept in last_error().
  void unlock() const noexcept {
    release_quietly(self().id(), [this] { self().release(); });
  }

  // Why the last unlock() on this thread failed, if it was of this object; else empty.
  std::string last_error() const { return last_release_error(self().id()); }

 private:
  friend P;
  Acquirer() = default;

  const P& self() const { return static_cast<const P&>(*this); }
};

}  // namespace internal

}  // namespace mp
