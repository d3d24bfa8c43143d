#include <algorithm>
#include <utility>
#include <vector>

#include "server/engine/section.h"
#include "server/engine/shard_step.h"
#include "server/objects/error.h"

// What comes back: of an outcome that never arrived, of a session that has ended, at a shutdown.

namespace mp::server {

namespace {

const v1::Outcome& given_by(const Gift& gift, const v1::Outcome& outcome) {
  return gift.operation ? outcome.batch().outcomes(*gift.operation) : outcome;
}

// In their order, so that no result depends on the hash table.
std::vector<std::uint64_t> sorted(const absl::flat_hash_set<std::uint64_t>& set) {
  std::vector<std::uint64_t> all(set.begin(), set.end());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

void Section::take_back(const Gift& gift, const v1::Outcome& outcome) {
  if (HostedObject* hosted = find(gift.object)) {
    hosted->object->take_back(given_by(gift, outcome), gift.owner);
    settle(gift.object);
  }
  if (gift.operation)
    return;  // the rest of the batch stands, and references are granted by the whole
  const auto at = shard_.involved_.find(gift.owner.session);
  if (at == shard_.involved_.end()) return;
  for (const ObjectId id : outcome.retained()) at->second.session->release(id);
}

void Section::end_session(const Session& session, Ending ending) {
  const auto node = shard_.involved_.extract(session.id());
  if (node.empty()) return;
  const Involvement& involvement = node.mapped();
  // Answered, since a unary call would wait for ever.
  const absl::Status why = error(v1::SESSION_EXPIRED, "the session ended while the command waited");
  for (const Ticket ticket : sorted(involvement.waiting)) reject(ticket, why);

  absl::flat_hash_map<ObjectId, std::vector<std::pair<Gift, v1::Outcome>>> given;
  for (const Session::Given& each : session.unacknowledged(involvement.objects)) {
    v1::Outcome outcome;
    outcome.ParseFromString(each.outcome);
    for (const Gift& gift : each.gifts)
      given[gift.object].emplace_back(gift, given_by(gift, outcome));
  }
  for (const ObjectId id : sorted(involvement.objects)) {
    HostedObject* hosted = find(id);
    if (hosted == nullptr) continue;
    // What it held goes first, as its owner's: that a grant was never acknowledged does not say
    // that nobody used it, and the next owner must know. And all comes back before anybody is
    // served, so that items keep their order.
    use(*hosted);
    ShardStep step(*this, *hosted);
    if (ending == Ending::kClosed) {
      hosted->object->owner_closed(session.id(), step);
    } else {
      hosted->object->owner_gone(session.id(), step);
    }
    for (const auto& [gift, outcome] : given[id]) hosted->object->take_back(outcome, gift.owner);
    hosted->object->settle(step);
    complete(step);
    tell_watches(*hosted->object);
  }
}

void Section::dissolve_waiters(const absl::Status& why) {
  absl::flat_hash_set<ObjectId> ids;
  for (const auto& [ticket, parked] : shard_.parked_) ids.insert(parked.object);
  for (const ObjectId id : sorted(ids)) {
    HostedObject* hosted = find(id);
    ShardStep step(*this, *hosted);
    hosted->object->dissolve(why, step);
    complete(step);
  }
}

}  // namespace mp::server
