#pragma once

#include <atomic>
#include <cstdint>

namespace mp::internal {

// Whether one side of a ring sleeps, so that the other knows whether to wake it. Lies in shared
// memory; zeros are an awake one.
//
// No wake-up is lost. What the sleeper waits for is published by a store, and looked for by a load,
// both sequentially consistent; so are the operations here:
//
//   waker    1. publish            2. read the word: asleep? clear it, and ring the bell
//   sleeper  3. set the word       4. look for what may have been published; none? sleep
//
// These four lie in one total order that all threads agree on. If 1 is before 4, the sleeper sees
// what was published, and does not sleep. Else 4 is before 1, hence 3 before 2, and the waker sees
// the word set. With release and acquire alone, 2 may be done before 1 is seen and 4 before 3, on
// x86-64 too: both then miss each other.
//
// The bell must be a level: rung before the sleeper lies down, it wakes it all the same. It may
// ring for a sleeper that has found something by itself meanwhile: who wakes looks again.
//
// Of two wakers one rings. The sleeper is one thread at a time. A peer that writes nonsense here
// harms nobody but itself: it is not woken, or woken in vain.
class SleepWord {
 public:
  // For the sleeper. True: sleep until the bell rings, then call wake(). False, and awake:
  // `ready()` has seen what it waits for.
  template <class Ready>
  bool lie_down(Ready&& ready) {
    asleep_.store(1, std::memory_order_seq_cst);
    if (!ready()) return true;
    wake();
    return false;
  }
  // However the sleep has ended.
  void wake() { asleep_.store(0, std::memory_order_relaxed); }

  // For the waker, after it has published: must it ring?
  bool must_ring() {
    return asleep_.load(std::memory_order_seq_cst) != 0 &&
           asleep_.exchange(0, std::memory_order_seq_cst) != 0;
  }

 private:
  std::atomic<std::uint32_t> asleep_;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace mp::internal
