#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "server/engine/every_section.h"

namespace mp::server {

// Removes the objects that nobody can reach: marks from the sessions' references, the waiters and
// the names, through whatever containers hold, and sweeps the rest. Cycles go too. The world stands
// still meanwhile.
class Collector {
 public:
  explicit Collector(Engine& engine) : engine_(engine), sections_(engine, deliveries_) {}
  // Once. Returns how many it removed.
  std::uint64_t run();

 private:
  void mark(ObjectId id);
  void mark_waited_for_and_referred_to();
  void mark_named();
  void mark_what_containers_hold();
  std::vector<ObjectId> unmarked() const;

  Engine& engine_;
  Deliveries deliveries_;
  EverySection sections_;
  absl::flat_hash_set<ObjectId> marked_;
  std::vector<ObjectId> grey_;  // marked, and not looked into yet
};

}  // namespace mp::server
