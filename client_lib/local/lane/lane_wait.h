#pragma once

#include <chrono>

#include "client_lib/local/lane/lane_memory.h"
#include "client_lib/local/shared/patience.h"
#include "client_lib/local/shared/spin.h"
#include "mp/current_process.h"

namespace mp::internal {

// How the ends of lanes wait before they sleep. The budget is about what a pair of wake-ups costs
// from one processor to another, which is what waiting awake may save.
constexpr Spin kLaneSpin{.budget = std::chrono::microseconds(50),
                         .first_pauses = 1,
                         .most_pauses = 1,
                         .most_yields = 10'000};

// More lanes are busy than there are processors for their clients: who spins is in the way.
inline bool is_crowded(std::uint32_t busy_lanes) {
  static const auto processors = static_cast<std::uint32_t>(mp::cpu_count());
  return busy_lanes > processors;
}

// The client's part: waits for the server's answer. True once `ready` says so; false: sleep.
class LanePatience {
 public:
  template <class Ready>
  bool look(LaneControl& control, Ready&& ready) {
    publish_processor(control.client_processor);
    if (ready()) return true;
    if (!worth_.is_worth_it()) return false;
    Waiting waiting(kLaneSpin);
    bool came = false;
    while (!came && waiting.pass([&control] { return around(control); })) came = ready();
    worth_.learn(came);
    return came;
  }

 private:
  static Surroundings around(LaneControl& control) {
    publish_processor(control.client_processor);
    return {.beside_us = runs_beside_us(control.server_processor),
            .crowded = is_crowded(control.busy_lanes.load(std::memory_order_relaxed))};
  }

  Worth worth_;
};

}  // namespace mp::internal
