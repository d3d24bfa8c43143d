#pragma once

#include "server/engine/section.h"

namespace mp::server {

// One step, with the shard's services behind it.
class ShardStep final : public Step {
 public:
  ShardStep(Section& section, const HostedObject& hosted)
      : Step(section.now(), section.shard_.limits_.objects),
        shard_(section.shard_),
        hosted_(hosted) {}

  bool alive(SessionId session) const override {
    if (session == 0) return true;
    const auto at = shard_.involved_.find(session);
    return at != shard_.involved_.end() && !at->second.session->ended();
  }
  Ticket alarm(Time when, std::uint64_t object) override {
    const Ticket ticket = ++shard_.last_ticket_;
    shard_.timers_.add({when, ticket, object == 0 ? hosted_.id : object});
    return ticket;
  }
  void stands_in_line(Ticket ticket) override {
    const auto at = shard_.parked_.find(ticket);
    if (at != shard_.parked_.end() && at->second.blocks_its_owner())
      shard_.waits_.suspect(at->second.origin.party());
  }
  std::uint64_t next_token() override { return ++shard_.last_token_; }
  bool room_for_waiter() const override {
    return hosted_.waiters < shard_.limits_.max_waiters_per_object;
  }

 private:
  Shard& shard_;
  const HostedObject& hosted_;
};

}  // namespace mp::server
