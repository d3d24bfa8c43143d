#include "server/engine/session.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

absl::Status kept_too_much() {
  return error(v1::LIMIT_EXCEEDED,
               "the session has not acknowledged too many outcomes (limit --max-kept-bytes); "
               "nothing was changed");
}

v1::ClientInfo Session::client() const {
  const MutexLock lock(mutex_);
  return client_;
}

std::string Session::lane() const {
  const MutexLock lock(mutex_);
  return lane_;
}

void Session::adopt(const v1::ClientInfo& client, std::string lane) {
  const MutexLock lock(mutex_);
  client_ = client;
  lane_ = std::move(lane);
}

Session::Admission Session::admit(std::uint64_t seq, Kind kind, std::uint32_t shard,
                                  const std::shared_ptr<Port>& port, Deliveries& deliveries) {
  const MutexLock lock(mutex_);
  switch (outcomes_.admit(seq)) {
    case KeptOutcomes::Admission::kNew: {
      if (kind == Kind::kRead) return Admission::kRun;
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
  if (pending.done()) {
    port->append_bytes(pending.outcome);
    deliveries.add(port);
  } else if (place_of(port) >= place_of(pending.port)) {
    pending.port = port;
  }
  return Admission::kDuplicate;
}

std::ptrdiff_t Session::place_of(const std::shared_ptr<Port>& connection) const {
  const auto at = std::ranges::find_if(connections_, [&](const std::weak_ptr<Port>& weak) {
    return !weak.owner_before(connection) && !connection.owner_before(weak);
  });
  return at == connections_.end() ? -1 : at - connections_.begin();
}

bool Session::knows(std::uint64_t seq) const {
  const MutexLock lock(mutex_);
  return outcomes_.admit(seq) != KeptOutcomes::Admission::kNew;
}

void Session::waits(std::uint64_t seq, Ticket ticket) {
  const MutexLock lock(mutex_);
  if (Pending* pending = outcomes_.find(seq)) pending->ticket = ticket;
}

void Session::deliver(v1::Outcome& outcome, const std::shared_ptr<Port>& port, std::uint32_t shard,
                      std::vector<Gift> gifts, Deliveries& deliveries) {
  if (const std::uint64_t events = watch_events(); events != 0) outcome.set_watch_events(events);
  const MutexLock lock(mutex_);
  for (const ObjectId id : outcome.retained()) ++references_[id];
  const std::uint64_t seq = outcome.seq();
  Pending* pending = seq == 0 ? nullptr : outcomes_.find(seq);
  if (pending == nullptr && outcome.retained_size() != 0 && seq != 0 &&
      outcomes_.admit(seq) == KeptOutcomes::Admission::kNew) {
    pending = &outcomes_.begin(seq);
    pending->port = port;
    pending->shard = shard;
  }
  if (pending == nullptr || pending->done()) {
    port->append(outcome);
    for (const Gift& gift : gifts) port->gave(gift, outcome);
    deliveries.add(port);
    return;
  }
  keep(*pending, outcome.SerializeAsString(), std::move(gifts), deliveries);
}

void Session::deliver_bytes(std::uint64_t seq, std::string outcome,
                            const std::shared_ptr<Port>& port, Deliveries& deliveries) {
  const MutexLock lock(mutex_);
  Pending* pending = seq == 0 ? nullptr : outcomes_.find(seq);
  if (pending != nullptr && !pending->done())
    return keep(*pending, std::move(outcome), {}, deliveries);
  port->append_bytes(outcome);
  deliveries.add(port);
}

void Session::keep(Pending& pending, std::string outcome, std::vector<Gift> gifts,
                   Deliveries& deliveries) {
  pending.port->append_bytes(outcome);  // a resend may have moved it
  deliveries.add(pending.port);
  outcomes_.finish(pending, std::move(outcome), std::move(gifts));
}

void Session::acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered) {
  const MutexLock lock(mutex_);
  outcomes_.acknowledge(lowest, unanswered);
}

bool Session::forget_unbegun(std::uint64_t seq) {
  const MutexLock lock(mutex_);
  if (outcomes_.admit(seq) != KeptOutcomes::Admission::kNew) return false;
  outcomes_.forget(seq);
  return true;
}

std::optional<std::uint32_t> Session::shard_of(std::uint64_t seq) const {
  const MutexLock lock(mutex_);
  const Pending* pending = outcomes_.find(seq);
  if (pending == nullptr) return std::nullopt;
  return pending->shard;
}

Ticket Session::ticket_of(std::uint64_t seq) const {
  const MutexLock lock(mutex_);
  const Pending* pending = outcomes_.find(seq);
  return pending == nullptr ? 0 : pending->ticket;
}

void Session::forget(std::uint64_t seq) {
  const MutexLock lock(mutex_);
  outcomes_.forget(seq);
}

std::optional<Session::Given> Session::gift_of(std::uint64_t seq) const {
  const MutexLock lock(mutex_);
  const Pending* pending = outcomes_.find(seq);
  if (pending == nullptr || pending->gifts.size() != 1 || pending->gifts.front().operation)
    return std::nullopt;
  return Given{pending->gifts, pending->outcome};
}

std::vector<Session::Given> Session::unacknowledged(
    const absl::flat_hash_set<ObjectId>& objects) const {
  const MutexLock lock(mutex_);
  std::vector<Given> all;
  for (const auto& [seq, pending] : std::views::reverse(outcomes_.pending())) {
    std::vector<Gift> gifts = pending.gifts;
    std::erase_if(gifts, [&](const Gift& gift) { return !objects.contains(gift.object); });
    if (gifts.empty()) continue;
    std::reverse(gifts.begin(), gifts.end());
    all.push_back({std::move(gifts), pending.outcome});
  }
  return all;
}

absl::Status Session::require_reference_room() const {
  const MutexLock lock(mutex_);
  if (references_.size() >= limits_.max_references) {
    return error(v1::LIMIT_EXCEEDED,
                 absl::StrCat("the session refers to ", references_.size(),
                              " objects and may refer to no more (limit --max-references)"));
  }
  if (outcomes_.bytes() > limits_.max_kept_bytes) return kept_too_much();
  return absl::OkStatus();
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
  absl::flat_hash_map<ObjectId, std::uint32_t> references;
  {
    const MutexLock lock(parent.mutex_);
    references = parent.references_;  // with their counts: the child has a copy of every proxy
  }
  const MutexLock lock(mutex_);
  references_ = std::move(references);
}

void Session::refer_to(std::span<const ObjectId> objects) {
  const MutexLock lock(mutex_);
  for (const ObjectId id : objects) ++references_[id];
}

void Session::visit_references(const std::function<void(ObjectId, std::uint32_t)>& visit) const {
  const MutexLock lock(mutex_);
  for (const auto& [id, count] : references_) visit(id, count);
}

std::uint32_t Session::references_to(ObjectId id) const {
  const MutexLock lock(mutex_);
  const auto at = references_.find(id);
  return at == references_.end() ? 0 : at->second;
}

Session::Numbers Session::numbers() const {
  const MutexLock lock(mutex_);
  const auto is_done = [](const auto& entry) { return entry.second.done(); };
  return {.references = references_.size(),
          .kept = static_cast<std::size_t>(
              std::count_if(outcomes_.pending().begin(), outcomes_.pending().end(), is_done)),
          .kept_bytes = outcomes_.bytes(),
          .intervals = outcomes_.intervals(),
          .connections = connections_.size()};
}

void Session::attach(const std::shared_ptr<Port>& connection) {
  {
    const MutexLock lock(mutex_);
    if (!closed_) return connections_.push_back(connection);
  }
  connection->session_over();
}

bool Session::detach(const Port* connection) {
  const MutexLock lock(mutex_);
  std::erase_if(connections_, [&](const std::weak_ptr<Port>& weak) {
    const auto port = weak.lock();
    return port == nullptr || port.get() == connection;
  });
  return connections_.empty();
}

void Session::close() {
  std::vector<std::weak_ptr<Port>> connections;
  {
    const MutexLock lock(mutex_);
    connections.swap(connections_);
    closed_ = true;
    outcomes_ = {};
  }
  for (const std::weak_ptr<Port>& weak : connections) {
    if (const auto port = weak.lock()) port->session_over();
  }
}

}  // namespace mp::server
