#include "server/engine/shard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

// One event, with the shard's services behind it.
class ShardEvent final : public Event {
 public:
  ShardEvent(Section& section, const HostedObject& hosted)
      : Event(section.shard_.now_, section.shard_.limits_.objects), section_(section), hosted_(hosted) {}

  bool alive(SessionId session) const override {
    if (session == 0) return true;
    const auto at = section_.shard_.involved_.find(session);
    return at != section_.shard_.involved_.end() && !at->second.session->ended();
  }
  Ticket alarm(Time when) override {
    const Ticket ticket = ++section_.shard_.last_ticket_;
    section_.arm(when, ticket, hosted_.id);
    return ticket;
  }
  std::uint64_t next_token() override { return ++section_.shard_.last_token_; }
  bool room_for_waiter() const override {
    return hosted_.waiters < section_.shard_.limits_.max_waiters_per_object;
  }

 private:
  Section& section_;
  const HostedObject& hosted_;
};

void deliver(v1::Outcome& outcome, const Origin& origin, std::vector<Gift> gifts, Deliveries& deliveries) {
  if (origin.session) return origin.session->deliver(outcome, origin.port, std::move(gifts), deliveries);
  outcome.clear_retained();
  origin.port->append(outcome);
  for (const Gift& gift : gifts) origin.port->gave(gift, outcome);
  deliveries.add(origin.port);
}

Shard::Shard(std::uint32_t index, std::uint64_t epoch, const Clock& clock, const Limits& limits,
             std::function<void(Time)> on_earlier_deadline)
    : index_(index),
      clock_(clock),
      limits_(limits),
      on_earlier_deadline_(std::move(on_earlier_deadline)),
      last_id_(epoch << 16U),
      last_token_(epoch << 20U) {}

Section::Section(Shard& shard, Deliveries& deliveries) : shard_(shard), deliveries_(deliveries) {
  shard_.mutex_.lock();
  shard_.now_ = std::max(shard_.now_, shard_.clock_.now());  // never back
  expire_due();
}

Section::~Section() {
  publish_deadline();
  shard_.mutex_.unlock();
}

HostedObject* Section::find(ObjectId id) {
  const auto at = shard_.objects_.find(id);
  return at == shard_.objects_.end() ? nullptr : &at->second;
}

HostedObject* Section::find(const Target& target) {
  if (target.id != 0) return find(target.id);
  const auto at = shard_.names_.find(absl::string_view(target.name.data(), target.name.size()));
  return at == shard_.names_.end() ? nullptr : find(at->second);
}

HostedObject& Section::add(std::string_view name, std::unique_ptr<Object> object) {
  const ObjectId id = (++shard_.last_id_ << Shard::kIndexBits) | shard_.index_;
  HostedObject& hosted = shard_.objects_[id];
  hosted.id = id;
  hosted.name = std::string(name);
  hosted.object = std::move(object);
  if (!name.empty()) shard_.names_[hosted.name] = id;
  return hosted;
}

void Section::remove(ObjectId id, const absl::Status& why) {
  HostedObject* hosted = find(id);
  ShardEvent event(*this, *hosted);
  hosted->object->dissolve(why, event);
  complete(event);
  if (!hosted->name.empty()) shard_.names_.erase(hosted->name);
  for (auto& [session, involvement] : shard_.involved_) involvement.objects.erase(id);
  shard_.objects_.erase(id);
}

void Section::run(HostedObject& hosted, std::string_view service, const Operation& operation,
                  const google::protobuf::Message& request, google::protobuf::Message& reply,
                  v1::Outcome& outcome, const Origin& origin) {
  ShardEvent event(*this, hosted);
  const Ticket ticket = ++shard_.last_ticket_;
  Call call(event, origin.party(), ticket, outcome, nullptr);
  const absl::Status status = operation.run(*hosted.object, request, reply, call);
  if (status.ok() && call.parked()) {
    shard_.parked_[ticket] = {.object = hosted.id, .origin = origin, .service = service,
                              .operation = &operation, .since = now(), .deadline = call.deadline()};
    ++hosted.waiters;
    if (origin.session) involve(origin.session, hosted.id);
    if (origin.session && origin.seq != 0) origin.session->waits(origin.seq, shard_index(), origin.port, hosted.id, ticket);
    origin.port->parked(shard_index(), ticket);
    if (call.deadline()) {
      // Parked first, armed second, and expired at once where there is no time: a timer that fires before its waiter
      // is known would leave it waiting for ever.
      arm(*call.deadline(), ticket, hosted.id);
      if (*call.deadline() <= now()) hosted.object->expire(ticket, event);
    }
  } else {
    if (!status.ok()) call.answer().fail(status);
    const bool gives = status.ok() && operation.effect == Effect::kGives;
    if (gives && origin.session) involve(origin.session, hosted.id);
    std::vector<Gift> gifts;
    if (gives) gifts.push_back({hosted.id, origin.party(), {}});
    deliver(outcome, origin, std::move(gifts), deliveries_);
  }
  if (hosted.waiters != 0) hosted.object->settle(event);
  complete(event);
}

absl::Status Section::run_in_batch(HostedObject& hosted, const Operation& operation,
                                   const google::protobuf::Message& request,
                                   google::protobuf::Message& reply, v1::Outcome& outcome, Owner owner,
                                   UndoLog& undo) {
  ShardEvent event(*this, hosted);
  Call call(event, owner, ++shard_.last_ticket_, outcome, &undo);
  return operation.run(*hosted.object, request, reply, call);
}

