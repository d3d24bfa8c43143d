#pragma once

#include <cstdint>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/shared/futex.h"

namespace mp::internal {

// A flag in shared memory: one word, which is odd while the flag is set, and which every clear()
// makes larger. So who found it clear, and finds another number, knows that it was set meanwhile,
// even if it is clear again.
class SharedEvent {
 public:
  bool is_set() const { return (word_.load(std::memory_order_acquire) & kSet) != 0; }

  void set() {
    // Writes nothing, so that what was done before is seen by whoever finds the flag set.
    const auto found = word_.fetch_or(0, std::memory_order_release);
    if ((found & kSet) == 0) futex_set_and_wake(word_, kSet);
  }

  void clear() {
    auto seen = word_.load(std::memory_order_relaxed);
    while ((seen & kSet) != 0 &&
           !word_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) {
    }
  }

  bool wait(Deadline deadline) const {
    const auto found = word_.load(std::memory_order_acquire);
    if ((found & kSet) != 0) return true;
    for (;;) {
      const bool in_time = futex_wait(word_, found, deadline);
      if (word_.load(std::memory_order_acquire) != found) return true;
      if (!in_time) return false;
    }
  }

 private:
  static constexpr std::uint32_t kSet = 1;

  FutexWord word_ = 0;
};

}  // namespace mp::internal
