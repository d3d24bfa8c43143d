#pragma once

#include <atomic>
#include <cstdint>

#include "mp/internal/fork_hooks.h"

namespace mp::internal {

// A mutex that a forked child finds free, whoever of its parent's threads had it: for what a child
// can make sense of in any state.
class ForkSafeLock {
 public:
  bool try_lock() noexcept {
    std::uint64_t held = holder_.load(std::memory_order_relaxed);
    const std::uint64_t mine = fork_generation() + 1;
    return held != mine && holder_.compare_exchange_strong(held, mine, std::memory_order_acquire);
  }
  void lock() noexcept {
    while (!try_lock()) holder_.wait(fork_generation() + 1);
  }
  void unlock() noexcept {
    holder_.store(0, std::memory_order_release);
    holder_.notify_one();
  }

 private:
  // 0, or one more than the fork_generation() of whoever has it.
  std::atomic<std::uint64_t> holder_ = 0;
};

}  // namespace mp::internal
