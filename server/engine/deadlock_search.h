#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/engine/section.h"
#include "server/engine/wait_for_graph.h"

namespace mp::server {

// A wait, and one who stands in its way.
struct DeadlockEdge {
  Owner waiter;
  std::uint32_t shard = 0;
  Ticket ticket = 0;
  ObjectId object = 0;
  Time since;
  Owner holder;
  Time held_since;
  enum class Holds : std::uint8_t { kTheObject, kAPlaceBefore } holds = Holds::kTheObject;
  bool until_granted = false;  // the command can't be refused
};

// Goes from one who waits to whom it waits for, and on from there, and finds out whether that leads
// back.
//
// Who waits in several commands at once goes on when one of them does. So an owner is stuck if all
// of its waits are hopeless (wait_for_graph.h), and that is asked of all whom it depends on
// together: first all are held to be stuck, then one after the other is not.
class DeadlockSearch {
 public:
  // Calls it inside the section of the shard.
  using Look = std::function<void(std::uint32_t shard, const std::function<void(Section&)>&)>;
  DeadlockSearch(const WaitForGraph& graph, Look look) : graph_(graph), look_(std::move(look)) {}

  // A shortest cycle from this owner back to it, of those who are stuck; empty if there is none.
  // One who waits for others' deadlock is in no cycle.
  std::vector<DeadlockEdge> cycle_through(Owner owner);

 private:
  struct Waiting {
    WaitForGraph::Wait wait;
    ObjectId object = 0;
    Time since;
    WaitsFor what;
  };
  struct Party {
    std::vector<Waiting> waits;
    bool stuck = true;
  };

  void explore(Owner from);
  bool look_at_waits(Owner owner, Party& party);
  std::optional<Waiting> look_at(const WaitForGraph::Wait& wait) const;
  void let_go_on();
  bool is_stuck(Owner owner) const;
  bool waits_at(Owner owner, ObjectId object) const;
  bool is_hopeless(const Waiting& waiting) const;
  std::vector<DeadlockEdge> edges_of(Owner owner) const;

  const WaitForGraph& graph_;
  const Look look_;
  absl::flat_hash_map<Owner, Party> parties_;
};

}  // namespace mp::server
