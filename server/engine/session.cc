#include "server/engine/session.h"

#include <utility>

namespace mp::server {

v1::ClientInfo Session::client() const {
  const MutexLock lock(mutex_);
  return identity_.client;
}

std::string Session::lane() const {
  const MutexLock lock(mutex_);
  return identity_.lane;
}

void Session::adopt(const v1::ClientInfo& client, std::string lane) {
  const MutexLock lock(mutex_);
  identity_.client = client;
  identity_.lane = std::move(lane);
}

Session::Admission Session::admit(std::uint64_t seq, std::uint32_t shard, const std::shared_ptr<Port>& port,
                                  Deliveries& deliveries) {
  const MutexLock lock(mutex_);
  switch (outcomes_.admit(seq)) {
    case KeptOutcomes::Admission::kNew: {
      if (outcomes_.bytes() > limits_.max_kept_bytes) return Admission::kKeptTooMuch;
      Pending& pending = outcomes_.begin(seq);
      pending.port = port;
      pending.shard = shard;
      return Admission::kRun;
    }
    case KeptOutcomes::Admission::kForgotten:
      return Admission::kDuplicate;
    case KeptOutcomes::Admission::kPending:
      break;
  }
  Pending& pending = *outcomes_.find(seq);
  pending.port = port;
  if (!pending.outcome.empty()) {
    port->append_bytes(pending.outcome);
    deliveries.add(port);
  }
  return Admission::kDuplicate;
}

bool Session::knows(std::uint64_t seq) const {
  const MutexLock lock(mutex_);
  return outcomes_.admit(seq) != KeptOutcomes::Admission::kNew;
}

void Session::waits(std::uint64_t seq, std::uint32_t shard, const std::shared_ptr<Port>& port,
                    ObjectId object, Ticket ticket) {
  const MutexLock lock(mutex_);
  Pending& pending = outcomes_.begin(seq);
  pending.port = port;
  pending.shard = shard;
  pending.object = object;
  pending.ticket = ticket;
}

void Session::deliver(v1::Outcome& outcome, const std::shared_ptr<Port>& port, std::vector<Gift> gifts,
                      Deliveries& deliveries) {
  const MutexLock lock(mutex_);
  for (const ObjectId id : outcome.retained()) ++references_[id];
  if (const Pending* pending = outcome.seq() == 0 ? nullptr : outcomes_.find(outcome.seq())) {
    const std::shared_ptr<Port> destination = pending->port;  // a resend may have moved it
    std::string bytes = outcome.SerializeAsString();
    destination->append_bytes(bytes);
    outcomes_.finish(outcome.seq(), std::move(bytes), std::move(gifts));
    deliveries.add(destination);
  } else {
    port->append(outcome);
    for (const Gift& gift : gifts) port->gave(gift, outcome);
    deliveries.add(port);
  }
}

void Session::acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered) {
  const MutexLock lock(mutex_);
  outcomes_.acknowledge(lowest, unanswered);
}

std::optional<Pending> Session::pending(std::uint64_t seq) const {
  const MutexLock lock(mutex_);
  const auto at = outcomes_.pending().find(seq);
  if (at == outcomes_.pending().end()) return std::nullopt;
  return at->second;
}

void Session::forget(std::uint64_t seq) {
  const MutexLock lock(mutex_);
  outcomes_.forget(seq);
}

std::vector<std::pair<Gift, std::string>> Session::unacknowledged_gifts() const {
  const MutexLock lock(mutex_);
  std::vector<std::pair<Gift, std::string>> gifts;
  for (auto at = outcomes_.pending().rbegin(); at != outcomes_.pending().rend(); ++at) {
    for (const Gift& gift : at->second.gifts) gifts.emplace_back(gift, at->second.outcome);
  }
  return gifts;
}

bool Session::retain(ObjectId id, std::uint32_t count) {
  const MutexLock lock(mutex_);
  if (references_.size() >= limits_.max_references && !references_.contains(id)) return false;
  references_[id] += count;
  return true;
}

void Session::release(ObjectId id, std::uint32_t count) {
  const MutexLock lock(mutex_);
  const auto at = references_.find(id);
  if (at == references_.end()) return;
  if (at->second <= count) {
    references_.erase(at);
  } else {
    at->second -= count;
  }
}

void Session::inherit_references(const Session& parent) {
  std::vector<ObjectId> ids;
  parent.visit_references([&](ObjectId id) { ids.push_back(id); });
  const MutexLock lock(mutex_);
  for (const ObjectId id : ids) references_[id] = 1;
}

void Session::visit_references(const std::function<void(ObjectId)>& visit) const {
  const MutexLock lock(mutex_);
  for (const auto& [id, count] : references_) visit(id);
}

Session::Numbers Session::numbers() const {
  const MutexLock lock(mutex_);
  Numbers numbers{.references = references_.size(), .waiting = 0, .kept = 0,
                  .kept_bytes = outcomes_.bytes(), .intervals = outcomes_.intervals(), .connections = connections_.size()};
  for (const auto& [seq, pending] : outcomes_.pending()) {
    ++(pending.outcome.empty() ? numbers.waiting : numbers.kept);
  }
  return numbers;
}

void Session::attach(const std::shared_ptr<Port>& connection) {
  const MutexLock lock(mutex_);
  connections_.push_back(connection);
}

bool Session::detach(const Port* connection) {
  const MutexLock lock(mutex_);
  std::erase_if(connections_, [&](const std::weak_ptr<Port>& weak) {
    const auto port = weak.lock();
    return port == nullptr || port.get() == connection;
  });
  return connections_.empty();
}

void Session::close_connections() {
  std::vector<std::weak_ptr<Port>> connections;
  {
    const MutexLock lock(mutex_);
    connections.swap(connections_);
  }
  for (const std::weak_ptr<Port>& weak : connections) {
    if (const auto port = weak.lock()) port->session_over();
  }
}

}  // namespace mp::server
