#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "server/engine/section.h"

namespace mp::server {

class Engine;

// Removes the objects that nobody can reach: marks from the sessions' references, the waiters and
// the names, through whatever containers hold, and sweeps the rest. Cycles go too. The world stands
// still meanwhile.
class Collector {
 public:
  explicit Collector(Engine& engine) : engine_(engine) {}
  // Once. Returns how many it removed.
  std::uint64_t run();

 private:
  Section& section_of(ObjectId id);
  void mark(ObjectId id);
  void mark_waited_for_and_referred_to();
  void mark_named();
  void mark_what_containers_hold();
  std::vector<ObjectId> unmarked() const;

  Engine& engine_;
  Deliveries deliveries_;
  std::deque<Section> sections_;
  absl::flat_hash_set<ObjectId> marked_;
  std::vector<ObjectId> grey_;  // marked, and not looked into yet
};

}  // namespace mp::server
