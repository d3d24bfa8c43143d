#include <utility>

#include "server/engine/section.h"
#include "server/engine/shard_step.h"

// Waits during which their owners do nothing else: what may become a deadlock, and how it ends.

namespace mp::server {

void Section::begin_to_block(const HostedObject& hosted, Ticket ticket, CallId inside) {
  const Parked& parked = shard_.parked_.at(ticket);
  if (!parked.blocks_its_owner()) return;
  shard_.waits_.add(parked.origin.party(),
                    {.shard = shard_.index_,
                     .ticket = ticket,
                     .session = parked.origin.session,
                     .inside = inside},
                    hosted.object->waits_for(ticket));
}

void Section::refuse(Ticket ticket, v1::Error why) {
  const std::optional<Parked> parked = unpark(ticket);
  if (!parked) return;
  find(parked->object)->object->abandon(ticket);
  v1::Outcome outcome;
  outcome.set_seq(parked->origin.seq);
  *outcome.mutable_error() = std::move(why);
  deliver(outcome, parked->origin, {});
  settle(parked->object);
}

}  // namespace mp::server