void Section::settle(ObjectId id) {
  HostedObject* hosted = find(id);
  if (hosted == nullptr || hosted->waiters == 0) return;
  ShardEvent event(*this, *hosted);
  hosted->object->settle(event);
  complete(event);
}

void Section::involve(const std::shared_ptr<Session>& session, ObjectId object) {
  Shard::Involvement& involvement = shard_.involved_[session->id()];
  involvement.session = session;
  involvement.objects.insert(object);
}

void Section::complete(ShardEvent& event) {
  for (Event::Ready& ready : event.ready()) {
    const auto at = shard_.parked_.find(ready.ticket);
    if (at == shard_.parked_.end()) continue;
    const Parked parked = std::move(at->second);
    shard_.parked_.erase(at);
    if (HostedObject* hosted = find(parked.object)) --hosted->waiters;
    ready.outcome.set_seq(parked.origin.seq);
    std::vector<Gift> gifts;
    if (!ready.outcome.has_error() && parked.operation->effect == Effect::kGives) {
      gifts.push_back({parked.object, parked.origin.party(), {}});
    }
    deliver(ready.outcome, parked.origin, std::move(gifts), deliveries_);
  }
  event.ready().clear();
}

bool Section::abandon(Ticket ticket) {
  const auto at = shard_.parked_.find(ticket);
  if (at == shard_.parked_.end()) return false;
  const ObjectId id = at->second.object;
  shard_.parked_.erase(at);
  HostedObject* hosted = find(id);
  --hosted->waiters;
  hosted->object->abandon(ticket);
  settle(id);
  return true;
}

void Section::take_back(const Gift& gift, const v1::Outcome& outcome) {
  HostedObject* hosted = find(gift.object);
  if (hosted == nullptr) return;
  const v1::Outcome& given = gift.operation ? outcome.batch().outcomes(*gift.operation) : outcome;
  hosted->object->take_back(given, gift.owner);
  settle(gift.object);
}

void Section::end_session(SessionId session) {
  const auto at = shard_.involved_.find(session);
  if (at == shard_.involved_.end()) return;
  // In order of id, so that the result does not depend on the hash table.
  std::vector<ObjectId> ids(at->second.objects.begin(), at->second.objects.end());
  std::sort(ids.begin(), ids.end());
  for (const ObjectId id : ids) {
    HostedObject* hosted = find(id);
    if (hosted == nullptr) continue;
    ShardEvent event(*this, *hosted);
    hosted->object->owner_gone(session, event);
    answer_ended(*hosted, session);
    hosted->object->settle(event);
    complete(event);
  }
  shard_.involved_.erase(session);
}

// What a session waits for when it ends is answered too: a unary call would wait for ever.
void Section::answer_ended(HostedObject& hosted, SessionId session) {
  std::vector<Ticket> tickets;
  for (const auto& [ticket, parked] : shard_.parked_) {
    if (parked.object == hosted.id && parked.origin.party().session == session) tickets.push_back(ticket);
  }
  std::sort(tickets.begin(), tickets.end());
  for (const Ticket ticket : tickets) {
    const Origin origin = std::move(shard_.parked_.extract(ticket).mapped().origin);
    --hosted.waiters;
    v1::Outcome outcome;
    outcome.set_seq(origin.seq);
    *outcome.mutable_error() = to_wire(error(v1::SESSION_EXPIRED, "the session ended while the command waited"));
    deliver(outcome, origin, {}, deliveries_);
  }
}

void Section::dissolve_waiters(const absl::Status& why) {
  std::vector<ObjectId> ids;
  for (const auto& [ticket, parked] : shard_.parked_) ids.push_back(parked.object);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (const ObjectId id : ids) {
    HostedObject* hosted = find(id);
    ShardEvent event(*this, *hosted);
    hosted->object->dissolve(why, event);
    complete(event);
  }
}

void Section::arm(Time when, Ticket ticket, ObjectId object) {
  shard_.timers_.push({when, ticket, object});
  drop_surplus_timers();
}

void Section::expire_due() {
  while (!shard_.timers_.empty() && shard_.timers_.top().when <= shard_.now_) {
    const Shard::Timer timer = shard_.timers_.top();
    shard_.timers_.pop();
    HostedObject* hosted = find(timer.object);
    if (hosted == nullptr) continue;
    ShardEvent event(*this, *hosted);
    hosted->object->expire(timer.ticket, event);  // an absent waiter is no error
    hosted->object->settle(event);
    complete(event);
  }
}

// Timers of waiters that were served stay in the heap. When it has doubled, only those that somebody waits for are kept.
void Section::drop_surplus_timers() {
  if (shard_.timers_.size() <= shard_.timers_bound_) return;
  decltype(shard_.timers_) kept;
  for (; !shard_.timers_.empty(); shard_.timers_.pop()) {
    const Shard::Timer& timer = shard_.timers_.top();
    const HostedObject* hosted = find(timer.object);
    if (hosted == nullptr) continue;
    if (shard_.parked_.contains(timer.ticket) || hosted->object->awaits_alarm(timer.ticket)) kept.push(timer);
  }
  shard_.timers_ = std::move(kept);
  shard_.timers_bound_ = std::max<std::size_t>(1024, 2 * shard_.timers_.size());
}

void Section::publish_deadline() {
  const Time next = shard_.timers_.empty() ? Time::max() : shard_.timers_.top().when;
  const Duration::rep count = std::chrono::duration_cast<Duration>(next.time_since_epoch()).count();
  const Duration::rep before = shard_.next_deadline_.load(std::memory_order_relaxed);
  if (count == before) return;
  shard_.next_deadline_.store(count, std::memory_order_release);
  if (count < before) shard_.on_earlier_deadline_(next);
}

}  // namespace mp::server
