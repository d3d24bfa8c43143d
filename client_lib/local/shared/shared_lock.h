#pragma once

#include <atomic>
#include <cstdint>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/identity.h"
#include "client_lib/local/shared/line.h"
#include "client_lib/local/shared/monitor.h"

namespace mp::internal {

// A lock in shared memory that knows which process holds it.
//
//            ┌───────────── acquire ─────────────┐
//            │                                   ▼
//          free ◀─────────── release ────────── held ──┐
//                                                ▲     │ the holder's process has ended,
//                                                └─────┘ and another one acquires
//
// While nobody waits, acquire and release are one exchange of one word. Who waits says so in that
// word, and then all takes place in the monitor, so that the line has its way.
//
// Invariant: `holder` is 0, or names a process; kContended is set while anybody stands in line.
class SharedLock {
 public:
  enum class Acquired {
    kNo,           // not within the time
    kYes,          //
    kFromTheDead,  // its holder had ended without a release
  };

  // If nobody holds it and nobody waits for it.
  bool acquire_free() {
    std::uint64_t free = 0;
    if (!holder_.compare_exchange_strong(free, this_process().word, std::memory_order_acquire,
                                         std::memory_order_relaxed))
      return false;
    count_grant();
    return true;
  }
  Acquired acquire(Deadline deadline);

  // By whomever. False if it was not held: nothing has changed then.
  bool release() {
    auto held = this_process().word;
    if (holder_.compare_exchange_strong(held, 0, std::memory_order_release,
                                        std::memory_order_relaxed))
      return true;
    return release_to_next(held);
  }

  // 0: nobody.
  ProcessIdentity holder() const { return {holder_.load(std::memory_order_acquire) & kIdentity}; }

  // How often it was acquired: the number of the present grant while it is held.
  std::uint64_t grants() const { return grants_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint64_t kIdentity = (std::uint64_t{1} << ProcessIdentity::kBits) - 1;
  static constexpr std::uint64_t kContended = std::uint64_t{1} << ProcessIdentity::kBits;

  // By the holder only. One that dies before has done nothing yet with its grant.
  void count_grant() {
    grants_.store(grants_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  Attempt attempt(bool closely, Acquired& result);
  bool release_to_next(std::uint64_t held);

  std::atomic<std::uint64_t> holder_ = 0;
  std::atomic<std::uint64_t> grants_ = 0;
  Monitor monitor_;
  Line line_;
};

}  // namespace mp::internal
