#pragma once

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>

// Waiting without sleeping, for what another process does on a processor of its own in a moment.

namespace mp::internal {

// The processor that somebody who shares memory with us ran on last. A hint: it may be old.
using ProcessorWord = std::atomic<std::uint32_t>;

inline std::uint32_t this_processor() { return static_cast<std::uint32_t>(::sched_getcpu()); }

inline void publish_processor(ProcessorWord& word) {
  const auto here = this_processor();
  if (word.load(std::memory_order_relaxed) != here) word.store(here, std::memory_order_relaxed);
}

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether a control group gives its processes less time than two processors have: who spins then
// takes it from whom one waits for.
bool processors_are_rationed();

// Whether who ran there may go on while this thread spins.
inline bool runs_beside_us(const ProcessorWord& others) {
  return others.load(std::memory_order_relaxed) != this_processor() && !processors_are_rationed();
}

// How long one looks before one sleeps, and how many pauses there are between two looks: at first,
// and in the end, so that who is at work is not disturbed at each of its steps.
struct Spin {
  std::chrono::microseconds budget;
  int first_pauses = 1;
  int most_pauses = 16;
};

// Looks at `ready` until it says true, or the time is up: about what the wake-up costs that may be
// saved. Not at all where that takes the processor from whom one waits for.
template <class Ready>
bool spin_until(const ProcessorWord& others, Spin spin, Ready&& ready) {
  constexpr int kPausesBetweenTimes = 64;
  if (!runs_beside_us(others)) return false;
  const auto end = std::chrono::steady_clock::now() + spin.budget;
  int pauses = spin.first_pauses;
  int since_time = 0;
  for (;;) {
    for (int i = 0; i < pauses; ++i) pause();
    if (ready()) return true;
    since_time += pauses;
    pauses = pauses * 2 < spin.most_pauses ? pauses * 2 : spin.most_pauses;
    if (since_time < kPausesBetweenTimes) continue;
    since_time = 0;
    if (std::chrono::steady_clock::now() >= end || !runs_beside_us(others)) return false;
  }
}

// Lets others have this processor, which costs less than to sleep and be woken; false if lately
// that was long, since somebody wants the processor for itself: it must not come between us and the
// wake-up. Per thread.
bool yield_processor();

// Before one sleeps: until `ready` says true, or a moment has passed.
template <class Ready>
bool await_soon(const ProcessorWord& others, Spin spin, Ready&& ready) {
  if (spin_until(others, spin, ready)) return true;
  return others.load(std::memory_order_relaxed) == this_processor() && yield_processor() && ready();
}

}  // namespace mp::internal
