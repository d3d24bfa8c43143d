#include "server/engine/deadlock_search.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace mp::server {
namespace {

bool ends_by_itself(const Parked& parked, const WaitsFor& what) {
  return parked.deadline && !what.until_granted;
}

// Those before it who give up by themselves are in nobody's way.
void forget_the_impatient(Section& section, WaitsFor& what) {
  if (what.ahead.empty()) return;
  std::erase_if(what.ahead, [&](const WaitsFor::Ahead& other) {
    const auto at = section.parked().find(other.ticket);
    return at == section.parked().end() || at->second.deadline;
  });
  if (what.ahead.empty()) what.holders.clear();
}

}  // namespace

std::optional<DeadlockSearch::Waiting> DeadlockSearch::look_at(
    const WaitForGraph::Wait& wait) const {
  std::optional<Waiting> found;
  if (wait.session->ended()) return found;  // what it holds is about to be given back
  look_(wait.shard, [&](Section& section) {
    const auto at = section.parked().find(wait.ticket);
    if (at == section.parked().end()) return;
    const Parked& parked = at->second;
    WaitsFor what = section.find(parked.object)->object->waits_for(wait.ticket);
    if (ends_by_itself(parked, what)) return;
    for (Holding& holding : what.holders) holding.owner = graph_.known(holding.owner);
    forget_the_impatient(section, what);
    found = Waiting{wait, parked.object, parked.since, std::move(what)};
  });
  return found;
}

bool DeadlockSearch::look_at_waits(Owner owner, Party& party) {
  const auto waits = [this](Owner other) { return graph_.is_waiting(other); };
  for (const WaitForGraph::Wait& wait : graph_.waits_of(owner)) {
    std::optional<Waiting> waiting = look_at(wait);
    if (!waiting || !server::is_hopeless(waiting->what, waits)) return false;
    party.waits.push_back(*std::move(waiting));
  }
  return !party.waits.empty();
}

void DeadlockSearch::explore(Owner from) {
  std::deque<Owner> open{from};
  for (; !open.empty(); open.pop_front()) {
    const auto [at, is_new] = parties_.try_emplace(open.front());
    if (!is_new) continue;
    Party& party = at->second;
    party.stuck = look_at_waits(open.front(), party);
    if (!party.stuck) continue;
    for (const DeadlockEdge& edge : edges_of(open.front())) open.push_back(edge.holder);
  }
}

bool DeadlockSearch::is_stuck(Owner owner) const {
  const auto at = parties_.find(owner);
  return at != parties_.end() && at->second.stuck;
}

bool DeadlockSearch::waits_at(Owner owner, ObjectId object) const {
  return std::ranges::find(parties_.at(owner).waits, object, &Waiting::object) !=
         parties_.at(owner).waits.end();
}

bool DeadlockSearch::is_hopeless(const Waiting& waiting) const {
  const bool any = waiting.what.needs == WaitsFor::Needs::kAnyToLetGo;
  return server::is_hopeless(waiting.what, [&](Owner owner) {
    return is_stuck(owner) && !(any && waits_at(owner, waiting.object));
  });
}

void DeadlockSearch::let_go_on() {
  const auto hopeless = [this](const Waiting& waiting) { return is_hopeless(waiting); };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& [owner, party] : parties_) {
      if (!party.stuck || std::ranges::all_of(party.waits, hopeless)) continue;
      party.stuck = false;
      changed = true;
    }
  }
}

std::vector<DeadlockEdge> DeadlockSearch::edges_of(Owner owner) const {
  std::vector<DeadlockEdge> edges;
  for (const Waiting& waiting : parties_.at(owner).waits) {
    const auto add = [&](Owner holder, Time since, DeadlockEdge::Holds holds) {
      edges.push_back({.waiter = owner,
                       .shard = waiting.wait.shard,
                       .ticket = waiting.wait.ticket,
                       .object = waiting.object,
                       .since = waiting.since,
                       .holder = holder,
                       .held_since = since,
                       .holds = holds,
                       .until_granted = waiting.what.until_granted});
    };
    for (const Holding& holding : waiting.what.holders) {
      if (!holding.lease_ends) add(holding.owner, holding.since, DeadlockEdge::Holds::kTheObject);
    }
    for (const WaitsFor::Ahead& other : waiting.what.ahead)
      add(other.owner, other.since, DeadlockEdge::Holds::kAPlaceBefore);
  }
  return edges;
}

std::vector<DeadlockEdge> DeadlockSearch::cycle_through(Owner owner) {
  parties_.clear();
  explore(owner);
  let_go_on();
  if (!is_stuck(owner)) return {};
  absl::flat_hash_map<Owner, DeadlockEdge> way_to;
  std::deque<Owner> open{owner};
  for (; !open.empty() && !way_to.contains(owner); open.pop_front()) {
    for (const DeadlockEdge& edge : edges_of(open.front())) {
      if (is_stuck(edge.holder) && way_to.try_emplace(edge.holder, edge).second)
        open.push_back(edge.holder);
    }
  }
  std::vector<DeadlockEdge> cycle;
  if (!way_to.contains(owner)) return cycle;
  for (Owner at = owner; cycle.empty() || at != owner; at = cycle.back().waiter)
    cycle.push_back(way_to.at(at));
  std::ranges::reverse(cycle);
  return cycle;
}

}  // namespace mp::server
