#pragma once

#include <deque>

#include "server/engine/engine.h"
#include "server/engine/section.h"

namespace mp::server {

// The sections of all shards at once, entered in order, for what concerns the manager as a whole.
// The world stands still meanwhile.
class EverySection {
 public:
  EverySection(Engine& engine, Deliveries& deliveries) : engine_(engine) {
    for (const auto& shard : engine.shards()) sections_.emplace_back(*shard, deliveries);
  }

  Section& of(const Target& target) { return sections_[engine_.shard_of(target).index()]; }
  Section& at(std::uint32_t shard) { return sections_[shard]; }
  Section& of(ObjectId id) { return of(Target{.name = {}, .id = id}); }
  auto begin() { return sections_.begin(); }
  auto end() { return sections_.end(); }
  auto begin() const { return sections_.begin(); }
  auto end() const { return sections_.end(); }

 private:
  Engine& engine_;
  std::deque<Section> sections_;
};

}  // namespace mp::server
