#pragma once

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "mp/current_process.h"

namespace mp::internal {

// The processor that somebody who shares memory with us ran on last.
using ProcessorWord = std::atomic<std::uint32_t>;

inline void publish_processor(ProcessorWord& word) {
  const auto here = static_cast<std::uint32_t>(::sched_getcpu());
  if (word.load(std::memory_order_relaxed) != here) word.store(here, std::memory_order_relaxed);
}

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Looks at `ready` for a moment before one sleeps over it: shorter than the wake-up that may be
// saved. Not at all where that takes the processor from whom one waits for: if it is the same, or
// there is but one.
template <class Ready>
void spin_until(const ProcessorWord& others, Ready&& ready) {
  constexpr std::chrono::microseconds kBudget(20);
  constexpr int kLooks = 16;
  static const bool alone = cpu_count() < 2;
  if (alone ||
      others.load(std::memory_order_relaxed) == static_cast<std::uint32_t>(::sched_getcpu()))
    return;
  const auto end = std::chrono::steady_clock::now() + kBudget;
  do {
    for (int look = 0; look < kLooks; ++look) {
      if (ready()) return;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
}

}  // namespace mp::internal
