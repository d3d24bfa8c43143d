#include "server/objects/rwlock.h"

namespace mp::server {

WaitsFor RWLock::waits_for(Ticket ticket) const {
  const auto* waiter = waiters_.find_from_end(ticket);
  if (waiter == nullptr) return {};
  WaitsFor wait{.holders = holders(), .ahead = {}};
  if (waiter->detail.access == Access::kWrite) return wait;
  if (writer_) {
    wait.holders.resize(1);  // that it reads too keeps no reader out
    return wait;
  }
  for (const auto& other : waiters_) {
    if (other.ticket == ticket) break;
    if (other.detail.access == Access::kWrite)
      wait.ahead.push_back({other.ticket, other.owner, other.detail.since});
  }
  return wait;
}

}  // namespace mp::server
