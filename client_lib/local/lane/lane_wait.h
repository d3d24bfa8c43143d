#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "client_lib/local/lane/lane_memory.h"
#include "client_lib/local/lane/step_aside.h"
#include "client_lib/local/shared/patience.h"
#include "client_lib/local/shared/spin.h"
#include "mp/current_process.h"
#include "mp/lane.h"

namespace mp::internal {

// More is of no use: what is saved is a pair of wake-ups, which take far less.
constexpr std::chrono::milliseconds kLongestSpin(10);

// How the ends of lanes wait before they sleep. By default the budget is about what a pair of
// wake-ups costs from one processor to another, which is what waiting awake may save.
constexpr Spin spin_of(const LaneSpin& lane) {
  return {.budget = lane.budget,
          .first_pauses = 1,
          .most_pauses = lane.policy == SpinPolicy::kYield ? 0 : 1,
          .most_yields = lane.policy == SpinPolicy::kSpin ? 0 : 10'000};
}

// More lanes are busy than there are processors beside the server's: who spins is in the way. A
// single one never is: who may run on one processor only may have a server that runs on others.
inline bool is_crowded(std::uint32_t busy_lanes) {
  static const auto processors = static_cast<std::uint32_t>(mp::cpu_count());
  return busy_lanes >= std::max(processors, 2U);
}

// The client's part: waits for the server's answer. True once `ready` says so; false: sleep.
class LanePatience {
 public:
  explicit LanePatience(const Spin& spin) : spin_(spin) {}

  template <class Ready>
  bool look(LaneControl& control, Ready&& ready) {
    publish_processor(control.client_processor);
    if (ready()) return true;
    if (waits_awake() && is_crowded(control.busy_lanes.load(std::memory_order_relaxed)))
      step_aside_.from(control.server_processor.load(std::memory_order_relaxed));
    if (!worth_.is_worth_it()) return false;
    Waiting waiting(spin_);
    bool came = false;
    while (!came && waiting.pass([&control] { return around(control); })) came = ready();
    worth_.learn(came);
    return came;
  }

 private:
  bool waits_awake() const {
    return spin_.budget > std::chrono::nanoseconds::zero() && !processors_are_rationed();
  }
  static Surroundings around(LaneControl& control) {
    publish_processor(control.client_processor);
    return {.beside_us = runs_beside_us(control.server_processor),
            .crowded = is_crowded(control.busy_lanes.load(std::memory_order_relaxed))};
  }

  const Spin spin_;
  Worth worth_;
  StepAside step_aside_;
};

}  // namespace mp::internal
