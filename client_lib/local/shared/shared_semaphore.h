#pragma once

#include <atomic>
#include <cstdint>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/line.h"
#include "client_lib/local/shared/monitor.h"

namespace mp::internal {

// A counter of permits in shared memory, which belong to nobody.
//
// While nobody waits, acquire and release are one exchange of one word. Who waits says so in that
// word, and then all takes place in the monitor, so that the line has its way.
//
// Invariant: kContended is set while anybody stands in line.
class SharedSemaphore {
 public:
  static constexpr std::uint64_t kMost = (std::uint64_t{1} << 62U) - 1;

  explicit SharedSemaphore(std::uint64_t value) : word_(value) {}

  // If there is a permit and nobody waits for it.
  bool acquire_free() {
    auto seen = word_.load(std::memory_order_relaxed);
    while (seen != 0 && (seen & kContended) == 0) {
      if (word_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire,
                                      std::memory_order_relaxed))
        return true;
    }
    return false;
  }
  bool acquire(Deadline deadline);

  // False if there would be more than kMost: nothing has changed then.
  bool release(std::uint64_t permits);

  std::uint64_t value() const { return word_.load(std::memory_order_acquire) & kPermits; }

 private:
  static constexpr std::uint64_t kPermits = kMost;
  static constexpr std::uint64_t kContended = kMost + 1;

  Attempt attempt();
  bool release_to_next(std::uint64_t permits);

  std::atomic<std::uint64_t> word_;
  Monitor monitor_;
  Line line_;
};

}  // namespace mp::internal
