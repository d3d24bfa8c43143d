#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "server/engine/deadlock_text.h"
#include "server/engine/inspection.h"
#include "server/engine/page.h"

// Who waits for whom, as an operator sees it.

namespace mp::server {
namespace {

// Operations on these may wait for a holder; others wait for anybody.
bool may_wait_for_holders(const Parked& parked) {
  switch (parked.kind->kind) {
    case Kind::kLock:
    case Kind::kRLock:
    case Kind::kRWLock:
    case Kind::kSemaphore:
    case Kind::kCondition:
    case Kind::kCustom:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Inspection::add_edges(Section& section, Ticket ticket, std::size_t most,
                           v1::WaitForGraphReply& reply) const {
  const auto at = section.parked().find(ticket);
  if (at == section.parked().end()) return;  // its wait has ended meanwhile
  const Parked& parked = at->second;
  const HostedObject& hosted = *section.find(parked.object);
  const WaitsFor what = hosted.object->waits_for(ticket);
  const bool wait_ends = !parked.blocks_its_owner() || (parked.deadline && !what.until_granted);
  for (const Holding& holding : what.holders) {
    const Owner holder = engine_.deadlocks().waits().known(holding.owner);
    if (holder.session == kThreadOfCall) continue;  // a method that runs, and waits for nobody
    if (static_cast<std::size_t>(reply.edges_size()) == most) return reply.set_more(true);
    v1::WaitFor& edge = *reply.add_edges();
    *edge.mutable_waiter() = party_of(parked.origin.party(), engine_.sessions());
    *edge.mutable_waiting_since() = wall_.of(parked.since);
    edge.set_object(hosted.id);
    edge.set_name(hosted.name);
    edge.set_kind(std::string(name_of(hosted.object->kind())));
    *edge.mutable_holder() = party_of(holder, engine_.sessions());
    *edge.mutable_held_since() = wall_.of(holding.since);
    edge.set_ends_by_itself(wait_ends || holding.lease_ends);
  }
}

absl::Status Inspection::wait_for_graph(const v1::WaitForGraphRequest& request,
                                        v1::WaitForGraphReply& reply) {
  using Waits = Page<std::tuple<Time, std::uint32_t, Ticket>, Shard*>;
  Waits waits(request.limit());
  for (const auto& shard : engine_.shards()) {
    Deliveries deliveries;
    const Section section(*shard, deliveries);
    for (const auto& [ticket, parked] : section.parked()) {
      const std::tuple key(parked.since, shard->index(), ticket);
      if (may_wait_for_holders(parked) && waits.wants(key)) waits.add(key, shard.get());
    }
  }
  reply.set_more(waits.more());
  for (const auto& [key, shard] : waits.take()) {
    Deliveries deliveries;
    Section section(*shard, deliveries);
    add_edges(section, std::get<Ticket>(key), waits.limit(), reply);
  }
  engine_.deadlocks().list(reply);
  return absl::OkStatus();
}

}  // namespace mp::server
