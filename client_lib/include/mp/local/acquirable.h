#pragma once

#include <chrono>
#include <concepts>
#include <exception>

#include "mp/internal/timeout.h"
#include "mp/time_limit.h"

namespace mp::internal {

// For an unlock() that may not throw: one line on standard error.
void report_failed_release(const std::exception& error) noexcept;

// The spellings that all local objects share which are acquired and released, over L's
// take(Timeout), false at its end, and release(). The same ones as the proxies have.
//
// Meets the standard's TimedLockable, so that std::scoped_lock is Python's `with`.
template <class L>
class Acquirable {
 public:
  // True once it is acquired, false after the timeout. Python: acquire(block, timeout).
  // Blocks: until it is acquired, at most `timeout`; not at all without `block`.
  bool acquire() const { return self().take(std::nullopt); }
  bool acquire(std::same_as<bool> auto block, TimeLimit timeout = None) const {
    return self().take(block ? timeout.nanoseconds() : Timeout(std::chrono::nanoseconds(0)));
  }
  bool acquire(TimeLimit timeout) const { return self().take(timeout.nanoseconds()); }

  // The same, as the standard library calls it.
  void lock() const { static_cast<void>(acquire()); }
  [[nodiscard]] bool try_lock() const { return acquire(false); }
  [[nodiscard]] bool try_lock_for(TimeLimit timeout) const { return acquire(timeout); }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return acquire(TimeLimit(time - Clock::now()));
  }

  // Releases; a failure is written to the standard error.
  void unlock() const noexcept {
    try {
      self().release();
    } catch (const std::exception& error) {
      report_failed_release(error);
    }
  }

 private:
  friend L;
  Acquirable() = default;

  const L& self() const { return static_cast<const L&>(*this); }
};

}  // namespace mp::internal
