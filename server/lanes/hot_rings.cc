#include "server/lanes/hot_rings.h"

#include <algorithm>

#include "client_lib/local/lane/lane_wait.h"

namespace mp::server {
namespace {

// After so many looks in vain, while others kept the thread awake: some milliseconds.
constexpr unsigned kRoundsToCool = 4096;

}  // namespace

void HotRings::add(LocalConnection& connection) {
  connection.rounds_in_vain = 0;
  if (std::ranges::find(hot_, &connection) != hot_.end()) return;
  connection.wake();
  hot_.push_back(&connection);
  count(1);
}

void HotRings::remove(LocalConnection& connection) {
  const auto at = std::ranges::find(hot_, &connection);
  if (at == hot_.end()) return;
  *at = hot_.back();
  hot_.pop_back();
  count(static_cast<std::size_t>(-1));
}

bool HotRings::serve_one(LocalConnection& connection, std::size_t& received) const {
  if (!connection.read_ring(received)) return false;
  if (received == 0) return true;
  mp::internal::LaneControl& control = connection.control();
  mp::internal::publish_processor(control.server_processor);
  const std::uint32_t busy = busy_.load(std::memory_order_relaxed);
  if (control.busy_lanes.load(std::memory_order_relaxed) != busy)
    control.busy_lanes.store(busy, std::memory_order_relaxed);
  return true;
}

bool HotRings::is_cold(LocalConnection& connection, std::size_t received) {
  connection.rounds_in_vain = received != 0 ? 0 : connection.rounds_in_vain + 1;
  if (connection.rounds_in_vain < kRoundsToCool) return false;
  connection.rounds_in_vain = 0;
  return connection.lie_down();
}

bool HotRings::lie_down() {
  for (std::size_t i = 0; i < hot_.size(); ++i) {
    if (hot_[i]->lie_down()) continue;
    for (std::size_t awake = 0; awake < i; ++awake) hot_[awake]->wake();
    return false;
  }
  count(-hot_.size());
  hot_.clear();
  return true;
}

mp::internal::Surroundings HotRings::around() const {
  const bool any_beside_us = std::ranges::any_of(hot_, [](LocalConnection* connection) {
    return mp::internal::runs_beside_us(connection->control().client_processor);
  });
  return {.beside_us = any_beside_us,
          .crowded = mp::internal::is_crowded(busy_.load(std::memory_order_relaxed))};
}

}  // namespace mp::server
