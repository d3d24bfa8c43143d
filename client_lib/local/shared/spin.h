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

// Learns from how long it took whether to yield the processor. Who wants it for itself keeps it for
// a slice, which is longer than any wake-up: then one does not yield for a while, which doubles
// each time. Only after many short ones in a row that is forgotten: where a hog comes and goes, one
// would else pay for a slice after each pause.
class YieldGuard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  bool allows(Time now) const { return now >= not_before_; }
  void took(Time begin, Time end);

 private:
  Time not_before_{};
  std::chrono::milliseconds pause_{1};
  int short_ones_ = 0;
};

// Lets others have this processor, which costs less than to sleep and be woken; false if lately
// that was long, since somebody wants the processor for itself: it must not come between us and the
// wake-up. Per thread. `now` is what the clock says, before and then after.
bool yield_processor(YieldGuard::Time& now);

// How long one looks before one sleeps, and how many pauses there are between two looks: at first,
// and in the end, so that who is at work is not disturbed at each of its steps (at most 0: no
// spinning); and how often the processor is yielded where spinning would be in the way.
struct Spin {
  std::chrono::nanoseconds budget;
  int first_pauses = 1;
  int most_pauses = 16;
  int most_yields = 0;
};

// Where those are that one waits for.
struct Surroundings {
  bool beside_us = false;  // on other processors, so that they go on while this thread spins
  bool crowded = false;    // more want processors than there are
};

// One wait: how each of its moments passes, from one look to the next.
//
//   on another processor, not crowded   spin
//   else, if yields are left and short  yield
//   on another processor                spin
//   else                                no use: sleep
class Waiting {
 public:
  explicit Waiting(const Spin& spin)
      : spin_(spin),
        now_(std::chrono::steady_clock::now()),
        end_(now_ + spin.budget),
        pauses_(spin.first_pauses),
        yields_left_(processors_are_rationed() ? 0 : spin.most_yields) {}

  // Passes a moment; false once the time is up, or where waiting awake is no use. `around()` gives
  // Surroundings, and is asked now and then.
  template <class Around>
  bool pass(Around&& around) {
    if (is_due_) {
      if (now_ >= end_) return false;
      where_ = around();
      is_due_ = false;
    }
    const bool can_spin = where_.beside_us && spin_.most_pauses > 0;
    if ((!can_spin || where_.crowded) && yields_left_ > 0 && yield_processor(now_)) {
      --yields_left_;
      is_due_ = true;
      return true;
    }
    if (can_spin) spin();
    return can_spin;
  }

 private:
  static constexpr int kPausesBetweenTimes = 64;

  void spin() {
    for (int i = 0; i < pauses_; ++i) pause();
    since_time_ += pauses_;
    pauses_ = pauses_ * 2 < spin_.most_pauses ? pauses_ * 2 : spin_.most_pauses;
    if (since_time_ < kPausesBetweenTimes) return;
    since_time_ = 0;
    now_ = std::chrono::steady_clock::now();
    is_due_ = true;
  }

  const Spin spin_;
  std::chrono::steady_clock::time_point now_;
  const std::chrono::steady_clock::time_point end_;
  Surroundings where_;
  bool is_due_ = true;  // to look around, and whether the time is up
  int pauses_;
  int yields_left_;
  int since_time_ = 0;
};

// Before one sleeps: until `ready` says true, or the time is up, or it is no use.
template <class Ready>
bool await_soon(const ProcessorWord& others, const Spin& spin, Ready&& ready) {
  Waiting waiting(spin);
  while (waiting.pass([&others] { return Surroundings{.beside_us = runs_beside_us(others)}; })) {
    if (ready()) return true;
  }
  return false;
}

}  // namespace mp::internal
