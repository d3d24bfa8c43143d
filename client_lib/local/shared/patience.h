#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "client_lib/local/shared/spin.h"

namespace mp::internal {

// Whether to wait awake is learned from how it went: as long as it pays, one does each time; where
// what one waits for did not come meanwhile, one tries it ever more seldom. Any number of threads;
// what they learn is a hint.
class Worth {
 public:
  bool is_worth_it() {
    const auto sleeps = sleeps_left_.load(std::memory_order_relaxed);
    if (sleeps == 0) return true;
    sleeps_left_.store(sleeps - 1, std::memory_order_relaxed);
    return false;
  }

  void learn(bool came) {
    if (came) {
      if (next_sleeps_.load(std::memory_order_relaxed) != 1)
        next_sleeps_.store(1, std::memory_order_relaxed);
      return;
    }
    const auto sleeps = next_sleeps_.load(std::memory_order_relaxed);
    sleeps_left_.store(sleeps, std::memory_order_relaxed);
    next_sleeps_.store(std::min(2 * sleeps, kMostSleeps), std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kMostSleeps = 1024;

  std::atomic<std::uint32_t> sleeps_left_ = 0;
  std::atomic<std::uint32_t> next_sleeps_ = 1;
};

// Whether to wait for somebody without sleeping, and so to do.
class Patience {
 public:
  // Whom one waits for was there last.
  void heard_from(std::uint32_t processor) {
    processor_.store(processor, std::memory_order_relaxed);
  }

  // Whether `ready` said true within the time that somebody on another processor takes to wake and
  // to answer. Not looked at if that was no use lately, or would be in the way of who is waited
  // for.
  template <class Ready>
  bool look(Ready&& ready) {
    if (!runs_beside_us(processor_) || !worth_.is_worth_it()) return false;
    const bool came = await_soon(processor_, kSpin, ready);
    worth_.learn(came);
    return came;
  }

 private:
  // Longer than a wake-up takes from one processor to another: two who answer each other must find
  // each other awake once, and then stay so.
  static constexpr Spin kSpin{.budget = std::chrono::microseconds(60)};

  ProcessorWord processor_ = 0;
  Worth worth_;
};

}  // namespace mp::internal
