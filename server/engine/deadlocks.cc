#include "server/engine/deadlocks.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "server/engine/deadlock_text.h"
#include "server/engine/engine.h"
#include "server/engine/every_section.h"

namespace mp::server {

void Deadlocks::look_at_suspects() {
  for (;;) {
    const std::optional<Owner> suspect = waits_.take_suspect();
    if (!suspect) return;
    if (!may_be_in_one(*suspect)) continue;
    const std::optional<v1::Deadlock> deadlock = end(*suspect);
    if (deadlock && on_found_) on_found_(*deadlock);
  }
}

bool Deadlocks::may_be_in_one(Owner suspect) {
  const auto look = [this](std::uint32_t shard, const std::function<void(Section&)>& visit) {
    Deliveries deliveries;
    Section section(*engine_.shards()[shard], deliveries);
    visit(section);
  };
  return !DeadlockSearch(waits_, look).cycle_through(suspect).empty();
}

namespace {

// The youngest wait that can be refused, of those of one moment the suspect's, moved to the front
// of the cycle; false if there is none.
bool find_victim(std::vector<DeadlockEdge>& cycle, Owner suspect) {
  const auto rank = [&](const DeadlockEdge& edge) {
    return std::tuple(!edge.until_granted, edge.since, edge.waiter == suspect, edge.shard,
                      edge.ticket);
  };
  const auto is_older = [&](const DeadlockEdge& left, const DeadlockEdge& right) {
    return rank(left) < rank(right);
  };
  std::ranges::rotate(cycle, std::ranges::max_element(cycle, is_older));
  return !cycle.front().until_granted;
}

}  // namespace

std::optional<v1::Deadlock> Deadlocks::end(Owner suspect) {
  Deliveries deliveries;
  EverySection world(engine_, deliveries);
  const auto look = [&](std::uint32_t shard, const std::function<void(Section&)>& visit) {
    visit(world.at(shard));
  };
  std::vector<DeadlockEdge> cycle = DeadlockSearch(waits_, look).cycle_through(suspect);
  if (cycle.empty()) return std::nullopt;
  const bool refuse = find_victim(cycle, suspect) && policy_ == DeadlockPolicy::kFail;
  v1::Deadlock deadlock = describe(cycle, world, engine_);
  deadlock.set_reported_only(!refuse);
  if (!keep(cycle, deadlock)) return std::nullopt;
  if (!refuse) return deadlock;
  world.at(cycle.front().shard).refuse(cycle.front().ticket, refusal(deadlock));
  // The others may be part of another one.
  for (const DeadlockEdge& edge : cycle) waits_.suspect(edge.waiter);
  return deadlock;
}

bool Deadlocks::keep(std::vector<DeadlockEdge> cycle, const v1::Deadlock& deadlock) {
  const auto wait = [](const DeadlockEdge& edge) {
    return std::tuple(edge.shard, edge.ticket, edge.holder.session, edge.holder.handle);
  };
  std::ranges::sort(cycle, {}, wait);
  const MutexLock lock(mutex_);
  for (const Found& found : found_) {
    if (std::ranges::equal(found.cycle, cycle, {}, wait, wait)) return false;
  }
  found_.push_front({std::move(cycle), deadlock});
  if (found_.size() > kMostKept) found_.pop_back();
  ++count_;
  return true;
}

void Deadlocks::list(v1::WaitForGraphReply& reply) const {
  const MutexLock lock(mutex_);
  for (const Found& found : found_) *reply.add_deadlocks() = found.shown;
  reply.set_deadlocks_found(count_);
}

}  // namespace mp::server
