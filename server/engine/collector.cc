#include "server/engine/collector.h"

#include <deque>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "server/engine/engine.h"
#include "server/objects/error.h"

namespace mp::server {

std::uint64_t Collector::run() {
  Deliveries deliveries;
  std::deque<Section> sections;
  for (const auto& shard : engine_.shards()) sections.emplace_back(*shard, deliveries);

  absl::flat_hash_set<ObjectId> marked;
  std::vector<ObjectId> grey;
  const auto mark = [&](ObjectId id) {
    if (marked.insert(id).second) grey.push_back(id);
  };
  for (const Section& section : sections) {
    for (const auto& [id, hosted] : section.objects()) {
      if (!hosted.name.empty() || hosted.waiters != 0) mark(id);
    }
  }
  // References of sessions are counted in the section that delivers them, so none is on its way now.
  for (const auto& session : engine_.sessions().all()) session->visit_references(mark);
  while (!grey.empty()) {
    const ObjectId id = grey.back();
    grey.pop_back();
    Section& section = sections[Shard::index_of(id) % sections.size()];
    if (const HostedObject* hosted = section.find(id)) hosted->object->visit_refs(mark);
  }

  std::uint64_t removed = 0;
  const absl::Status why = error(v1::NO_SUCH_OBJECT, "the object was removed: nobody referred to it");
  for (Section& section : sections) {
    std::vector<ObjectId> garbage;
    for (const auto& [id, hosted] : section.objects()) {
      if (!marked.contains(id)) garbage.push_back(id);
    }
    for (const ObjectId id : garbage) section.remove(id, why);
    removed += garbage.size();
  }
  return removed;
}

}  // namespace mp::server
